package io.stillframe.guest.libvirt;

import io.stillframe.guest.GuestException;
import io.stillframe.guest.GuestFailure;
import io.stillframe.guest.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What an agent may say at most. Beyond it the agent is broken or hostile, and nothing it says is used. */
final class Bounds {
    /** Filesystems that a freeze or thaw may count: far above any real guest. */
    static final int MAX_FILESYSTEM_COUNT = 10_000;
    /** Entries of any list in an answer. */
    static final int MAX_ENTRIES = 4096;
    /** Characters of any name in an answer; a path in Linux has as many bytes. */
    static final int MAX_TEXT = 4096;
    /** Tokens of an answer in JSON, each name, value and bracket: a list of that many entries of seven fields. */
    static final int MAX_TOKENS = 16 * MAX_ENTRIES;
    /** Bytes of an answer: libvirt's own limit for what it reads from an agent. */
    static final int MAX_REPLY = 10 * 1024 * 1024;

    /** Bytes of an answer that holds no list and no program's output: a few words, or an error's description. */
    static final int MAX_SHORT_REPLY = 32 * 1024;

    private Bounds() {}

    static int filesystemCount(int count) {
        if (count < 0 || count > MAX_FILESYSTEM_COUNT) {
            throw badReply("an absurd number of filesystems: " + count, null);
        }
        return count;
    }

    static int entries(long count) {
        if (count < 0 || count > MAX_ENTRIES) {
            throw badReply("a list of " + count + " entries", null);
        }
        return (int) count;
    }

    /** A text of bounded length that can be written down: half a surrogate pair cannot, in UTF-8. */
    static String text(String value) {
        if (value.length() > MAX_TEXT) {
            throw badReply("a name of " + value.length() + " characters", null);
        }
        if (value.codePoints().anyMatch(Bounds::isLoneSurrogate)) {
            throw badReply("a name with half a character", null);
        }
        return value;
    }

    private static boolean isLoneSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    /** Decodes strictly: a replacement character in a mountpoint would name another one. */
    static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw badReply("text that is not UTF-8", e);
        }
    }

    static GuestException badDomainXml(Exception cause) {
        return new GuestException(GuestFailure.BAD_REPLY, 0, "libvirt's domain XML cannot be parsed", cause);
    }

    static GuestException badReply(String what, Exception cause) {
        return new GuestException(
                GuestFailure.BAD_REPLY, 0, Printable.of("the agent's answer is not usable: " + what), cause);
    }
}
