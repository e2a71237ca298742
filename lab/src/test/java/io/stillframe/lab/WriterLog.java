package io.stillframe.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/** What the writers in a guest have reported so far: {@code vda stall 57021 8812}. */
record WriterLog(List<String[]> lines) {
    /** A disk stood still for at least 10 ms; the last record written before. */
    record Stall(Duration length, long lastSeq) {}

    static WriterLog read(Path file) {
        try {
            String text = Files.readString(file);
            // the last line may be on its way
            return new WriterLog(text.substring(0, text.lastIndexOf('\n') + 1)
                    .lines()
                    .map(line -> line.split(" "))
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The writers that ever reported. */
    List<String> writers() {
        return lines.stream().map(line -> line[0]).distinct().sorted().toList();
    }

    /** The records of a disk that a beat was told of, in time's order. */
    List<Long> beats(String writer) {
        return of(writer, "beat").map(line -> Long.parseLong(line[2])).toList();
    }

    List<Stall> stalls(String writer) {
        return of(writer, "stall")
                .map(line ->
                        new Stall(Duration.of(Long.parseLong(line[2]), ChronoUnit.MICROS), Long.parseLong(line[3])))
                .toList();
    }

    /** The first record of each boot. */
    List<Long> starts(String writer) {
        return of(writer, "start").map(line -> Long.parseLong(line[2])).toList();
    }

    /** What a writer ended of, where one did. */
    List<String> errors() {
        return lines.stream()
                .filter(line -> line[1].equals("error"))
                .map(line -> String.join(" ", line))
                .toList();
    }

    private Stream<String[]> of(String writer, String what) {
        return lines.stream().filter(line -> line[0].equals(writer) && line[1].equals(what));
    }
}
