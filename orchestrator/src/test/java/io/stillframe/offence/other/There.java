package io.stillframe.offence.other;

import io.stillframe.offence.one.Here;
import java.util.Optional;

/** The other half of a cycle of packages. */
public record There(Optional<Here> here) {}
