package io.stillframe.orchestrator.lease;

import java.time.Duration;

/**
 * How a release ended.
 *
 * @param confirmed whether the guest is known not to be frozen any more
 * @param filesystems how many filesystems the first thaw command that was answered thawed; -1 where none was answered
 * @param attempts how many thaw commands were sent
 * @param window from before the freeze command was sent to the confirmation, or to giving up
 * @param how what confirmed it, or what stood in the way, in words for people
 */
public record Thaw(boolean confirmed, int filesystems, int attempts, Duration window, String how) {}
