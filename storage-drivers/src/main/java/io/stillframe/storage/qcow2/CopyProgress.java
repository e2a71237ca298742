package io.stillframe.storage.qcow2;

import io.stillframe.storage.Meter;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code qemu-img -p} prints while it works, over and over on one line: {@code (12.34/100%)}. */
final class CopyProgress implements Consumer<String> {
    private static final Pattern PERCENT = Pattern.compile("\\((\\d{1,3})\\.(\\d\\d)/100%\\)");
    /** The meter is told hundredths of a percent. */
    private static final int WHOLE = 100 * 100;
    /** More than a piece of output that tells nothing yet. */
    private static final int MAX_REST = 100;

    private final Meter meter;
    private String rest = "";

    CopyProgress(Meter meter) {
        this.meter = meter;
    }

    @Override
    public void accept(String piece) {
        String text = rest + piece;
        Matcher found = PERCENT.matcher(text);
        int end = 0;
        while (found.find()) {
            end = found.end();
            long done = Integer.parseInt(found.group(1)) * 100L + Integer.parseInt(found.group(2));
            meter.at(Math.min(done, WHOLE), WHOLE);
        }
        rest = text.substring(Math.max(end, text.length() - MAX_REST));
    }
}
