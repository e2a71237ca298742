package io.stillframe.guest;

import java.util.Objects;

/** A call to a virtual machine that failed, or whose outcome is unknown. */
public final class GuestException extends RuntimeException {
    private final GuestFailure failure;
    private final int libvirtCode;

    /**
     * @param libvirtCode libvirt's error number, 0 where the failure is not libvirt's
     */
    public GuestException(GuestFailure failure, int libvirtCode, String message, Throwable cause) {
        super(message, cause);
        this.failure = Objects.requireNonNull(failure, "failure");
        this.libvirtCode = libvirtCode;
    }

    public GuestException(GuestFailure failure, String message) {
        this(failure, 0, message, null);
    }

    public GuestFailure failure() {
        return failure;
    }

    public int libvirtCode() {
        return libvirtCode;
    }
}
