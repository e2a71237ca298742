package io.stillframe.orchestrator.model;

/** What the processes do beside their tables; a model without any one of these must break a promise. */
enum Rule {
    /** Nothing is held before its intent is on the disk: the state that says so comes first. */
    BARRIER,
    /** Nothing is held without a sentinel that is armed. */
    SENTINEL_FIRST,
    /** The sentinel releases the guest of a holder that lets the deadline pass. */
    SENTINEL_HAS_A_DEADLINE,
    /** The sentinel looks after the guest of a holder that is gone. */
    SENTINEL_SEES_THE_END,
    /** The switch inside the guest thaws it. */
    SWITCH_FIRES,
    /** Nobody believes what the sentinel did at its deadline, for the holder may have frozen the guest since. */
    DEADLINE_IS_NOT_THE_END,
    /** Recovery releases the guest of a run that may have held it, where no lease tells of it any more. */
    RECOVERY_RELEASES,
    /** Nothing is taken back before the guest is released. */
    RELEASE_BEFORE_ROLL_BACK,
    /** Nothing is completed whose images are not where they have to be. */
    IMAGES_ARE_VERIFIED,
    /** What somebody else has thawed in between is not called frozen. */
    COUNTS_ARE_COMPARED,
    /** A freeze that was not answered claims nothing. */
    AN_ANSWER_IS_NEEDED
}
