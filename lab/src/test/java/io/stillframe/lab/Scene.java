package io.stillframe.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A guest's images at one moment, to see later that nothing of it was touched. */
record Scene(LabGuest guest, Map<String, Path> active, Map<String, Path> defined, List<Path> files, String state) {
    static Scene of(LabGuest guest) {
        return new Scene(guest, guest.activeImages(), guest.definedImages(), guest.imageFiles(), guest.state());
    }

    /** Nothing was made, nothing was switched, and the machine does what it did. */
    void isUntouched() {
        assertThat(of(guest)).isEqualTo(this);
    }
}
