package io.stillframe.guest;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** A connection to a hypervisor. */
public interface Hypervisor extends AutoCloseable {
    /** Every domain there is, running or not. */
    List<DomainId> domains();

    /**
     * The disks of every domain, running or not; of a running one those of its definition too. Who uses an image is found
     * here, as far as libvirt knows.
     */
    Map<DomainId, List<Disk>> disks();

    /** The tags of every domain, running or not, as {@link Domain#tags} has them. */
    Map<DomainId, Set<Tag>> tags();

    /**
     * A domain by its name or, where no domain bears that name, by its UUID.
     *
     * @throws GuestException with {@link GuestFailure#NO_SUCH_DOMAIN}
     */
    Domain domain(String nameOrUuid);

    /**
     * A domain by its identity: never another one that merely bears such a name.
     *
     * @throws GuestException with {@link GuestFailure#NO_SUCH_DOMAIN}
     */
    Domain domain(DomainId id);

    /**
     * The agent inside a domain, over a connection of its own: a call that hangs here holds up no other agent handle
     * and no {@link Domain}. The thaw gets its own this way. It opens whether or not the agent answers or the machine
     * runs: only its calls find that out.
     */
    GuestAgent agent(DomainId domain);

    /**
     * Removes the definition of a machine that was defined and never started. Absent counts as done. libvirt refuses one
     * that has left more than its definition: saved memory, firmware variables, snapshots.
     *
     * @throws GuestException {@link GuestFailure#REJECTED} when it is not off
     */
    void undefine(DomainId domain);

    /** What is on the other side, for people: {@code libvirt 9.0.0, QEMU 7.2.0}. */
    String version();

    @Override
    void close();
}
