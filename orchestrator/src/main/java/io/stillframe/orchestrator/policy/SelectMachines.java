package io.stillframe.orchestrator.policy;

import io.stillframe.config.Select;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.Hypervisor;
import io.stillframe.guest.Tag;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The machines that a policy is for at this moment. */
public final class SelectMachines {
    private final Hypervisor hypervisor;

    public SelectMachines(Hypervisor hypervisor) {
        this.hypervisor = hypervisor;
    }

    /** By name. */
    public List<DomainId> of(Select select) {
        Stream<DomainId> selected = select.tags().isEmpty()
                ? hypervisor.domains().stream().filter(vm -> select.includes(vm.name(), List.of()))
                : hypervisor.tags().entrySet().stream()
                        .filter(of -> select.includes(
                                of.getKey().name(),
                                of.getValue().stream().map(Tag::name).toList()))
                        .map(Map.Entry::getKey);
        return selected.sorted(Comparator.comparing(DomainId::name)).toList();
    }
}
