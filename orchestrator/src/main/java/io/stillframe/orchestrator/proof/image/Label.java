package io.stillframe.orchestrator.proof.image;

import io.stillframe.guest.Printable;
import java.nio.charset.Charset;
import java.util.HexFormat;

/** Names that a guest has written on its disk, made fit for a message. */
public final class Label {
    private static final int LONGEST = 128;

    private Label() {}

    /** A text that ends at its first NUL, without the blanks around it. */
    public static String of(byte[] bytes, Charset charset) {
        String text = new String(bytes, charset);
        int end = text.indexOf('\0');
        return of(end < 0 ? text : text.substring(0, end));
    }

    public static String of(String text) {
        return Printable.of(text.strip(), LONGEST);
    }

    /** A UUID as it is written: 16 bytes in their order. */
    public static String uuid(Bytes bytes, int at) {
        String hex = HexFormat.of().formatHex(bytes.array(at, 16));
        return String.join(
                "-",
                hex.substring(0, 8),
                hex.substring(8, 12),
                hex.substring(12, 16),
                hex.substring(16, 20),
                hex.substring(20));
    }
}
