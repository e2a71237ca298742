package io.stillframe.guest;

import java.util.Objects;
import java.util.UUID;

/** Who a virtual machine is: the UUID is its identity, the name what people call it (any text that libvirt allows). */
public record DomainId(UUID uuid, String name) {
    public DomainId {
        Objects.requireNonNull(uuid, "uuid");
        Objects.requireNonNull(name, "name");
    }
}
