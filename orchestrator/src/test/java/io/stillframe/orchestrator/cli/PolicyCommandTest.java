package io.stillframe.orchestrator.cli;

import static io.stillframe.orchestrator.cli.FakeSite.names;
import static io.stillframe.orchestrator.policy.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.stillframe.db.Job;
import io.stillframe.db.Run;
import io.stillframe.db.RunGroup;
import io.stillframe.db.Snapshot;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestFilesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class PolicyCommandTest {
    @TempDir
    private Path images;

    private FakeSite site;
    private FakeGuest db01;

    @BeforeEach
    void host(@TempDir Path directory) throws IOException {
        site = new FakeSite(directory);
        db01 = guest("db01");
    }

    // ---- list and next

    @Test
    void the_policies_are_listed_with_what_is_due_next() {
        site.policies(policy("schedule: [\"0 2 * * *\", { every: 6h }]", "zone: Europe/Paris", "keep: { last: 1 }"));
        assertThat(site.run("policy", "list")).isZero();
        assertThat(site.out()).contains("POLICY", "p ", "0 2 * * *; every 6h", "Europe/Paris");
        assertThat(site.run("policy", "list", "--json")).isZero();
        JsonNode listed = site.json().get("policies").get(0);
        assertThat(names(listed)).containsExactly("policy", "schedule", "zone", "jitter", "removes", "next");
        assertThat(listed.get("next").asString()).isNotEmpty();
        assertThat(site.snapshots()).isEmpty();
    }

    @Test
    void without_policies_there_is_nothing_to_list_and_nothing_due() {
        assertThat(site.run("policy", "list")).isZero();
        assertThat(site.out()).startsWith("no policies in ");
        assertThat(site.run("policy", "next")).isZero();
        assertThat(site.out()).isEqualTo("nothing is due\n");
    }

    @Test
    void what_is_due_next_is_told_with_when_it_begins() {
        site.policies(policy("schedule: \"0 2 * * *\"", "zone: Europe/Paris", "jitter: 5m"));
        assertThat(site.run("policy", "next", "p", "--count", "3", "--json")).isZero();
        assertThat(site.json().get("next")).hasSize(3).allSatisfy(next -> {
            assertThat(names(next)).containsExactly("policy", "due", "local", "begins");
            assertThat(next.get("local").asString()).contains("T02:00");
            assertThat(next.get("begins").asString())
                    .isGreaterThanOrEqualTo(next.get("due").asString());
        });
        String first = site.out();
        assertThat(site.run("policy", "next", "--count", "3", "--json")).isZero();
        assertThat(site.out()).as("the same whenever it is asked").isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "policy",
                "policy next q",
                "policy next --count 0",
                "policy explain",
                "policy explain q",
                "policy run q",
                "policy explain p --at 2001-01-01",
                "policy explain p --at tomorrow",
                "policy explain p --at 9999-01-01"
            })
    void wrong_usage_is_told(String line) {
        site.policies(policy("schedule: { every: 1m }"));
        assertThat(site.run(line.split(" "))).as(site.out()).isEqualTo(2);
        assertThat(site.err()).contains("error: ", "hint: ");
    }

    // ---- run

    @Test
    void a_run_takes_a_snapshot_of_each_machine_and_removes_what_is_not_kept() throws IOException {
        guest("web-1");
        site.policies(policy("schedule: \"@daily\"", "keep: { last: 1 }"));
        run();
        List<Snapshot> first = site.snapshots();
        assertThat(first).hasSize(2).allMatch(of -> of.policy().equals(Optional.of("p")));
        String manual = site.snapshot("db01");
        assertThat(run()).allSatisfy(machine -> {
            assertThat(names(machine)).containsExactly("taken", "removed");
            assertThat(machine.get("taken").get("state").asString()).isEqualTo("COMPLETED");
            assertThat(machine.get("removed")).hasSize(1);
        });
        assertThat(site.snapshots())
                .hasSize(3)
                .extracting(Snapshot::id)
                .contains(manual)
                .doesNotContainAnyElementsOf(first.stream().map(Snapshot::id).toList());
    }

    @Test
    void others_have_their_turn_while_data_moves_only_once_every_machine_has_its_snapshot() throws IOException {
        List<FakeGuest> machines = List.of(db01, guest("web-1"), guest("web-2"));
        site.policies(policy("schedule: \"@daily\"", "keep: { last: 1 }"));
        run();
        List<Long> freezes = new CopyOnWriteArrayList<>();
        site.onLetOthers = () -> machines.forEach(machine -> freezes.add(
                machine.faults().calls().stream().filter("freeze"::equals).count()));
        run();
        assertThat(freezes).hasSizeGreaterThan(3).containsOnly(2L);
    }

    @Test
    void after_an_interruption_nothing_is_removed() {
        site.policies(policy("schedule: \"@daily\"", "keep: { last: 1 }"));
        run();
        long thaws = db01.faults().count("thaw");
        site.interrupted = () -> db01.faults().count("thaw") > thaws;
        site.run("policy", "run", "p", "--json");
        assertThat(site.snapshots()).hasSize(2);
        List<Job> removals = site.read(journal -> journal.jobs(Optional.empty()));
        assertThat(removals).isEmpty();
    }

    @Test
    void a_dry_run_says_what_would_be_and_touches_nothing() {
        site.policies(policy("schedule: \"@daily\"", "keep: { last: 1 }"));
        run();
        String only = site.snapshots().get(0).id();
        assertThat(site.run("policy", "run", "p", "--dry-run")).isZero();
        assertThat(site.out())
                .contains("vm 'db01': a snapshot would be taken", only + " of ", "would be deleted: last: 1 newer");
        assertThat(site.run("policy", "run", "p", "--dry-run", "--json")).isZero();
        assertThat(site.json().get("machines").get(0).get("snapshots")).hasSize(2);
        assertThat(site.snapshots()).hasSize(1);
    }

    @Test
    void where_no_snapshot_was_taken_nothing_is_removed() {
        site.policies(policy("schedule: \"@daily\"", "keep: { last: 1 }"));
        site.snapshot("db01");
        run();
        run();
        db01.faults().on("switchTo", Kind.REFUSED);
        List<Snapshot> before = site.snapshots();
        assertThat(site.run("policy", "run", "p", "--json")).isEqualTo(1);
        assertThat(site.json().get("machines").get(0).get("removed")).isEmpty();
        assertThat(site.snapshots()).isEqualTo(before);
    }

    @Test
    void what_its_storage_has_lost_is_not_what_another_snapshot_goes_for() {
        site.policies(policy("schedule: \"@daily\"", "keep: { last: 2 }"));
        run();
        String first = site.snapshots().get(0).id();
        run();
        Snapshot overflowed = site.snapshots().get(0);
        site.storage.lose(overflowed.volumes().get(0).snapshot());
        run();
        assertThat(site.snapshots())
                .extracting(Snapshot::id)
                .hasSize(2)
                .contains(first)
                .doesNotContain(overflowed.id());
    }

    @Test
    void one_machine_that_fails_does_not_keep_the_next_from_its_snapshot() throws IOException {
        guest("web-1");
        site.policies(policy("schedule: \"@daily\""));
        db01.withoutAgent();
        assertThat(site.run("policy", "run", "p")).isEqualTo(3);
        assertThat(site.err()).contains("vm 'db01' was not touched");
        assertThat(site.snapshots()).extracting(Snapshot::vmName).containsExactly("web-1");
    }

    @Test
    void a_machine_that_is_off_is_taken_as_it_is() {
        site.policies(policy("schedule: \"@daily\"", "require: filesystem"));
        db01.in(DomainState.SHUT_OFF);
        run();
        assertThat(site.snapshots()).hasSize(1);
    }

    @Test
    void on_doubt_another_one_is_taken_and_the_last_one_kept_as_what_it_is() {
        db01.filesystem(new GuestFilesystem("/srv", "vda2", "ext4", List.of("vda")))
                .freezingAtMost(1);
        site.policies(policy("schedule: \"@daily\"", "on-doubt: { retry: 2, then: keep-as-crash }"));
        run();
        List<Run> runs = site.read(journal -> journal.runs(Optional.empty()));
        assertThat(runs).hasSize(4);
        assertThat(site.snapshots())
                .singleElement()
                .satisfies(of -> assertThat(of.consistency().label()).isEqualTo("crash"));
    }

    @Test
    void on_doubt_nothing_is_kept_unless_the_policy_says_so() {
        db01.filesystem(new GuestFilesystem("/srv", "vda2", "ext4", List.of("vda")))
                .freezingAtMost(1);
        site.policies(policy("schedule: \"@daily\""));
        assertThat(site.run("policy", "run", "p")).isEqualTo(1);
        assertThat(site.snapshots()).isEmpty();
    }

    @Test
    void the_machines_of_a_group_are_taken_at_one_instant_and_what_each_does_not_keep_is_removed() throws IOException {
        guest("web-1");
        site.policies(policy("schedule: \"@daily\"", "keep: { last: 1 }", "group: true"));
        run();
        List<Snapshot> first = site.snapshots();
        run();
        assertThat(site.snapshots()).hasSize(2).doesNotContainAnyElementsOf(first);
        assertThat(site.snapshots())
                .allSatisfy(of -> assertThat(
                                site.read(journal -> journal.groupOf(of.run())).flatMap(RunGroup::proof))
                        .isPresent());
    }

    @Test
    void a_group_of_which_one_cannot_be_taken_is_taken_again_as_a_whole_and_then_as_the_policy_says()
            throws IOException {
        guest("web-1");
        db01.filesystem(new GuestFilesystem("/srv", "vda2", "ext4", List.of("vda")))
                .freezingAtMost(1);
        site.policies(policy("schedule: \"@daily\"", "group: true", "on-doubt: { retry: 1, then: keep-as-crash }"));
        run();
        List<Run> runs = site.read(journal -> journal.runs(Optional.empty()));
        assertThat(runs).hasSize(6);
        assertThat(site.snapshots()).hasSize(2).extracting(Snapshot::vmName).containsExactlyInAnyOrder("db01", "web-1");
    }

    @Test
    void a_removal_that_broke_is_told_and_finished_by_the_next_run() {
        site.policies(policy("schedule: \"@daily\"", "keep: { last: 1 }"));
        run();
        String first = site.snapshots().get(0).id();
        db01.faults().on("store.remove half", Kind.REFUSED);
        assertThat(runWith(5)
                        .get(0)
                        .get("removed")
                        .get(0)
                        .get("error")
                        .get("message")
                        .asString())
                .contains(first);
        run();
        assertThat(site.snapshots()).hasSize(1).extracting(Snapshot::id).doesNotContain(first);
    }

    // ---- explain

    @Test
    void every_snapshot_is_explained() {
        site.policies(policy("schedule: \"0 2 * * *\"", "keep: { last: 1 }"));
        String manual = site.snapshot("db01");
        run();
        assertThat(site.run("policy", "explain", "p")).as(site.err()).isZero();
        assertThat(site.out()).contains("vm 'db01'", "kept", manual, "taken by a person", "last 1 of 1");
        assertThat(site.run("policy", "explain", "p", "--json")).isZero();
        assertThat(names(site.json())).containsExactly("policy", "at", "machines");
        JsonNode judged = site.json().get("machines").get(0).get("snapshots").get(0);
        assertThat(names(judged)).containsExactly("snapshot", "takenAt", "policy", "kept", "because");
        assertThat(site.snapshots()).hasSize(2);
    }

    @Test
    void what_will_be_kept_then_is_explained_too() {
        site.policies(policy("schedule: \"0 2 * * *\"", "keep: { last: 1 }"));
        run();
        String only = site.snapshots().get(0).id();
        String later = site.clock.instant().plus(Duration.ofDays(3)).toString();
        assertThat(site.run("policy", "explain", "p", "--at", later, "--json")).isZero();
        assertThat(site.json().get("machines").get(0).get("snapshots"))
                .filteredOn(of -> of.get("snapshot").asString().equals(only))
                .singleElement()
                .satisfies(of -> assertThat(of.get("kept").asBoolean()).isFalse());
    }

    @Test
    void a_machine_that_is_not_selected_any_more_keeps_its_snapshots() {
        site.policies(policy("schedule: \"@daily\"", "keep: { last: 1 }"));
        run();
        site.guests.clear();
        assertThat(site.run("policy", "explain", "p")).isZero();
        assertThat(site.out()).contains("vm 'db01'", "kept", "not for this machine any more");
        assertThat(run()).isEmpty();
        assertThat(site.snapshots()).hasSize(1);
    }

    private List<JsonNode> run() {
        return runWith(0);
    }

    private List<JsonNode> runWith(int status) {
        assertThat(site.run("policy", "run", "p", "--json")).as(site.err()).isEqualTo(status);
        site.json().get("machines").forEach(machine -> site.stored(machine.get("taken")));
        return List.copyOf(site.json().get("machines").values());
    }

    private FakeGuest guest(String name) throws IOException {
        return site.guest(name).with("vda", Files.writeString(images.resolve(name + ".qcow2"), "image"));
    }
}
