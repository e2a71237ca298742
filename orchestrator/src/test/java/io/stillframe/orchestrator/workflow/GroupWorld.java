package io.stillframe.orchestrator.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Evidence;
import io.stillframe.db.GroupRule;
import io.stillframe.db.Journal;
import io.stillframe.db.MortalJournal;
import io.stillframe.db.OneInstant;
import io.stillframe.db.Run;
import io.stillframe.db.RunGroup;
import io.stillframe.db.RunId;
import io.stillframe.db.RunState;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.Faults.Died;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Several machines of one host, and runs that take them at one instant. */
final class GroupWorld {
    private static final AtomicInteger GROUPS = new AtomicInteger();

    final List<World> members = new ArrayList<>();
    final MortalJournal mortal;
    private final RunId id = new RunId("g%011d".formatted(GROUPS.incrementAndGet()));
    private final Journal journal;
    final GroupTiming timing = new GroupTiming();

    /** Whether all machines stood still, each time when one of them was taken. */
    private final List<Boolean> stillAtSwitch = Collections.synchronizedList(new ArrayList<>());

    /** How many were taken, each time when one of them was let go. */
    private final List<Long> takenAtThaw = Collections.synchronizedList(new ArrayList<>());

    /** @param directory for the images */
    GroupWorld(Path directory, Journal journal, String... vms) throws IOException {
        this.journal = journal;
        this.mortal = new MortalJournal(journal);
        for (String vm : vms) {
            Path images = Files.createDirectories(directory.resolve(vm));
            World member = new World(vm, images, mortal.journal(), timing).disk("vda");
            member.faults.before("switchTo", () -> stillAtSwitch.add(allStandStill()));
            member.faults.before("thaw", () -> takenAtThaw.add(taken()));
            members.add(member);
        }
    }

    World member(int number) {
        return members.get(number);
    }

    List<Run> take(GroupRule rule, SnapshotOptions options) {
        return new TakeGroup(mortal.journal(), timing)
                .of(
                        id,
                        rule,
                        members.stream()
                                .map(of -> new TakeGroup.Part<>(
                                        of.guest.id().name(), of.id, member -> of.take(options.inGroup(), member)))
                                .toList());
    }

    /** Takes them in a process that may die; true when it did. */
    boolean diesTaking(GroupRule rule, SnapshotOptions options) {
        try {
            var unused = take(rule, options);
            return false;
        } catch (Died e) {
            return true;
        }
    }

    /** Everything that makes a process. */
    void dieWith() {
        mortal.die();
        members.forEach(of -> of.faults.dieAt(0, () -> {}));
    }

    /** What a later process makes of it: whatever run there is, the newest first. */
    void recover() {
        members.forEach(of -> {
            of.faults.revive();
            if (mortal.isDead()) {
                of.guest.forgetHandles();
            }
            var unused = of.readFrom(journal);
        });
        List<World> begun =
                new ArrayList<>(members.stream().filter(World::hasBegun).toList());
        Collections.reverse(begun);
        begun.forEach(of -> of.requirePromises(of.run().state().isFinal() ? of.run() : of.recover(Optional.empty())));
    }

    /** Each run ended as a run by itself may. */
    void requireEnded(List<Run> runs) {
        for (int i = 0; i < runs.size(); i++) {
            member(i).requirePromises(runs.get(i));
        }
    }

    RunGroup group() {
        return journal.groupOf(member(0).id).orElseThrow();
    }

    Optional<OneInstant> proof() {
        return journal.groupOf(member(0).id).flatMap(RunGroup::proof);
    }

    Optional<Evidence> evidence(World member) {
        return journal.evidence(member.id).stream()
                .filter(of -> of.check().equals("group"))
                .findFirst();
    }

    List<RunState> states() {
        return begun().map(of -> journal.runsLike(of.id.value()).get(0).state()).toList();
    }

    /** What must hold of a group however it ended. */
    void requirePromises(GroupRule rule) {
        String story = "%s: %s, %s"
                .formatted(
                        states(),
                        proof(),
                        members.stream().map(of -> of.faults.calls()).toList());
        List<RunState> states = states();
        if (rule == GroupRule.ALL_OR_NOTHING && states.contains(RunState.COMPLETED)) {
            assertThat(proof()).as("all or nothing: " + story).isPresent();
            assertThat(states)
                    .as("all or nothing: " + story)
                    .hasSize(members.size())
                    .doesNotContain(RunState.FAILED, RunState.ABANDONED);
        }
        if (proof().isPresent()) {
            assertThat(stillAtSwitch)
                    .as("one instant: " + story)
                    .hasSize(members.size())
                    .containsOnly(true);
            assertThat(takenAtThaw).as("one instant: " + story).allMatch(taken -> taken == members.size());
        }
        begun().filter(of -> of.run().state() == RunState.COMPLETED)
                .forEach(of -> assertThat(evidence(of).map(Evidence::ok))
                        .as("evidence: " + story)
                        .contains(proof().isPresent()));
    }

    private Stream<World> begun() {
        return members.stream().filter(of -> !journal.runsLike(of.id.value()).isEmpty());
    }

    private long taken() {
        return members.stream()
                .filter(of -> of.guest.frozenAtSwitch().isPresent())
                .count();
    }

    private boolean allStandStill() {
        return members.stream().allMatch(of -> of.guest.isFrozen() || of.guest.state() != DomainState.RUNNING);
    }
}
