package io.stillframe.offence.one;

import io.stillframe.offence.other.There;
import java.util.Optional;

/** Half of a cycle of packages, to show that the rule against them can be broken. */
public record Here(Optional<There> there) {}
