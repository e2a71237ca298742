package io.stillframe.orchestrator.evidence;

import io.stillframe.orchestrator.evidence.DiskFinding.Examined;
import io.stillframe.orchestrator.evidence.DiskFinding.Unread;
import io.stillframe.orchestrator.lease.Timing;
import io.stillframe.orchestrator.proof.ExamineDisk;
import io.stillframe.orchestrator.proof.image.ImageFile;
import io.stillframe.orchestrator.proof.image.ReadLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a snapshot's disk where it is open on this host, within {@link ReadLimits#DEFAULT}. On a thread of its own: a read
 * that the storage does not answer cannot be ended, and must not keep whoever waits for it.
 */
public final class ReadDisk {
    private static final Logger LOG = LoggerFactory.getLogger(ReadDisk.class);

    /** The limits end what is merely slow before. */
    private static final Duration PATIENCE = ReadLimits.DEFAULT.time().plusSeconds(10);

    private final Timing timing;

    public ReadDisk(Timing timing) {
        this.timing = timing;
    }

    /** Whatever is there, and whatever goes wrong, is an answer. */
    public DiskFinding at(Path view) {
        CompletableFuture<DiskFinding> finding = new CompletableFuture<>();
        try (Timing.Worker worker = timing.worker("proof of " + view)) {
            worker.run(() -> {
                try {
                    finding.complete(examined(view));
                } finally {
                    finding.complete(new Unread("the reading broke")); // where nothing was said so far
                }
            });
            return finding.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Unread("the storage did not answer within %d s".formatted(PATIENCE.toSeconds()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Unread("it was interrupted");
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing completes it so", e);
        }
    }

    private DiskFinding examined(Path view) {
        try (ImageFile disk = ImageFile.open(view)) {
            return new Examined(new ExamineDisk(ReadLimits.DEFAULT, timing::nanos).of(disk));
        } catch (RuntimeException e) {
            // the storage failed, or the reader did: either way nothing is known
            LOG.info("{} could not be read", view, e);
            return new Unread(String.valueOf(e.getMessage()));
        }
    }
}
