package io.stillframe.guest;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A host with the given machines on it. */
public final class FakeHypervisor implements Hypervisor {
    private final List<FakeGuest> guests;

    public FakeHypervisor(FakeGuest... guests) {
        this.guests = List.copyOf(Arrays.asList(guests));
    }

    @Override
    public List<DomainId> domains() {
        return all().map(FakeGuest::id).toList();
    }

    @Override
    public Domain domain(String nameOrUuid) {
        FakeGuest guest = all().filter(of -> of.id().name().equals(nameOrUuid)
                        || of.id().uuid().toString().equals(nameOrUuid))
                .findFirst()
                .orElseThrow(() -> new GuestException(GuestFailure.NO_SUCH_DOMAIN, "no domain " + nameOrUuid));
        return open(guest, "open domain", () -> new FakeDomain(guest));
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

    private Stream<FakeGuest> all() {
        return guests.stream().flatMap(guest -> Stream.concat(Stream.of(guest), guest.clones().stream()));
    }

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
