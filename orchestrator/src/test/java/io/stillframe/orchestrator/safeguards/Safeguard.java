package io.stillframe.orchestrator.safeguards;

import java.util.List;

/**
 * Something that keeps one of the promises, how it is switched off, and what fails then.
 *
 * @param what it does, for the documentation
 * @param source the class that has it, below {@code io.stillframe.orchestrator}
 * @param code what is taken out of the source, which must be there once
 * @param without what stands there instead
 * @param test the class and the method that fail without it, below the same package
 */
record Safeguard(String what, String source, String code, String without, String test) {
    static final List<Safeguard> ALL = List.of(
            // ---- the lease
            new Safeguard(
                    "A release is owed from before the freeze is sent, whatever is answered",
                    "lease.FreezeLease",
                    "return hold(() -> frozen = true, () -> {",
                    "return hold(() -> {}, () -> {",
                    "lease.FreezeLeaseTest#a_freeze_that_failed_is_owed_a_release_all_the_same"),
            new Safeguard(
                    "A hold ends at its limit, though its holder is stuck",
                    "lease.FreezeLease",
                    "cancelDeadline = thread.after(limit, this::expire);",
                    "",
                    "sentinel.SentinelTest#a_holder_that_hangs_has_its_guest_released_at_the_deadline_and_not_before"),
            new Safeguard(
                    "A command that comes after the release has the guest released once more",
                    "lease.FreezeLease",
                    "        } finally {\n            if (releasing.get()) {",
                    "        } finally {\n            if (false) {",
                    "lease.FreezeLeaseTest#a_freeze_that_reaches_the_guest_after_the_release_is_released_too"),
            new Safeguard(
                    "A thaw is tried again until it is confirmed",
                    "lease.GuestRelease",
                    "while (!attempts.next() && timing.since(start).compareTo(patience) < 0) {",
                    "while (!attempts.next() && false) {",
                    "lease.GuestReleaseTest#an_answered_thaw_is_not_believed_before_the_status_says_so"),
            new Safeguard(
                    "A thaw counts only when the agent says thawed afterwards",
                    "lease.GuestRelease",
                    "boolean done = saysThawed() && freezeHasEnded() && lasts();",
                    "boolean done = freezeHasEnded() && lasts();",
                    "lease.GuestReleaseTest#an_answered_thaw_is_not_believed_before_the_status_says_so"),
            new Safeguard(
                    "A thaw for a process that died has to last, for its freeze may be on its way",
                    "lease.GuestRelease",
                    "&& freezeHasEnded() && lasts();",
                    "&& freezeHasEnded();",
                    "lease.GuestReleaseTest#a_freeze_that_comes_after_the_thaw_is_thawed_too_where_its_sender_is_no_more"),
            new Safeguard(
                    "A paused machine is resumed before it is thawed",
                    "lease.GuestRelease",
                    "                domain.resume();\n",
                    "",
                    "lease.FreezeLeaseTest#a_paused_and_frozen_machine_is_resumed_before_it_is_thawed"),
            new Safeguard(
                    "Alt+SysRq+J thaws a guest whose agent is dead",
                    "lease.EmergencyThaw",
                    "            domain.sendKeys(ALT_SYSRQ_J);\n",
                    "",
                    "lease.GuestReleaseTest#"
                            + "a_guest_whose_agent_goes_on_failing_is_thawed_by_keyboard_and_known_by_its_writes"),
            new Safeguard(
                    "Without an agent only disks that stood still and are written to again confirm a thaw",
                    "lease.EmergencyThaw",
                    "if (obeys && stoodStillBefore && watch.moved(written)) {",
                    "if (pressed) {",
                    "lease.GuestReleaseTest#keys_that_had_no_effect_confirm_nothing_and_are_pressed_again"),
            new Safeguard(
                    "What the sentinel released is not thawed a second time",
                    "lease.GuardedRelease",
                    "return intervention().orElseGet(() -> release.run(hold));",
                    "return release.run(hold);",
                    "workflow.SafeguardedSnapshotTest#"
                            + "a_guest_that_the_sentinel_released_is_not_thawed_again_and_nothing_is_claimed"),
            new Safeguard(
                    "Keys confirm nothing while a freeze that was not answered may still come",
                    "lease.GuestRelease",
                    " && hold.unanswered().isEmpty()) {",
                    ") {",
                    "lease.GuestReleaseTest#keys_confirm_nothing_while_a_freeze_may_still_come"),
            // ---- the sentinel
            new Safeguard(
                    "The sentinel releases the guests of a holder that is gone",
                    "sentinel.SentinelServer",
                    "        sentinel.holderGone();\n",
                    "",
                    "sentinel.SentinelClientTest#the_end_of_the_pipe_has_the_guest_released"),
            new Safeguard(
                    "A guest that a late holder froze after the sentinel had acted is released again",
                    "sentinel.GuardedGuest",
                    "adopted.isFrozen().is() == Frozenness.Answer.FREE",
                    "true",
                    "sentinel.SentinelTest#a_guest_that_a_late_holder_froze_in_its_last_moment_is_released_again"),
            new Safeguard(
                    "The lease is on the disk before the sentinel answers",
                    "sentinel.Sentinel",
                    "            file.begin(whole);\n",
                    "            if (false) {\n file.begin(whole);\n }\n",
                    "sentinel.SentinelTest#a_lease_is_on_the_disk_and_in_its_hands_once_it_is_armed"),
            new Safeguard(
                    "A holder learns at once that its sentinel has died",
                    "sentinel.SentinelClient",
                    "        watched.values().forEach(Runnable::run);\n",
                    "",
                    "sentinel.SentinelClientTest#a_sentinel_that_dies_is_noticed_at_once_and_covers_nothing"),
            // ---- the run
            new Safeguard(
                    "Without a sentinel nothing is frozen",
                    "workflow.Safeguards",
                    "        } catch (GuardException e) {\n            throw",
                    "        } catch (GuardException e) {\n            if (false) throw",
                    "workflow.SafeguardedSnapshotTest#without_a_sentinel_no_guest_is_frozen"),
            new Safeguard(
                    "Nothing is frozen under a sentinel that died or would act too early",
                    "workflow.Window",
                    "if (!safeguards.cover(options.freezeLimit())) {",
                    "if (false) {",
                    "workflow.SafeguardedSnapshotTest#a_sentinel_that_would_act_too_early_covers_no_freeze"),
            new Safeguard(
                    "A sentinel that dies in the window ends the freeze",
                    "workflow.Window",
                    "safeguards.arm(handles.agent(), lease::expire);",
                    "safeguards.arm(handles.agent(), () -> {});",
                    "workflow.SafeguardedSnapshotTest#a_sentinel_that_dies_while_the_guest_is_frozen_ends_the_freeze"),
            new Safeguard(
                    "The switch inside the guest is armed before the freeze",
                    "workflow.Safeguards",
                    "guestSwitch.arm(agent, lease.switchDeadline())",
                    "Optional.<String>empty()",
                    "workflow.SafeguardedSnapshotTest#"
                            + "a_guest_is_frozen_only_when_both_are_armed_and_they_are_told_when_it_is_free"),
            new Safeguard(
                    "A switch that fired is noticed",
                    "workflow.GuestSwitch",
                    "case \"fired\" -> Disarmed.AFTER_FIRING",
                    "case \"fired\" -> Disarmed.IN_TIME",
                    "workflow.SafeguardedSnapshotTest#a_switch_that_fired_is_noticed_and_costs_the_class"),
            new Safeguard(
                    "What a run makes is journaled before it is made",
                    "workflow.TakeSnapshot",
                    "            run.intend(window.intent());\n",
                    "",
                    "workflow.TakeSnapshotTest#what_the_run_makes_is_journaled_before_it_is_made"),
            new Safeguard(
                    "A freeze is journaled before it is sent",
                    "workflow.TakeSnapshot",
                    "                run.barrier(FREEZING);\n                member.ready();\n                run.freeze(window::freeze);",
                    "                window.freeze(); run.barrier(FREEZING); run.freeze(() -> 1);",
                    "workflow.TakeSnapshotTest#"
                            + "the_intent_is_journaled_before_the_freeze_and_the_record_comes_with_the_snapshot"),
            new Safeguard(
                    "Nothing is rolled back under a guest that may be frozen",
                    "workflow.RollBack",
                    "if (unconfirmed.isPresent()) {",
                    "if (false) {",
                    "workflow.TakeSnapshotTest#"
                            + "a_thaw_that_nobody_confirms_is_overdue_and_nothing_is_rolled_back_under_it"),
            new Safeguard(
                    "No class above crash without equal counts of frozen and thawed filesystems",
                    "workflow.Verdict",
                    "thaw.filesystems() == freezing.frozen() && thaw.attempts() == 1,",
                    "true,",
                    "workflow.RecoverRunTest#any_doubt_about_the_release_costs_the_class"),
            new Safeguard(
                    "No class above crash where nobody knows for how long the guest was held",
                    "workflow.CutShort",
                    "case RECOVERY -> UNKNOWN_HOLD;",
                    "case RECOVERY -> Optional.<String>empty();",
                    "workflow.RecoverRunTest#any_doubt_about_the_release_costs_the_class"),
            new Safeguard(
                    "No class above crash without the word of the snapshot's own disks",
                    "workflow.TakeSnapshot",
                    "            window.prove(proof, run.run());\n",
                    "",
                    "workflow.ProvedSnapshotTest#a_guest_that_only_says_that_it_is_frozen_is_found_out_by_its_disk"),
            new Safeguard(
                    "Nothing is claimed until they were asked",
                    "workflow.Window",
                    "return ending(verdict().unproved());",
                    "return ending(verdict());",
                    "workflow.ProvedSnapshotTest#until_then_nothing_is_claimed"),
            new Safeguard(
                    "What was in use and the guest did not tell of is a doubt",
                    "evidence.Testimony",
                    "\"beside\", false,",
                    "\"beside\", true,",
                    "evidence.TestimonyTest#what_was_in_use_and_the_guest_did_not_tell_of_is_a_doubt"),
            new Safeguard(
                    "A guest with Windows is held no longer than VSS holds writes",
                    "workflow.Window",
                    "SnapshotOptions options = asked.holding(examination.freeze().hold());",
                    "SnapshotOptions options = asked;",
                    "workflow.WindowsSnapshotTest#it_is_held_no_longer_than_vss_does_whatever_is_allowed"),
            new Safeguard(
                    "A hold that VSS ended by itself costs the class",
                    "workflow.Vss",
                    "answered && inTime, detail",
                    "true, detail",
                    "workflow.WindowsSnapshotTest#a_windows_that_does_not_tell_is_caught_by_the_clock"),
            new Safeguard(
                    "What a first thaw was answered stays told",
                    "lease.GuestRelease",
                    "                failure = failure.or(() -> Optional.of(how));\n",
                    "",
                    "workflow.WindowsSnapshotTest#a_hold_that_vss_ended_by_itself_is_told_by_the_thaw_and_named"),
            new Safeguard(
                    "A thaw that is not confirmed is left to a sentinel, to another one where the first has died",
                    "workflow.Safeguards",
                    "return guard.goOn(lease);",
                    "return \"a sentinel goes on trying\";",
                    "workflow.SafeguardedSnapshotTest#"
                            + "where_the_sentinel_is_lost_and_the_thaw_not_confirmed_another_one_goes_on"),
            new Safeguard(
                    "Disks of several instants are no snapshot",
                    "workflow.Window",
                    "        requireOneInstant();\n",
                    "",
                    "workflow.SafeguardedSnapshotTest#"
                            + "disks_of_several_instants_are_no_snapshot_though_a_crash_consistent_one_would_do"),
            // ---- the applications
            new Safeguard(
                    "Applications are told to go on whatever ended the run",
                    "workflow.Window",
                    "            applications.end(handles.agent());\n",
                    "",
                    "workflow.ApplicationSnapshotTest#whatever_ends_a_run_they_are_released"),
            new Safeguard(
                    "No guest is frozen whose applications do not hold, where nothing less will do",
                    "workflow.ApplicationHold",
                    "if (requirement.least() == Consistency.APPLICATION) {",
                    "if (false) {",
                    "workflow.ApplicationSnapshotTest#"
                            + "one_that_fails_only_when_it_is_to_hold_ends_the_run_before_the_freeze"),
            new Safeguard(
                    "No class application where a hook says that its hold was lost",
                    "workflow.ApplicationHold",
                    "if (!released.is(\"released\")) {",
                    "if (false) {",
                    "workflow.ApplicationSnapshotTest#a_hold_that_was_lost_in_the_window_is_no_hold"),
            new Safeguard(
                    "No class application without every hook's word",
                    "workflow.Verdict",
                    "!hooks.isEmpty() && hooks.stream().allMatch(Evidence::ok)",
                    "!hooks.isEmpty()",
                    "workflow.ApplicationSnapshotTest#a_hold_that_ended_at_the_guests_own_deadline_is_no_hold"),
            // ---- recovery
            new Safeguard(
                    "Guests are released by their leases at every start, without the journal",
                    "recovery.HeldGuests",
                    "            findings.add(release(vm, awaited.test(vm) ? SENTINEL_PATIENCE : Duration.ZERO, hold));\n",
                    "",
                    "recovery.HeldGuestsTest#a_guest_whose_holder_and_sentinel_both_died_is_released"),
            new Safeguard(
                    "A guest that cannot be released is left to a sentinel",
                    "recovery.HeldGuests",
                    "return machines.get().guard().goOn(lease);",
                    "return \"\";",
                    "recovery.HeldGuestsTest#a_guest_that_cannot_be_released_is_left_to_a_sentinel_and_keeps_its_lease"),
            new Safeguard(
                    "A lease stays until its run has its end in the journal",
                    "recovery.HeldGuests",
                    "            released.put(vm, done);\n",
                    "            released.put(vm, done); file.get().remove();\n",
                    "recovery.HeldGuestsTest#a_lease_stays_until_its_run_is_settled"),
            new Safeguard(
                    "Recovery releases the guest before anything else",
                    "workflow.RecoverRun",
                    "if (run.state().mayBeHeld()) {",
                    "if (false) {",
                    "workflow.RecoverRunTest#at_whatever_call_a_run_dies_it_is_brought_to_its_end_and_the_guest_is_free"),
            new Safeguard(
                    "A guest that somebody else froze is thawed only on an operator's word",
                    "recovery.FrozenGuests",
                    "Optional.of(adopt ? thaw(vm) : left(vm))",
                    "Optional.of(thaw(vm))",
                    "cli.StillframeTest#a_frozen_guest_that_nobody_claims_is_thawed_only_on_demand"),
            // ---- groups
            new Safeguard(
                    "No machine of a group goes on before all are taken",
                    "workflow.TakeSnapshot",
                    "        member.taken(window);\n",
                    "",
                    "workflow.TakeGroupTest#all_stand_still_when_each_is_taken_and_none_goes_on_before_the_last_is"),
            new Safeguard(
                    "Recovery takes back what is left of a group that was not proved",
                    "workflow.RecoverRun",
                    "throw Member.apart(attempt.name(), \"it was cut short\");",
                    "return;",
                    "workflow.GroupUnderFaultsTest#"
                            + "a_group_that_was_not_proved_is_taken_back_though_all_its_members_had_come_through"));

    /** The page of documentation that lists them. */
    static String markdown() {
        StringBuilder page = new StringBuilder("""
                # Safeguards

                Each of these is switched off in turn by a test run (`SafeguardsTest`, in `./check`), which demands that
                the test named beside it fails without it. Generated from the list of that test; what is proved on real
                machines besides is in [crash.md](crash.md).

                | safeguard | where | the test that fails without it |
                |---|---|---|
                """);
        ALL.forEach(of -> page.append("| %s | `%s` | `%s` |%n"
                .formatted(of.what(), of.source(), of.test().replace("#", "` `"))));
        return page.toString();
    }

    @Override
    public String toString() {
        return what;
    }
}
