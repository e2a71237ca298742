package io.stillframe.orchestrator.cli;

import io.stillframe.config.Grouping;
import io.stillframe.config.Policy;
import io.stillframe.db.GroupRule;
import io.stillframe.db.Journal;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.orchestrator.life.Meters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The machines of a policy that are taken at one instant, and then what of each is not kept is removed. */
final class GroupTurn {
    private final Site site;
    private final Journal journal;
    private final Policy policy;
    private final Output output;

    GroupTurn(Site site, Journal journal, Policy policy, Output output) {
        this.site = site;
        this.journal = journal;
        this.policy = policy;
        this.output = output;
    }

    /** What came of each machine, in their order. */
    GroupSnapshot.Result of(List<DomainId> vms) {
        List<Domain> domains = new ArrayList<>();
        try {
            site.hold("policy run", vms);
            ReconcileCommand.settle(site, journal, vms, Meters.NONE).forEach(output::note);
            vms.forEach(vm -> domains.add(site.machines().hypervisor().domain(vm)));
            return take(domains);
        } catch (CommandFailed e) {
            return refused(vms, e);
        } catch (GuestException e) {
            return refused(vms, SiteCommand.unreachable(e));
        } finally {
            domains.forEach(Domain::close);
        }
    }

    private static GroupSnapshot.Result refused(List<DomainId> vms, CommandFailed failure) {
        return new GroupSnapshot.Result(
                Optional.empty(),
                vms.stream().map(vm -> Taken.failed(vm.name(), failure)).toList());
    }

    private GroupSnapshot.Result take(List<Domain> domains) {
        GroupRule rule = policy.grouping() == Grouping.KEEP_OTHERS ? GroupRule.KEEP_OTHERS : GroupRule.ALL_OR_NOTHING;
        return GroupSnapshot.take(site, journal, domains, rule, PolicyTurn.options(site, policy));
    }
}
