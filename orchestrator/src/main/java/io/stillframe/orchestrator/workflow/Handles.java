package io.stillframe.orchestrator.workflow;

import io.stillframe.guest.Domain;
import io.stillframe.guest.GuestAgent;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.Hypervisor;
import java.util.ArrayList;
import java.util.List;

/**
 * The handles of one run, each with its own connection: two for the work, two that only the release uses. The first is
 * the caller's, and stays open.
 */
record Handles(Domain domain, GuestAgent agent, Domain guard, GuestAgent thawAgent) {
    static Handles open(Hypervisor hypervisor, Domain domain) {
        List<Runnable> opened = new ArrayList<>();
        try {
            GuestAgent agent = hypervisor.agent(domain.id());
            opened.add(agent::close);
            Domain guard = hypervisor.domain(domain.id());
            opened.add(guard::close);
            return new Handles(domain, agent, guard, hypervisor.agent(domain.id()));
        } catch (GuestException e) {
            opened.forEach(Runnable::run);
            throw e;
        }
    }

    void close() {
        agent.close();
        guard.close();
        thawAgent.close();
    }
}
