package io.stillframe.orchestrator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.lease.VirtualTiming;
import io.stillframe.storage.Meter;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.export.Layer;
import io.stillframe.storage.qcow2.ActiveLayers.Overlay;
import io.stillframe.storage.qcow2.ActiveLayers.Power;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainLayersTest {
    private static final Path IMAGE = Path.of("/images/vda.qcow2");
    private static final Overlay OVERLAY = new Overlay("vda", Path.of("/images/vda.sf-1.qcow2"), IMAGE);

    private final FakeGuest guest = new FakeGuest("db01").with("vda", IMAGE);
    private final FakeGuest other = new FakeGuest("db02").with("vda", Path.of("/images/db02.qcow2"));
    private final FakeHypervisor hypervisor = new FakeHypervisor(guest, other);
    private final DomainLayers layers = new DomainLayers(hypervisor, hypervisor.domain("db01"), new VirtualTiming());

    @Test
    void a_chain_is_told_from_the_active_layer_down() {
        assertThat(layers.switchTo(List.of(OVERLAY))).isEqualTo(new Outcome.Done());
        assertThat(layers.chain("vda")).containsExactly(OVERLAY.file(), IMAGE);
        assertThat(layers.defined("vda")).contains(OVERLAY.file());
        assertThat(layers.chain("vdz")).isEmpty();
        assertThat(layers.defined("vdz")).isEmpty();
    }

    @Test
    void a_call_that_was_refused_and_one_without_an_answer_are_told_apart() {
        guest.faults().on("switchTo", Kind.REFUSED, Kind.REPLY_LOST);
        assertThat(layers.switchTo(List.of(OVERLAY))).isEqualTo(new Outcome.Refused("switchTo was refused"));
        assertThat(layers.switchTo(List.of(OVERLAY))).isEqualTo(new Outcome.Indeterminate("switchTo was not answered"));
    }

    @Test
    void a_merge_ends_on_the_lower_image() {
        layers.switchTo(List.of(OVERLAY));
        assertThat(layers.mergeActive(OVERLAY, 0, Meter.NONE)).isEqualTo(new Outcome.Done());
        assertThat(layers.chain("vda")).containsExactly(IMAGE);
        assertThat(layers.defined("vda")).contains(IMAGE);
        assertThat(layers.hasJob("vda")).isFalse();
    }

    @Test
    void a_merge_that_an_earlier_call_began_is_gone_on_with() {
        layers.switchTo(List.of(OVERLAY));
        guest.faults().on("commitActive", Kind.REPLY_LOST);
        assertThat(layers.mergeActive(OVERLAY, 0, Meter.NONE)).isInstanceOf(Outcome.Indeterminate.class);
        assertThat(layers.hasJob("vda")).isTrue();
        assertThat(layers.mergeActive(OVERLAY, 0, Meter.NONE)).isEqualTo(new Outcome.Done());
        assertThat(guest.faults().count("commitActive")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"commitActive", "blockJob"})
    void a_merge_that_was_refused_leaves_the_overlay_active(String call) {
        layers.switchTo(List.of(OVERLAY));
        guest.faults().on(call, Kind.REFUSED);
        assertThat(layers.mergeActive(OVERLAY, 0, Meter.NONE)).isInstanceOf(Outcome.Refused.class);
        assertThat(layers.chain("vda")).containsExactly(OVERLAY.file(), IMAGE);
    }

    @Test
    void a_merge_that_has_begun_is_never_refused_any_more() {
        layers.switchTo(List.of(OVERLAY));
        guest.faults().on("pivot", Kind.REFUSED);
        assertThat(layers.mergeActive(OVERLAY, 0, Meter.NONE)).isInstanceOf(Outcome.Indeterminate.class);
        assertThat(layers.chain("vda")).containsExactly(OVERLAY.file(), IMAGE);
        // taken over now, by whomever
        guest.faults().on("pivot", Kind.REFUSED);
        assertThat(layers.mergeActive(OVERLAY, 0, Meter.NONE)).isInstanceOf(Outcome.Indeterminate.class);
        assertThat(layers.mergeActive(OVERLAY, 0, Meter.NONE)).isEqualTo(new Outcome.Done());
    }

    @Test
    void a_merge_whose_machine_ends_half_way_is_not_refused() {
        Overlay upper = new Overlay("vda", Path.of("/images/vda.sf-2.qcow2"), OVERLAY.file());
        layers.switchTo(List.of(OVERLAY));
        layers.switchTo(List.of(upper));
        Outcome outcome = layers.mergeLower(OVERLAY, 0, (done, total) -> {
            guest.in(DomainState.SHUT_OFF);
            guest.faults().on("blockJob", Kind.REFUSED);
        });
        assertThat(outcome).isInstanceOf(Outcome.Indeterminate.class);
    }

    @Test
    void a_machine_that_is_off_merges_nothing() {
        layers.switchTo(List.of(OVERLAY));
        guest.in(DomainState.SHUT_OFF);
        assertThat(layers.mergeActive(OVERLAY, 0, Meter.NONE)).isInstanceOf(Outcome.Refused.class);
        assertThat(layers.chain("vda").get(0)).isEqualTo(OVERLAY.file());
        assertThat(layers.hasJob("vda")).isFalse();
    }

    @Test
    void a_layer_further_down_is_merged_and_the_one_above_goes_on_from_the_lower() {
        Overlay upper = new Overlay("vda", Path.of("/images/vda.sf-2.qcow2"), OVERLAY.file());
        layers.switchTo(List.of(OVERLAY));
        layers.switchTo(List.of(upper));
        guest.faults().on("commit", Kind.REPLY_LOST);
        assertThat(layers.mergeLower(OVERLAY, 0, Meter.NONE)).isInstanceOf(Outcome.Indeterminate.class);
        assertThat(layers.mergeLower(OVERLAY, 0, Meter.NONE)).isEqualTo(new Outcome.Done());
        assertThat(layers.chain("vda")).containsExactly(upper.file(), IMAGE);
        assertThat(guest.faults().count("commit")).isEqualTo(1);
    }

    @Test
    void a_job_of_another_kind_is_somebody_elses() {
        layers.switchTo(List.of(OVERLAY));
        layers.switchTo(List.of(new Overlay("vda", Path.of("/images/vda.sf-2.qcow2"), OVERLAY.file())));
        guest.faults().on("commitActive", Kind.REPLY_LOST);
        Overlay active = new Overlay("vda", Path.of("/images/vda.sf-2.qcow2"), OVERLAY.file());
        assertThat(layers.mergeActive(active, 0, Meter.NONE)).isInstanceOf(Outcome.Indeterminate.class);
        assertThat(layers.mergeLower(OVERLAY, 0, Meter.NONE))
                .isEqualTo(new Outcome.Refused("a ACTIVE_COMMIT job runs on vda"));
    }

    @Test
    void a_merge_is_measured() {
        layers.switchTo(List.of(OVERLAY));
        List<String> told = new ArrayList<>();
        layers.mergeActive(OVERLAY, 0, (done, total) -> told.add(done + "/" + total));
        assertThat(told).isNotEmpty().containsOnly("1/1");
    }

    @Test
    void a_machine_that_is_off_is_given_another_image_and_a_running_one_is_not() {
        Layer image = new Layer(Path.of("/images/new.raw"), "raw");
        assertThat(layers.redefine("vda", image)).isInstanceOf(Outcome.Refused.class);
        guest.in(DomainState.SHUT_OFF);
        assertThat(layers.redefine("vda", image)).isEqualTo(new Outcome.Done());
        assertThat(layers.defined("vda")).contains(image.file());
    }

    @Test
    void memory_that_is_saved_is_neither_on_nor_off() {
        assertThat(layers.power()).isEqualTo(Power.ON);
        guest.in(DomainState.PAUSED);
        assertThat(layers.power()).isEqualTo(Power.ON);
        guest.in(DomainState.OTHER);
        assertThat(layers.power()).isEqualTo(Power.UNCLEAR);
        guest.in(DomainState.SHUT_OFF);
        assertThat(layers.power()).isEqualTo(Power.OFF);
        guest.saved();
        assertThat(layers.power()).isEqualTo(Power.UNCLEAR);
    }

    @Test
    void other_machines_are_told_with_their_images_and_this_one_is_none_of_them() {
        assertThat(layers.otherUsers("vda"))
                .isEqualTo(Map.of("db02", List.of(new Layer(Path.of("/images/db02.qcow2"), "qcow2"))));
        assertThat(layers.definedLayer("vda")).contains(new Layer(IMAGE, "qcow2"));
    }

    @Test
    void the_other_disks_of_this_machine_are_others_too() {
        guest.with("vdb", Path.of("/images/vdb.qcow2"));
        assertThat(layers.otherUsers("vda"))
                .containsEntry("its own disk vdb", List.of(new Layer(Path.of("/images/vdb.qcow2"), "qcow2")));
        assertThat(layers.otherUsers("sda"))
                .containsEntry("its own disk vda", List.of(new Layer(IMAGE, "qcow2")))
                .containsKeys("its own disk vdb", "db02");
    }

    @Test
    void a_chain_that_nobody_tells_is_not_an_empty_one() {
        guest.faults().on("disks", Kind.REFUSED);
        assertThatExceptionOfType(GuestException.class).isThrownBy(() -> layers.chain("vda"));
    }
}
