package io.stillframe.config;

import java.util.Optional;

/** A part of some space, told in percent of it or in bytes: {@code 20%}, {@code 10GiB}. */
public sealed interface Amount permits Percent, ByteSize {
    String EXPECTED = "a percentage such as 20%, or " + ByteSize.EXPECTED;

    /** Empty when the text is neither. */
    static Optional<Amount> parse(String text) {
        return Percent.parse(text).<Amount>map(percent -> percent).or(() -> ByteSize.parse(text));
    }

    /** In bytes, of a space of so many; may be more than there is. */
    long of(long bytes);
}
