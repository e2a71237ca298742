package io.stillframe.orchestrator.proof.layout;

import io.stillframe.orchestrator.proof.image.DiskImage;
import java.util.Optional;

/**
 * One logical volume of LVM.
 *
 * @param group printable, as is the name
 * @param image what is on it; empty where its layout is not plain
 * @param reason why there is none; empty where there is
 */
public record LogicalVolume(String group, String name, Optional<DiskImage> image, String reason) {
    /** Its name below {@code /dev/mapper}: hyphens are doubled. */
    public String mapperName() {
        return group.replace("-", "--") + "-" + name.replace("-", "--");
    }
}
