package io.stillframe.orchestrator.proof.filesystem;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.stillframe.orchestrator.proof.image.Bytes;
import io.stillframe.orchestrator.proof.image.DiskImage;
import io.stillframe.orchestrator.proof.image.Label;
import java.util.HexFormat;
import java.util.Optional;

/** What is known by its name alone: nothing is claimed of it, but it is told from what nobody knows. */
enum Others implements Format {
    SWAP(Kind.SWAP, 4086, "53574150535041434532", "swap holds nothing that a freeze keeps") {
        @Override
        Content content(Bytes head) {
            return new Content(Kind.SWAP, Label.uuid(head, 0x40c), Label.of(head.array(0x41c, 16), UTF_8));
        }
    },
    LUKS(Kind.LUKS, 0, "4c554b53babe", "it is encrypted") {
        @Override
        Content content(Bytes head) {
            boolean named = head.bigEndian().u16(6) == 2;
            String label = named ? Label.of(head.array(24, 48), UTF_8) : "";
            return new Content(Kind.LUKS, Label.of(head.array(168, 40), US_ASCII), label);
        }
    },
    BITLOCKER(Kind.BITLOCKER, 3, "2d4656452d46532d", "it is encrypted"),
    ISO9660(Kind.ISO9660, 32769, "4344303031", "it is never written to"),
    SQUASHFS(Kind.SQUASHFS, 0, "68737173", "it is never written to"),
    EROFS(Kind.EROFS, 1024, "e2e1f5e0", "it is never written to"),
    F2FS(Kind.F2FS, 1024, "1020f5f2", "its marks are not known here"),
    BCACHEFS(Kind.BCACHEFS, 4096 + 24, "c68573f64e1a45ca8265f57f48ba6d81", "its marks are not known here"),
    REFS(Kind.REFS, 3, "52654653", "its marks are not known here"),
    MDRAID_1_1(Kind.MDRAID, 0, "fc4e2ba9", "it is a member of a RAID"),
    MDRAID_1_2(Kind.MDRAID, 4096, "fc4e2ba9", "it is a member of a RAID");

    private final Kind kind;
    private final int at;
    /** In hexadecimal digits: not all of them are letters. */
    private final String magic;

    private final String reason;

    Others(Kind kind, int at, String magic, String reason) {
        this.kind = kind;
        this.at = at;
        this.magic = magic;
        this.reason = reason;
    }

    Content content(Bytes head) {
        return Content.of(kind);
    }

    @Override
    public Optional<Filesystem> find(DiskImage volume) {
        int length = magic.length() / 2;
        if (volume.size() < at + length
                || !magic.equals(
                        HexFormat.of().formatHex(volume.bytes(at, length).array(0, length)))) {
            return Optional.empty();
        }
        Bytes head = volume.bytes(0, (int) Math.min(4096, volume.size()));
        return Optional.of(new Named(content(head), reason));
    }
}
