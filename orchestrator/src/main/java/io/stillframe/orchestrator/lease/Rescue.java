package io.stillframe.orchestrator.lease;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Hypervisor;
import java.time.Duration;

/**
 * Releases guests that no process of now holds.
 *
 * @param patience how long a release goes on trying
 */
public record Rescue(Hypervisor hypervisor, Timing timing, Duration patience) {
    /** A freeze that a process sent in its last moment is through libvirt by then. */
    public static final Duration SETTLE = Duration.ofSeconds(2);

    /**
     * Takes a guest over and releases it, over connections of its own.
     *
     * @param settle for how long the thaw has to last before it counts: {@link #SETTLE} where its holder has just died
     */
    public Thaw of(Lease lease, Duration settle) {
        try (Domain domain = hypervisor.domain(lease.vm());
                GuestAgent agent = hypervisor.agent(lease.vm())) {
            GuestRelease release = new GuestRelease(domain, agent, lease, timing, patience);
            try (FreezeLease adopted = FreezeLease.adopt(release, timing, lease, patience, settle)) {
                return adopted.thaw();
            }
        } catch (GuestException e) {
            return e.failure() == GuestFailure.NO_SUCH_DOMAIN
                    ? Thaw.withoutCommand(Thaw.Means.MACHINE_OFF, "the machine is gone")
                    : Thaw.withoutCommand(Thaw.Means.NOTHING, String.valueOf(e.getMessage()));
        }
    }
}
