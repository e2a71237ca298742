package io.stillframe.guest;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A host with the given machines on it. */
public final class FakeHypervisor implements Hypervisor {
    private final List<FakeGuest> guests;

    public FakeHypervisor(FakeGuest... guests) {
        this(new CopyOnWriteArrayList<>(Arrays.asList(guests)));
    }

    /** @param guests of the host itself, whoever connects to it: what is defined here is there for the next one, too */
    public FakeHypervisor(List<FakeGuest> guests) {
        this.guests = guests;
    }

    @Override
    public List<DomainId> domains() {
        return guests.stream().map(FakeGuest::id).toList();
    }

    @Override
    public Map<DomainId, List<Disk>> disks() {
        Map<DomainId, List<Disk>> disks = new LinkedHashMap<>();
        guests.forEach(guest -> disks.put(
                guest.id(),
                Stream.concat(guest.disks(false).stream(), guest.disks(true).stream())
                        .distinct()
                        .toList()));
        return disks;
    }

    @Override
    public Map<DomainId, Set<Tag>> tags() {
        return guests.stream().collect(Collectors.toMap(FakeGuest::id, FakeGuest::tags));
    }

    @Override
    public void undefine(DomainId domain) {
        for (FakeGuest guest : guests) {
            if (guest.id().uuid().equals(domain.uuid())) {
                guest.faults().call("undefine", () -> undefine(guest), kind -> {
                    throw new GuestException(GuestFailure.CONNECTION_LOST, "undefine was not answered");
                });
            }
        }
    }

    private boolean undefine(FakeGuest guest) {
        if (guest.state() != DomainState.SHUT_OFF) {
            throw new GuestException(GuestFailure.REJECTED, "the machine is not off");
        }
        return guests.remove(guest);
    }

    /** A machine that is off, with these disks and no others; one of that identity is replaced. */
    void define(DomainId id, List<DiskImage> images) {
        if (guests.stream()
                .anyMatch(guest -> guest.id().name().equals(id.name())
                        && !guest.id().uuid().equals(id.uuid()))) {
            throw new GuestException(GuestFailure.REJECTED, "there is a machine " + id.name());
        }
        guests.removeIf(guest -> guest.id().uuid().equals(id.uuid()));
        FakeGuest made = new FakeGuest(id).in(DomainState.SHUT_OFF);
        images.forEach(image -> made.disk(new Disk(
                image.target(),
                "disk",
                image.kind() == DiskImage.Kind.FILE ? "file" : "block",
                Optional.of(image.path().toString()),
                image.format(),
                false,
                true,
                "none",
                List.of())));
        guests.add(made);
    }

    @Override
    public Domain domain(String nameOrUuid) {
        FakeGuest guest = guests.stream()
                .filter(of -> of.id().name().equals(nameOrUuid)
                        || of.id().uuid().toString().equals(nameOrUuid))
                .findFirst()
                .orElseThrow(() -> new GuestException(GuestFailure.NO_SUCH_DOMAIN, "no domain " + nameOrUuid));
        return open(guest, "open domain", () -> new FakeDomain(this, guest));
    }

    @Override
    public Domain domain(DomainId id) {
        return domain(id.uuid().toString());
    }

    @Override
    public GuestAgent agent(DomainId domain) {
        FakeGuest guest = guests.stream()
                .filter(of -> of.id().uuid().equals(domain.uuid()))
                .findFirst()
                .orElseThrow(() -> new GuestException(GuestFailure.NO_SUCH_DOMAIN, "no domain " + domain));
        return open(guest, "open agent", () -> new FakeAgent(guest));
    }

    @Override
    public String version() {
        return "pretended 1.0.0";
    }

    @Override
    public void close() {}

    private static <T extends AutoCloseable> T open(
            FakeGuest guest, String name, java.util.function.Supplier<T> opener) {
        return guest.faults().call(name, opener, kind -> {
            if (kind == Faults.Kind.REPLY_LOST) {
                guest.closed(); // what was opened is closed by the port itself
            }
            throw new GuestException(GuestFailure.CONNECTION_LOST, name + " was not answered");
        });
    }
}
