package io.stillframe.storage.lvm;

import io.stillframe.storage.block.Patience;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Block devices by path. */
final class FakeDevices implements BlockDevices {
    final Map<String, String> numbers = new HashMap<>();
    final Set<String> others = new HashSet<>();
    final List<String> synced = new ArrayList<>();

    @Override
    public Optional<String> number(Path path) {
        return Optional.ofNullable(numbers.get(path.toString()));
    }

    @Override
    public boolean isMapped(Path path) {
        return path.startsWith("/dev/mapper");
    }

    @Override
    public boolean isOther(Path path) {
        return others.contains(path.toString());
    }

    @Override
    public void sync(Path path) {
        synced.add(path.toString());
    }

    @Override
    public Patience patience() {
        return new Patience(2);
    }
}
