package io.stillframe.lab;

/**
 * The agent's process in a guest. The guest's power button reaches it, whatever state the agent is in: pressed once it
 * sends the agent a signal, pressed again it lets the agent go on, or come back.
 */
final class AgentProcess {
    private static final String BUTTON = """
            cat > /etc/acpi/PWRF/stillframe << 'END'
            #!/bin/sh
            if [ -e /run/qga.hold ]
            then rm /run/qga.hold; kill -CONT $(cat /run/qga.pid)
            else touch /run/qga.hold; kill -%s $(cat /run/qga.pid)
            fi
            END
            chmod +x /etc/acpi/PWRF/stillframe
            mv -f /etc/acpi/PWRF/stillframe /etc/acpi/PWRF/00000080
            """;

    private final LabGuest guest;
    private boolean ended;

    private AgentProcess(LabGuest guest) {
        this.guest = guest;
    }

    /** @param signal {@code KILL} or {@code STOP} */
    static AgentProcess of(LabGuest guest, String signal) {
        guest.shell(BUTTON.formatted(signal));
        return new AgentProcess(guest);
    }

    /** Sends the signal, and waits until the agent is silent. */
    void end() {
        ended = true;
        guest.virsh("shutdown", "--mode", "acpi");
        Await.until("the agent is silent", () -> !guest.agentAnswers());
    }

    /** Has it go on or come back, and waits until it answers; one that was not ended stays as it is. */
    void bringBack() {
        if (ended) {
            guest.virsh("shutdown", "--mode", "acpi");
            Await.until("the agent answers", guest::agentAnswers);
            ended = false;
        }
    }
}
