package io.stillframe.orchestrator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.stillframe.guest.DomainState;
import io.stillframe.guest.FakeGuest;
import io.stillframe.guest.FakeHypervisor;
import io.stillframe.guest.Faults.Kind;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.lease.VirtualTiming;
import io.stillframe.storage.Outcome;
import io.stillframe.storage.qcow2.ActiveLayers.Overlay;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainLayersTest {
    private static final Path IMAGE = Path.of("/images/vda.qcow2");
    private static final Overlay OVERLAY = new Overlay("vda", Path.of("/images/vda.sf-1.qcow2"), IMAGE);

    private final FakeGuest guest = new FakeGuest("db01").with("vda", IMAGE);
    private final DomainLayers layers = new DomainLayers(new FakeHypervisor(guest).domain("db01"), new VirtualTiming());

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
        assertThat(layers.mergeActive(OVERLAY)).isEqualTo(new Outcome.Done());
        assertThat(layers.chain("vda")).containsExactly(IMAGE);
        assertThat(layers.defined("vda")).contains(IMAGE);
        assertThat(layers.hasJob("vda")).isFalse();
    }

    @Test
    void a_merge_that_an_earlier_call_began_is_gone_on_with() {
        layers.switchTo(List.of(OVERLAY));
        guest.faults().on("commitActive", Kind.REPLY_LOST);
        assertThat(layers.mergeActive(OVERLAY)).isInstanceOf(Outcome.Indeterminate.class);
        assertThat(layers.hasJob("vda")).isTrue();
        assertThat(layers.mergeActive(OVERLAY)).isEqualTo(new Outcome.Done());
        assertThat(guest.faults().count("commitActive")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"commitActive", "pivot", "blockJob"})
    void a_merge_that_was_refused_leaves_the_overlay_active(String call) {
        layers.switchTo(List.of(OVERLAY));
        guest.faults().on(call, Kind.REFUSED);
        assertThat(layers.mergeActive(OVERLAY)).isInstanceOf(Outcome.Refused.class);
        assertThat(layers.chain("vda")).containsExactly(OVERLAY.file(), IMAGE);
    }

    @Test
    void a_machine_that_is_off_merges_nothing() {
        layers.switchTo(List.of(OVERLAY));
        guest.in(DomainState.SHUT_OFF);
        assertThat(layers.mergeActive(OVERLAY)).isInstanceOf(Outcome.Refused.class);
        assertThat(layers.chain("vda").get(0)).isEqualTo(OVERLAY.file());
        assertThat(layers.hasJob("vda")).isFalse();
    }

    @Test
    void a_chain_that_nobody_tells_is_not_an_empty_one() {
        guest.faults().on("disks", Kind.REFUSED);
        assertThatExceptionOfType(GuestException.class).isThrownBy(() -> layers.chain("vda"));
    }
}
