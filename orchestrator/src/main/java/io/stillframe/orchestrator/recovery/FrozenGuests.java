package io.stillframe.orchestrator.recovery;

import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestAgent.FreezeStatus;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.Hypervisor;
import io.stillframe.orchestrator.lease.Lease;
import io.stillframe.orchestrator.lease.Rescue;
import io.stillframe.orchestrator.lease.Thaw;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.recovery.Finding.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Guests whose agent says frozen though no run of ours claims them. Somebody else may want them so: they are thawed only
 * on an operator's word.
 */
public final class FrozenGuests {
    private static final Duration CALL_LIMIT = Duration.ofSeconds(5);

    private final Hypervisor hypervisor;
    private final Consumer<DomainId> hold;
    private final Timing timing;
    private final Duration patience;

    /** @param hold keeps every other process of this host from a machine, or throws where one has it */
    public FrozenGuests(Hypervisor hypervisor, Consumer<DomainId> hold, Timing timing, Duration patience) {
        this.hypervisor = hypervisor;
        this.hold = hold;
        this.timing = timing;
        this.patience = patience;
    }

    /**
     * Looks for them.
     *
     * @param claimed machines that are seen to otherwise
     * @param adopt whether to thaw them
     */
    public List<Finding> find(Set<UUID> claimed, boolean adopt) {
        List<Finding> findings = new ArrayList<>();
        for (DomainId vm : hypervisor.domains()) {
            if (!claimed.contains(vm.uuid())) {
                look(vm, adopt).ifPresent(findings::add);
            }
        }
        return findings;
    }

    private Optional<Finding> look(DomainId vm, boolean adopt) {
        try (Domain domain = hypervisor.domain(vm)) {
            if (domain.state() != DomainState.RUNNING) {
                return Optional.empty();
            }
            try (GuestAgent agent = hypervisor.agent(vm)) {
                return isFrozen(agent) && isFree(vm) && isFrozen(agent)
                        ? Optional.of(adopt ? thaw(vm) : left(vm))
                        : Optional.empty();
            }
        } catch (GuestException e) {
            // a machine without an agent that answers was not frozen through one
            return Optional.empty();
        }
    }

    private static boolean isFrozen(GuestAgent agent) {
        return agent.status(CALL_LIMIT) == FreezeStatus.FROZEN;
    }

    /** A machine that another process of this host is busy with is claimed by that one. */
    private boolean isFree(DomainId vm) {
        try {
            hold.accept(vm);
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static Finding left(DomainId vm) {
        return Finding.of(
                Status.MAY_BE_FROZEN,
                vm.name(),
                "frozen, and no run of this state directory claims it: thaw it with 'stillframe reconcile --adopt' or "
                        + "'stillframe thaw'");
    }

    private Finding thaw(DomainId vm) {
        Thaw thaw = new Rescue(hypervisor, timing, patience).of(Lease.unknown(vm), Duration.ZERO);
        return Finding.of(
                thaw.confirmed() ? Status.DONE : Status.MAY_BE_FROZEN,
                vm.name(),
                "was frozen, claimed by no run: " + thaw.how());
    }
}
