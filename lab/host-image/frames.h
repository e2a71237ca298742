/*
 * What host-run (outside) and host-agent (inside the host VM) say to one another over a virtio-serial port. A frame is a
 * header and its payload. Each frame is written at once: QEMU drops whole guest writes when nobody is connected, so a
 * reader that comes new begins with a whole frame, and knows by the session whether it is meant for it.
 */
#ifndef FRAMES_H
#define FRAMES_H
#include <stdint.h>

#define PORTS 8
#define PAYLOAD 16384
#define REQUEST_LIMIT (4 << 20)
#define MAGIC 0x5346524du

enum kind {
    /* from outside */
    ARGUMENTS = 'A',    /* a piece of: cwd NUL argc NUL arg NUL ... NAME=VALUE NUL ...; together below REQUEST_LIMIT */
    RUN = 'R',          /* the pieces are complete: begin */
    INPUT = 'I',        /* for the command's stdin; without payload: its end */
    SIGNAL = 'S',       /* one byte: signal for the command's process group */
    /* from inside */
    BEGUN = 'B',
    OUT = 'O',
    ERR = 'E',
    EXIT = 'X',         /* one byte: exit status, or 128 + signal */
};

struct frame {
    uint32_t magic, session, kind, length;
    char payload[PAYLOAD];
};
#define HEADER (sizeof(struct frame) - PAYLOAD)
#endif
