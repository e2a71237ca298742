package io.stillframe.guest.libvirt;

import io.stillframe.guest.DomainId;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Printable;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.libvirt.Domain;

/** Finds domains by what people call them. The caller frees what is found. */
final class DomainLookup {
    private DomainLookup() {}

    static Domain byNameOrUuid(HostConnection host, String nameOrUuid) {
        // a C string would end at the NUL and find another domain
        if (nameOrUuid.isEmpty() || nameOrUuid.indexOf('\0') >= 0) {
            throw new GuestException(
                    GuestFailure.NO_SUCH_DOMAIN, Printable.of("no domain can be named '" + nameOrUuid + "'"));
        }
        try {
            return host.call("lookup of vm '" + nameOrUuid + "'", connect -> connect.domainLookupByName(nameOrUuid));
        } catch (GuestException e) {
            Optional<UUID> uuid = uuid(nameOrUuid);
            if (e.failure() != GuestFailure.NO_SUCH_DOMAIN || uuid.isEmpty()) {
                throw e;
            }
            return byUuid(host, uuid.get());
        }
    }

    static Domain byUuid(HostConnection host, UUID uuid) {
        return host.call("lookup of vm " + uuid, connect -> connect.domainLookupByUUIDString(uuid.toString()));
    }

    static DomainId identity(HostConnection host, Domain domain) {
        return host.on(
                "identity", domain, found -> new DomainId(UUID.fromString(found.getUUIDString()), found.getName()));
    }

    private static Optional<UUID> uuid(String text) {
        try {
            UUID uuid = UUID.fromString(text);
            // fromString also reads 1-1-1-1-1
            return uuid.toString().equals(text.toLowerCase(Locale.ROOT)) ? Optional.of(uuid) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
