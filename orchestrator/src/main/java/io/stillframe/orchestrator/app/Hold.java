package io.stillframe.orchestrator.app;

import io.stillframe.guest.DomainId;
import java.util.List;

/** What is held, until it is closed. */
interface Hold extends AutoCloseable {
    /** Says that the holder is busy with these machines, for those who want one of them. */
    void busyWith(List<DomainId> vms);

    @Override
    void close();
}
