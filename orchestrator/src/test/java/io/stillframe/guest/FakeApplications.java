package io.stillframe.guest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The applications of a {@link FakeGuest} and the kit's script that tells them: who holds by which name, and whether all of
 * them held at the moment of the snapshot, which is what the class {@code application} claims. Its guest keeps the threads
 * apart.
 */
public final class FakeApplications {
    private final Map<String, Hold> holds = new LinkedHashMap<>();
    private final Set<String> failing = new HashSet<>();
    private final Set<String> installed = new LinkedHashSet<>();
    /** Of each name what held when the snapshot was taken, and from then on until it was released. */
    private final Map<String, Set<String>> throughout = new HashMap<>();

    /** Those that hold by one name; the lost ones do not know it. */
    private record Hold(List<String> hooks, Set<String> lost) {}

    /** These hooks fail when they are to hold. */
    public FakeApplications failing(String... hooks) {
        failing.addAll(List.of(hooks));
        return this;
    }

    /** All work as they should from now on. */
    public FakeApplications mend() {
        failing.clear();
        return this;
    }

    /** The guest has these of its own. */
    public FakeApplications installed(String... hooks) {
        installed.addAll(List.of(hooks));
        return this;
    }

    /** What this one holds is lost: its server was started anew, say. */
    public void lose(String hook) {
        holds.forEach((name, hold) -> {
            hold.lost().add(hook);
            throughout.getOrDefault(name, new HashSet<>()).remove(hook);
        });
    }

    /** The guest's own deadline ends this hold. */
    public void deadlinePasses(String name) {
        if (holds.remove(name) != null) {
            throughout.remove(name);
        }
    }

    /** The guest's own deadline ends every hold. */
    public void deadlinePasses() {
        List.copyOf(holds.keySet()).forEach(this::deadlinePasses);
    }

    /** Whether any application waits. */
    public boolean anyHeld() {
        return !holds.isEmpty();
    }

    /** Whether any application waits by this name. */
    public boolean anyHeld(String name) {
        return holds.containsKey(name);
    }

    /** Whether these held by this name when the snapshot was taken, and from then on until they were released. */
    public boolean heldThroughout(String name, List<String> hooks) {
        return throughout.getOrDefault(name, Set.of()).containsAll(hooks);
    }

    void powerOff() {
        deadlinePasses();
    }

    void snapshotTaken() {
        holds.forEach((name, hold) -> {
            Set<String> held = new HashSet<>(hold.hooks());
            held.removeAll(hold.lost());
            throughout.put(name, held);
        });
    }

    /** The script, executed. */
    ExecResult turn(List<String> command) {
        return switch (command.get(0)) {
            case "check" -> check(named(command.subList(2, command.size())));
            case "hold" -> hold(command.get(1), named(command.subList(4, command.size())));
            case "release" -> release(command.get(1));
            default -> new ExecResult(2, "", "usage");
        };
    }

    private List<String> named(List<String> texts) {
        List<String> hooks = new ArrayList<>();
        for (int i = 0; i < texts.size(); i += 2) {
            if (texts.get(i).equals("installed")) {
                hooks.addAll(installed);
            } else {
                hooks.add(texts.get(i));
            }
        }
        return hooks;
    }

    private ExecResult check(List<String> hooks) {
        StringBuilder said = new StringBuilder();
        hooks.forEach(hook -> said.append(failing.contains(hook) ? failed(hook) : hook + " ok 0\n a server\n"));
        return new ExecResult(0, said.toString(), "");
    }

    private ExecResult hold(String name, List<String> hooks) {
        if (holds.containsKey(name)) {
            return new ExecResult(1, "", "they are held already");
        }
        deadlinePasses(); // what a run before has left is ended now, and not in the middle of this one
        StringBuilder said = new StringBuilder();
        Optional<String> broken = hooks.stream().filter(failing::contains).findFirst();
        hooks.stream()
                .takeWhile(hook -> !failing.contains(hook))
                .forEach(hook -> said.append(hook + " held 0\n is held\n"));
        if (broken.isPresent()) {
            return new ExecResult(1, said + failed(broken.get()), broken.get() + " failed");
        }
        holds.put(name, new Hold(hooks, new HashSet<>()));
        return new ExecResult(0, said.toString(), "");
    }

    private ExecResult release(String name) {
        Hold hold = holds.remove(name);
        if (hold == null) {
            return new ExecResult(1, "", "nothing is held: it ended at its deadline");
        }
        StringBuilder said = new StringBuilder();
        hold.hooks()
                .forEach(hook -> said.append(
                        hold.lost().contains(hook) ? hook + " lost 1\n" : hook + " released 40\n was held\n"));
        return new ExecResult(0, said.toString(), "");
    }

    private static String failed(String hook) {
        return hook + " failed 1\n no server\n\n";
    }
}
