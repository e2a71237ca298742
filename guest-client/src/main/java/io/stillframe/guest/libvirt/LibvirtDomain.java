package io.stillframe.guest.libvirt;

import io.stillframe.guest.BlockJob;
import io.stillframe.guest.Disk;
import io.stillframe.guest.DiskImage;
import io.stillframe.guest.DiskOverlay;
import io.stillframe.guest.Domain;
import io.stillframe.guest.DomainId;
import io.stillframe.guest.DomainState;
import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Tag;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.libvirt.Domain.BlockCommitFlags;
import org.libvirt.Domain.BlockJobAbortFlags;
import org.libvirt.Domain.SnapshotCreateFlags;
import org.libvirt.Domain.XMLFlags;
import org.libvirt.KeycodeSet;
import org.libvirt.LibvirtException;

/** A domain over a connection and a thread of its own. */
final class LibvirtDomain implements Domain {
    private static final int SWITCH_FLAGS = SnapshotCreateFlags.DISK_ONLY
            | SnapshotCreateFlags.ATOMIC
            | SnapshotCreateFlags.REUSE_EXT
            | SnapshotCreateFlags.NO_METADATA;

    /** As the next start will find it, passwords included: a definition without them would take them away. */
    private static final int WHOLE_DEFINITION = XMLFlags.INACTIVE | XMLFlags.SECURE;

    /** How long keys are held, in milliseconds: QEMU's own default, long enough for a guest's keyboard driver. */
    private static final int KEY_HOLD = 100;
    /** {@code VIR_DOMAIN_SEND_KEY_MAX_KEYS}. */
    private static final int MAX_KEYS = 16;

    private final DomainId id;
    private final Duration limit;
    private final Link<DomainConnection> link;
    private volatile List<Disk> lastSeen = List.of();

    private LibvirtDomain(DomainId id, Duration limit, Link<DomainConnection> link) {
        this.id = id;
        this.limit = limit;
        this.link = link;
    }

    /** Finds the domain over its own connection, so that no other handle that hangs is in the way. */
    static LibvirtDomain open(Libraries libraries, String uri, String nameOrUuid, Duration limit) {
        AtomicReference<DomainId> found = new AtomicReference<>();
        Link<DomainConnection> link = Link.open("vm '" + nameOrUuid + "'", limit, () -> {
            DomainId known = found.get();
            DomainConnection connection = known == null
                    ? DomainConnection.find(libraries, uri, nameOrUuid)
                    : DomainConnection.open(libraries, uri, known.uuid());
            // from now on it is this domain, even if another one takes over its name
            found.set(connection.id());
            return connection;
        });
        return new LibvirtDomain(found.get(), limit, link);
    }

    /** A handle of a domain that is known already. */
    static LibvirtDomain open(Libraries libraries, String uri, DomainId id, Duration limit) {
        return new LibvirtDomain(
                id,
                limit,
                Link.open("vm '" + id.name() + "'", limit, () -> DomainConnection.open(libraries, uri, id.uuid())));
    }

    @Override
    public DomainId id() {
        return id;
    }

    @Override
    public DomainState state() {
        return call("state", LibvirtDomain::stateOf);
    }

    @Override
    public boolean persistent() {
        return call("persistence", domain -> domain.isPersistent() == 1);
    }

    @Override
    public boolean hasSavedState() {
        return call("saved state", domain -> domain.hasManagedSaveImage() == 1);
    }

    @Override
    public List<Disk> disks() {
        List<Disk> disks = DomainXml.disks(call("definition", domain -> domain.getXMLDesc(0)));
        lastSeen = disks;
        return disks;
    }

    @Override
    public List<Disk> definedDisks() {
        return DomainXml.disks(call("definition", domain -> domain.getXMLDesc(XMLFlags.INACTIVE)));
    }

    @Override
    public Map<String, Long> written() {
        return link.call(
                "write counters",
                limit,
                connection -> unlessIn(
                        DomainState.SHUT_OFF, Map.of(), connection, "write counters", LibvirtDomain::writtenTo));
    }

    @Override
    public boolean hasKeyboard() {
        return DomainXml.hasKeyboard(call("definition", domain -> domain.getXMLDesc(0)));
    }

    @Override
    public void suspend() {
        reach(DomainState.PAUSED, "suspend", org.libvirt.Domain::suspend);
    }

    @Override
    public void resume() {
        reach(DomainState.RUNNING, "resume", org.libvirt.Domain::resume);
    }

    @Override
    public void switchTo(List<DiskOverlay> overlays) {
        // what stays as it is was seen before the freeze: no look now, while the guest stands still
        List<Disk> seen = lastSeen;
        perform("switch to overlays", domain -> {
            String xml = SnapshotXml.of(overlays, seen.isEmpty() ? DomainXml.disks(domain.getXMLDesc(0)) : seen);
            domain.snapshotCreateXML(xml, SWITCH_FLAGS).free();
        });
    }

    @Override
    public Optional<BlockJob> blockJob(String target) {
        return call("block job", domain -> {
            Optional<BlockJob> job = BlockJobs.read(domain.getBlockJobInfo(target, 0));
            return job.isPresent() && job.get().ready() && !DomainXml.readyToPivot(domain.getXMLDesc(0), target)
                    ? job.map(BlockJobs::almost)
                    : job;
        });
    }

    @Override
    public void commitActive(String target, Path top, Path base, long bytesPerSecond) {
        commit(target, top, base, bytesPerSecond, BlockCommitFlags.ACTIVE);
    }

    @Override
    public void commit(String target, Path top, Path base, long bytesPerSecond) {
        commit(target, top, base, bytesPerSecond, 0);
    }

    private void commit(String target, Path top, Path base, long bytesPerSecond, int flags) {
        // both ends are named and SHALLOW demands that they are neighbours: libvirt refuses a chain that is not the
        // one the caller has in mind
        int all = flags | BlockCommitFlags.SHALLOW | BlockCommitFlags.BANDWIDTH_BYTES;
        perform("commit", domain -> domain.blockCommit(target, base.toString(), top.toString(), bytesPerSecond, all));
    }

    @Override
    public void pivot(String target) {
        perform("pivot", domain -> domain.blockJobAbort(target, BlockJobAbortFlags.PIVOT));
    }

    @Override
    public void abortBlockJob(String target) {
        perform("block job abort", domain -> domain.blockJobAbort(target, 0));
    }

    @Override
    public void redefine(List<DiskImage> disks) {
        link.call("redefinition", limit, connection -> {
            connection.call("redefinition", LibvirtDomain::requireOff);
            String xml = connection.call("definition", domain -> domain.getXMLDesc(WHOLE_DEFINITION));
            connection.define("redefinition", DiskXml.redefined(xml, disks));
            return null;
        });
    }

    @Override
    public List<String> defineClone(DomainId clone, List<DiskImage> disks, OtherDisks others) {
        return link.call("definition of a clone", limit, connection -> {
            CloneXml made = clone(connection, clone, disks, others);
            connection.define("definition of a clone", made.xml());
            return made.remarks();
        });
    }

    @Override
    public List<String> planClone(DomainId clone, List<DiskImage> disks, OtherDisks others) {
        return link.call(
                "plan of a clone",
                limit,
                connection -> clone(connection, clone, disks, others).remarks());
    }

    private static CloneXml clone(
            DomainConnection connection, DomainId clone, List<DiskImage> disks, OtherDisks others) {
        String xml = connection.call("definition", domain -> domain.getXMLDesc(WHOLE_DEFINITION));
        return CloneXml.of(xml, clone, disks, others);
    }

    @Override
    public Set<Tag> tags() {
        return link.call("tags", limit, DomainConnection::tags);
    }

    @Override
    public Set<Tag> retag(Set<Tag> added, Set<Tag> removed) {
        return link.call("tags", limit, connection -> {
            Set<Tag> tags = new TreeSet<>(connection.tags());
            tags.removeAll(removed);
            tags.addAll(added);
            connection.call("tags", domain -> DomainTags.set(domain, tags));
            return Collections.unmodifiableSet(tags);
        });
    }

    @Override
    public void sendKeys(List<Integer> linuxKeyCodes) {
        if (linuxKeyCodes.isEmpty() || linuxKeyCodes.size() > MAX_KEYS) {
            throw new IllegalArgumentException("1 to " + MAX_KEYS + " keys, not " + linuxKeyCodes.size());
        }
        int[] codes = linuxKeyCodes.stream().mapToInt(Integer::intValue).toArray();
        perform("key press", domain -> domain.sendKey(KeycodeSet.LINUX, KEY_HOLD, codes));
    }

    @Override
    public void close() {
        link.close(limit);
    }

    /** Asks for a state. libvirt may refuse because it is that state already (55, or 1), which is as good. */
    private void reach(DomainState goal, String what, Action action) {
        link.call(what, limit, connection -> unlessIn(goal, null, connection, what, action::asCall));
    }

    /** What a call brings, or something else where it was refused and the machine turns out to be in this state. */
    private static <T> T unlessIn(
            DomainState state,
            T instead,
            DomainConnection connection,
            String what,
            LibvirtCall<org.libvirt.Domain, T> call) {
        try {
            return connection.call(what, call);
        } catch (GuestException e) {
            if (!e.failure().effectUnknown() && connection.call("state", LibvirtDomain::stateOf) == state) {
                return instead;
            }
            throw e;
        }
    }

    private static Map<String, Long> writtenTo(org.libvirt.Domain domain) throws LibvirtException {
        Map<String, Long> written = new LinkedHashMap<>();
        for (String target : DomainXml.writableTargets(domain.getXMLDesc(0))) {
            long bytes = domain.blockStats(target).wr_bytes;
            // -1: this driver does not count
            if (bytes >= 0) {
                written.put(target, bytes);
            }
        }
        return Collections.unmodifiableMap(written);
    }

    private void perform(String what, Action action) {
        call(what, action::asCall);
    }

    private <T> T call(String what, LibvirtCall<org.libvirt.Domain, T> call) {
        return link.call(what, limit, connection -> connection.call(what, call));
    }

    private static DomainState stateOf(org.libvirt.Domain domain) throws LibvirtException {
        return switch (domain.getInfo().state) {
            case VIR_DOMAIN_RUNNING, VIR_DOMAIN_BLOCKED -> DomainState.RUNNING;
            case VIR_DOMAIN_PAUSED -> DomainState.PAUSED;
            case VIR_DOMAIN_SHUTOFF -> DomainState.SHUT_OFF;
            default -> DomainState.OTHER;
        };
    }

    private static Void requireOff(org.libvirt.Domain domain) throws LibvirtException {
        if (stateOf(domain) != DomainState.SHUT_OFF) {
            throw new GuestException(GuestFailure.REJECTED, "the machine is not off");
        }
        if (domain.hasManagedSaveImage() == 1) {
            throw new GuestException(
                    GuestFailure.REJECTED, "the machine's memory is saved, with its disks as they are defined now");
        }
        return null;
    }

    private interface Action {
        void on(org.libvirt.Domain domain) throws LibvirtException;

        default Void asCall(org.libvirt.Domain domain) throws LibvirtException {
            on(domain);
            return null;
        }
    }
}
