/*
 * In qemu-ga's place: an agent that misbehaves as its host's test asks. It freezes nothing and says that it does, unless it is
 * told to freeze one filesystem.
 *
 *   hostile AGENT_PORT CONTROL_PORT
 *
 * Until told otherwise it answers as an honest agent of one ext4 filesystem would. On the control port it takes
 * commands, one a line, each answered by "ok" or "what?" and a line break:
 *   reset                      honest and thawed again, whatever was under way
 *   reconnect                  the agent's port is closed and opened: libvirt, which gives up on an agent that broke the
 *                              protocol, takes it for a new one
 *   on COMMAND ACTION          what COMMAND (guest-info, ...) gets from now on instead of the honest answer
 *   frozen COMMAND ACTION      the same, once it has been asked to freeze
 * ACTION is one of:
 *   say TEXT                   that line, byte for byte
 *   chatter COUNT TEXT         that line so often, then the honest answer
 *   drip MILLIS TEXT           that line, a byte each so many milliseconds
 *   flood BYTES                a text of so many bytes
 *   nest DEPTH                 so many lists in one another
 *   endless                    a text without an end
 *   filesystems COUNT LENGTH   so many of them, each mountpoint so many bytes long
 *   hang                       nothing
 *   close                      no answer: the port is closed and opened
 *   freeze MOUNTPOINT TEXT     freezes that one filesystem, then that line
 *   thaw MOUNTPOINT TEXT       thaws it, then that line
 *   forge DEVICE TEXT          has the superblock of the ext4 on that device say that it is at rest, then that line
 * While an answer is on its way, nothing else is read from the host.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define LINE 65536
#define RULES 16
#define TICK_MS 20
#define REOPEN_MS 1100
#define REPLY_MS 5000
#define FOR_EVER SIZE_MAX

struct reader {
    char line[LINE];
    size_t used;
};

struct rule {
    char command[64];
    char action[LINE];
    int once_frozen;
};

/* An answer: pieces of text, each so many times, generated as the host takes it. */
struct piece {
    const char *text;
    size_t length, times;
};

static struct {
    struct piece piece[6];
    int pieces, at;
    size_t done;                        /* bytes of the piece that is being sent */
    int64_t pause_ms, due_ms;           /* between two bytes, if not 0 */
    char *owned;
} out;

static const char *agent_path, *control_path;
static int agent, control;
static struct reader asked, told;
static struct rule rules[RULES];
static int ruled, frozen, froze_once;

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int open_port(const char *path) {
    for (;;) {
        int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0) return fd;
        if (errno != EBUSY) die(path);
        usleep(1000 * TICK_MS);
    }
}

/* QEMU tells of a port's opening and closing once a second at most: a shorter pause might go unnoticed. */
static void reopen_agent(void) {
    close(agent);
    usleep(1000 * REOPEN_MS);
    agent = open_port(agent_path);
    asked.used = 0;
}

/* ------------------------------------------------------------------------------------------- answers */
static void clear_out(void) {
    free(out.owned);
    memset(&out, 0, sizeof out);
}

static void add(const char *text, size_t length, size_t times) {
    out.piece[out.pieces++] = (struct piece){text, length, times};
}

static void add_text(const char *text) { add(text, strlen(text), 1); }

static void own(char *text) {
    if (!text) die("memory");
    out.owned = text;
}

static void add_line(const char *text, size_t times) {
    char *line = malloc(strlen(text) + 2);
    own(line);
    strcpy(line, text);
    strcat(line, "\n");
    add(line, strlen(line), times);
}

static void add_filesystems(size_t count, size_t length) {
    static const char head[] = "{\"name\":\"vda\",\"type\":\"ext4\",\"disk\":[],\"mountpoint\":\"/";
    size_t each = sizeof head + length + 4, used;
    char *text = malloc(count * each + 64);
    own(text);
    used = sprintf(text, "{\"return\":[");
    for (size_t i = 0; i < count; i++) {
        used += sprintf(text + used, "%s%s", i ? "," : "", head);
        memset(text + used, 'm', length);
        used += length;
        used += sprintf(text + used, "\"}");
    }
    used += sprintf(text + used, "]}\n");
    add(text, used, 1);
}

static int number_after(const char *line, const char *name, char *number, size_t size) {
    const char *at = strstr(line, name);
    if (!at) return 0;
    at += strlen(name);
    at += strspn(at, " :");
    size_t length = strspn(at, "-0123456789");
    if (!length || length >= size) return 0;
    memcpy(number, at, length);
    number[length] = 0;
    return 1;
}

static void honest(const char *command, const char *line) {
    static char answer[2048];
    char id[32];
    if (!strncmp(command, "guest-sync", 10) && number_after(line, "\"id\"", id, sizeof id)) {
        int delimited = !strcmp(command, "guest-sync-delimited");
        snprintf(answer, sizeof answer, "%s{\"return\": %s}\n", delimited ? "\xff" : "", id);
    } else if (!strcmp(command, "guest-ping")) {
        strcpy(answer, "{\"return\": {}}\n");
    } else if (!strcmp(command, "guest-info")) {
        static const char *const known[] = {"guest-sync", "guest-ping", "guest-info", "guest-get-fsinfo",
            "guest-fsfreeze-status", "guest-fsfreeze-freeze", "guest-fsfreeze-thaw", "guest-exec", "guest-exec-status"};
        size_t used = sprintf(answer, "{\"return\": {\"version\": \"7.2.0\", \"supported_commands\": [");
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            used += sprintf(answer + used, "%s{\"enabled\": true, \"name\": \"%s\", \"success-response\": true}",
                            i ? ", " : "", known[i]);
        strcpy(answer + used, "]}}\n");
    } else if (!strcmp(command, "guest-get-fsinfo")) {
        strcpy(answer, "{\"return\": [{\"name\": \"vda\", \"mountpoint\": \"/mnt/vda\", \"type\": \"ext4\", \"disk\": []}]}\n");
    } else if (!strcmp(command, "guest-fsfreeze-status")) {
        sprintf(answer, "{\"return\": \"%s\"}\n", frozen ? "frozen" : "thawed");
    } else if (!strcmp(command, "guest-fsfreeze-freeze")) {
        strcpy(answer, "{\"return\": 1}\n");
    } else if (!strcmp(command, "guest-fsfreeze-thaw")) {
        sprintf(answer, "{\"return\": %d}\n", frozen);
    } else if (!strcmp(command, "guest-exec")) {
        strcpy(answer, "{\"return\": {\"pid\": 42}}\n");
    } else if (!strcmp(command, "guest-exec-status")) {
        strcpy(answer, "{\"return\": {\"exited\": true, \"exitcode\": 0}}\n");
    } else {
        strcpy(answer, "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no such command\"}}\n");
    }
    add_text(answer);
}

static void hold(const char *mountpoint, unsigned long request) {
    int at = open(mountpoint, O_RDONLY | O_DIRECTORY);
    if (at < 0 || ioctl(at, request, 0)) fprintf(stderr, "lab: hostile: %s: %s\n", mountpoint, strerror(errno));
    if (at >= 0) close(at);
}

static uint32_t crc32c(const unsigned char *at, size_t length) {
    uint32_t crc = ~0u;
    while (length--) {
        crc ^= *at++;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return crc;
}

/* Clears needs_recovery (0x4 of s_feature_incompat, at 0x60) and sets s_checksum (at 0x3fc) anew: fs/ext4/ext4.h. */
static void forge(const char *device) {
    unsigned char superblock[1024];
    int at = open(device, O_RDWR | O_SYNC);
    if (at < 0 || pread(at, superblock, sizeof superblock, 1024) != sizeof superblock) {
        fprintf(stderr, "lab: hostile: %s: %s\n", device, strerror(errno));
    } else {
        superblock[0x60] &= ~4;
        uint32_t crc = crc32c(superblock, 0x3fc);
        for (int i = 0; i < 4; i++) superblock[0x3fc + i] = crc >> 8 * i;
        if (pwrite(at, superblock, sizeof superblock, 1024) != sizeof superblock || fsync(at))
            fprintf(stderr, "lab: hostile: %s: %s\n", device, strerror(errno));
    }
    if (at >= 0) close(at);
}

static int is_action(const char *action) {
    static const char *const known[] = {"say", "chatter", "drip", "flood", "nest", "endless", "filesystems", "hang",
        "close", "freeze", "thaw", "forge"};
    size_t length = strcspn(action, " ");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i]) == length && !memcmp(known[i], action, length)) return 1;
    return 0;
}

static void act(const char *action, const char *command, const char *line) {
    size_t a, b;
    int skip = 0;
    char path[256];
    if (sscanf(action, "freeze %255s %n", path, &skip) == 1 && skip) {
        hold(path, FIFREEZE);
        add_line(action + skip, 1);
    } else if (sscanf(action, "thaw %255s %n", path, &skip) == 1 && skip) {
        hold(path, FITHAW);
        add_line(action + skip, 1);
    } else if (sscanf(action, "forge %255s %n", path, &skip) == 1 && skip) {
        forge(path);
        add_line(action + skip, 1);
    } else if (!strncmp(action, "say ", 4)) {
        add_line(action + 4, 1);
    } else if (sscanf(action, "chatter %zu %n", &a, &skip) == 1 && skip) {
        add_line(action + skip, a);
        honest(command, line);
    } else if (sscanf(action, "drip %zu %n", &a, &skip) == 1 && skip) {
        add_line(action + skip, 1);
        out.pause_ms = a;
    } else if (sscanf(action, "flood %zu", &a) == 1) {
        add_text("{\"return\":\"");
        add("A", 1, a);
        add_text("\"}\n");
    } else if (sscanf(action, "nest %zu", &a) == 1) {
        add_text("{\"return\":");
        add("[", 1, a);
        add("]", 1, a);
        add_text("}\n");
    } else if (!strcmp(action, "endless")) {
        add_text("{\"return\":\"");
        add("A", 1, FOR_EVER);
    } else if (sscanf(action, "filesystems %zu %zu", &a, &b) == 2) {
        add_filesystems(a, b);
    } else if (!strcmp(action, "close")) {
        reopen_agent();
    }
}

static void answer(const char *line) {
    char command[64] = "";
    const char *at = strstr(line, "\"execute\"");
    if (!at || sscanf(at + 9, " : \"%63[^\"]\"", command) != 1) return;
    const struct rule *rule = NULL;
    for (int i = 0; i < ruled; i++)
        if (!strcmp(rules[i].command, command) && (froze_once || !rules[i].once_frozen)) rule = &rules[i];
    clear_out();
    if (!strcmp(command, "guest-fsfreeze-freeze")) frozen = froze_once = 1;
    if (rule) act(rule->action, command, line);
    else honest(command, line);
    if (!strcmp(command, "guest-fsfreeze-thaw")) frozen = 0;
}

/* ------------------------------------------------------------------------------------------- the two ports */
/* Sends one chunk, if the host takes it now: one that takes all at once must not keep us from the control port. */
static void send_some(void) {
    static char chunk[16384];
    while (out.at < out.pieces) {
        struct piece *p = &out.piece[out.at];
        size_t total = p->times == FOR_EVER ? FOR_EVER : p->length * p->times;
        if (out.done == total) {
            out.at++;
            out.done = 0;
            continue;
        }
        if (out.pause_ms && now_ms() < out.due_ms) return;
        size_t length = out.pause_ms ? 1 : sizeof chunk;
        if (length > total - out.done) length = total - out.done;
        for (size_t i = 0; i < length; i++) chunk[i] = p->text[(out.done + i) % p->length];
        ssize_t sent = write(agent, chunk, length);
        if (sent > 0) {
            out.done += sent;
            out.due_ms = now_ms() + out.pause_ms;
        }
        return;
    }
}

static void control_line(const char *line) {
    struct rule rule = {.once_frozen = !strncmp(line, "frozen ", 7)};
    int understood = 1;
    if (!strcmp(line, "reset")) {
        ruled = frozen = froze_once = 0;
        clear_out();
    } else if (!strcmp(line, "reconnect")) {
        reopen_agent();
    } else if (ruled < RULES && sscanf(line, rule.once_frozen ? "frozen %63s %65535[^\n]" : "on %63s %65535[^\n]",
                                       rule.command, rule.action) == 2 && is_action(rule.action)) {
        rules[ruled++] = rule;
    } else {
        understood = 0;
    }
    /* Who has just connected may be heard before the kernel knows that he is there, and takes no reply until then. */
    const char *reply = understood ? "ok\n" : "what?\n";
    int64_t end = now_ms() + REPLY_MS;
    while (write(control, reply, strlen(reply)) < 0 && errno == EAGAIN && now_ms() < end) usleep(1000);
}

/* Hands each whole line to the taker; one that is too long is dropped. */
static void take_lines(int fd, struct reader *reader, void (*take)(const char *), int one) {
    char *end;
    if (!memchr(reader->line, '\n', reader->used)) {
        ssize_t got = read(fd, reader->line + reader->used, LINE - reader->used);
        if (got <= 0) return;
        reader->used += got;
    }
    while ((end = memchr(reader->line, '\n', reader->used))) {
        static char line[LINE];
        size_t length = end - reader->line;
        memcpy(line, reader->line, length);
        line[length] = 0;
        reader->used -= length + 1;
        memmove(reader->line, end + 1, reader->used);
        take(line);
        if (one) return;
    }
    if (reader->used == LINE) reader->used = 0;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: hostile AGENT_PORT CONTROL_PORT\n");
        return 2;
    }
    agent_path = argv[1];
    control_path = argv[2];
    signal(SIGPIPE, SIG_IGN);
    agent = open_port(agent_path);
    control = open_port(control_path);
    for (;;) {
        /* A port without a host at its other end is always ready (POLLHUP): it is looked at again at the next tick. */
        struct pollfd port[] = {{control, POLLIN, 0}, {agent, POLLIN, 0}};
        int busy = out.at < out.pieces;
        if (busy) port[1].events = out.pause_ms ? 0 : POLLOUT;
        if (poll(port, 2, TICK_MS) > 0 && (port[0].revents | port[1].revents) & POLLHUP) usleep(1000 * TICK_MS);
        take_lines(control, &told, control_line, 0);
        if (out.at < out.pieces) send_some();
        else take_lines(agent, &asked, answer, 1);
    }
}
