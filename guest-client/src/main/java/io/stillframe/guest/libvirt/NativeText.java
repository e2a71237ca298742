package io.stillframe.guest.libvirt;

import com.sun.jna.Pointer;

/** C strings that hold a guest's text. */
final class NativeText {
    private NativeText() {}

    /** The bytes of a C string, refused beyond a length. */
    static byte[] bytes(Pointer text, int maxLength) {
        long length = text.indexOf(0, (byte) 0);
        if (length < 0 || length > maxLength) {
            throw Bounds.badReply("a text of " + length + " bytes", null);
        }
        return text.getByteArray(0, (int) length);
    }

    /** A name; libvirt's null for one that the guest left out is the empty name. */
    static String name(Pointer text) {
        return text == null ? "" : Bounds.text(Bounds.utf8(bytes(text, Bounds.MAX_TEXT * 4)));
    }
}
