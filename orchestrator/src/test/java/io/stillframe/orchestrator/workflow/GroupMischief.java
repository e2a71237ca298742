package io.stillframe.orchestrator.workflow;

import io.stillframe.db.Consistency;
import io.stillframe.db.FakeJournal;
import io.stillframe.db.GroupRule;
import io.stillframe.guest.Faults.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a seed makes of a group: several things that go wrong with its members, and with the process that takes it. */
final class GroupMischief {
    /** About as many as a member has. */
    private static final int CALLS = 45;

    /** About as many as a group makes in its journal. */
    private static final int CHANGES = 45;

    private static final String[] VMS = {"db01", "web01", "web02"};

    private final Random random;
    private final GroupWorld world;
    private final GroupRule rule;
    private final Consistency required;
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private boolean died;

    private GroupMischief(long seed, Path directory) throws IOException {
        // the first numbers of neighbouring seeds are alike
        random = new Random(seed * 0x9E3779B97F4A7C15L);
        String[] vms = Arrays.copyOf(VMS, 2 + random.nextInt(2));
        world = new GroupWorld(directory, new FakeJournal(), vms);
        rule = percent(75) ? GroupRule.ALL_OR_NOTHING : GroupRule.KEEP_OTHERS;
        required = percent(70) ? Consistency.FILESYSTEM : Consistency.CRASH;
    }

    static GroupMischief of(long seed, Path directory) throws IOException {
        GroupMischief mischief = new GroupMischief(seed, directory);
        mischief.world.members.forEach(mischief::plan);
        if (mischief.percent(50)) {
            mischief.planDeath();
        }
        return mischief;
    }

    private void plan(World member) {
        member.interruptedWhen(interrupted::get);
        for (int faults = percent(50) ? 0 : 1 + random.nextInt(2); faults > 0; faults--) {
            member.faults.onNth(call(), random.nextBoolean() ? Kind.REFUSED : Kind.REPLY_LOST);
        }
        int at = call();
        if (percent(10)) {
            member.faults.beforeNth(at, member.guard::die);
        } else if (percent(10)) {
            member.faults.beforeNth(at, member.guest::thawBehindTheAgent);
        } else if (percent(5)) {
            member.faults.beforeNth(at, () -> interrupted.set(true));
        }
    }

    private void planDeath() {
        if (percent(50)) {
            world.mortal.dieAt(random.nextInt(CHANGES), random.nextBoolean(), world::dieWith);
        } else {
            world.member(random.nextInt(world.members.size())).faults.dieAt(call(), world::dieWith);
        }
    }

    /** Takes the group, puts right what is left of it, and asks for the promises. */
    void run() {
        died = world.diesTaking(rule, World.options(Optional.of(required))) || world.mortal.isDead();
        world.members.forEach(member -> member.faults.heal());
        world.recover();
        world.requirePromises(rule);
    }

    boolean died() {
        return died;
    }

    boolean proved() {
        return world.proof().isPresent();
    }

    /** The first one opens the handle that the run is given. */
    private int call() {
        return 1 + random.nextInt(CALLS);
    }

    private boolean percent(int chance) {
        return random.nextInt(100) < chance;
    }
}
