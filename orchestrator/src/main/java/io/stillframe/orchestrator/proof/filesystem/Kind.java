package io.stillframe.orchestrator.proof.filesystem;

/** What a volume can hold. */
public enum Kind {
    EXT2("ext2"),
    EXT3("ext3"),
    EXT4("ext4"),
    XFS("xfs"),
    BTRFS("btrfs"),
    VFAT("vfat"),
    EXFAT("exfat"),
    NTFS("ntfs"),
    SWAP("swap"),
    LUKS("crypto_LUKS"),
    BITLOCKER("BitLocker"),
    LVM("LVM2_member"),
    MDRAID("linux_raid_member"),
    ISO9660("iso9660"),
    F2FS("f2fs"),
    BCACHEFS("bcachefs"),
    SQUASHFS("squashfs"),
    EROFS("erofs"),
    REFS("ReFS"),
    /** Nothing but zeroes where marks would be. */
    ZERO("zeroes"),
    UNKNOWN("unknown");

    private final String label;

    Kind(String label) {
        this.label = label;
    }

    /** The name that is printed: that of {@code blkid} where it has one. */
    public String label() {
        return label;
    }

    /** Whether a guest that has this mounted may call its type so: one driver mounts several formats. */
    public boolean mountedAs(String guestType) {
        return label.equals(guestType)
                || switch (this) {
                    case EXT2 -> guestType.equals("ext3") || guestType.equals("ext4");
                    case EXT3 -> guestType.equals("ext4");
                    case VFAT -> guestType.equals("msdos") || guestType.startsWith("FAT");
                    case NTFS -> guestType.equals("ntfs3") || guestType.equals("fuseblk") || guestType.equals("NTFS");
                    default -> false;
                };
    }
}
