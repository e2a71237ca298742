/*
 * Process 1 of the host VM once it is set up: for each port in /dev/virtio-ports/io.stillframe.lab.run.N a worker that
 * runs one command at a time, and the reaper of whatever is left behind by the commands.
 *
 *   host-agent
 *
 * A command that loses its client (the connection is closed) gets SIGTERM, and SIGKILL 5 s later, as a process group.
 * Once a command has ended, its output is complete as far as it wrote it itself; what it left in the background may go
 * on, but is not heard any more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"

#define GRACE_MS 5000

static int port;
static uint32_t session;
static char arguments[REQUEST_LIMIT];
static size_t argued;

/* The frame on its way in: read piece by piece. */
static struct frame in;
static size_t in_used;

/* The frame on its way out: written at once or not at all. */
static struct frame out;
static size_t out_length;

static struct {
    pid_t pid;
    int input, output[2];       /* -1: closed */
    char pending[PAYLOAD];      /* for its stdin */
    size_t pending_length, pending_done;
    int input_ends;
} child;

static sigset_t waiting;        /* the signal mask while waiting: nothing blocked */
static volatile sig_atomic_t child_ended;

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void on_child(int signal) { (void) signal; child_ended = 1; }
static void on_io(int signal) { (void) signal; }

/* ------------------------------------------------------------------------------------------- frames */
static void say(enum kind kind, size_t length) {
    out.magic = MAGIC;
    out.session = session;
    out.kind = kind;
    out.length = length;
    out_length = HEADER + length;
}

static void flush_out(void) {
    if (!out_length) return;
    ssize_t n = write(port, &out, out_length);
    if (n == (ssize_t) out_length) out_length = 0;
    else if (n >= 0 || (errno != EAGAIN && errno != EINTR)) die("port");
}

static int connected(void) {
    struct pollfd p = {port, 0, 0};
    return poll(&p, 1, 0) >= 0 && !(p.revents & POLLHUP);
}

/* 1 when `in` holds a whole frame. What does not begin with a header is the rest of a lost session: skipped. */
static int next_frame(void) {
    for (;;) {
        size_t want = in_used < HEADER ? HEADER : HEADER + in.length;
        if (in_used == want) { in_used = 0; return 1; }
        ssize_t n = read(port, (char *) &in + in_used, want - in_used);
        if (n <= 0) return 0;
        in_used += n;
        while (in_used >= sizeof in.magic && (in.magic != MAGIC || (in_used >= HEADER && in.length > PAYLOAD)))
            memmove(&in, (char *) &in + 1, --in_used);
        if (in_used == HEADER && in.length == 0) { in_used = 0; return 1; }
    }
}

/* ------------------------------------------------------------------------------------------- a command */
static char *next_word(char **at) {
    char *word = *at, *end = arguments + argued;
    if (word >= end) return NULL;
    *at = memchr(word, 0, end - word);
    if (!*at) return NULL;
    (*at)++;
    return word;
}

static void exec_command(int ends[3]) {
    for (int i = 0; i < 3; i++) dup2(ends[i], i);
    setpgid(0, 0);
    sigprocmask(SIG_SETMASK, &waiting, NULL);
    signal(SIGPIPE, SIG_DFL);
    char *at = arguments, *cwd = next_word(&at), *count = next_word(&at);
    int argc = count ? atoi(count) : 0;
    if (argc < 1 || (size_t) argc > argued) { fprintf(stderr, "host-agent: not a command\n"); _exit(125); }
    char **argv = calloc(argc + 1, sizeof *argv);
    if (!argv) _exit(125);
    for (int i = 0; i < argc; i++) argv[i] = next_word(&at);
    for (char *variable; (variable = next_word(&at));) putenv(variable);
    if (chdir(cwd)) { fprintf(stderr, "host-agent: no directory %s in the host VM: %s\n", cwd, strerror(errno)); _exit(125); }
    execvp(argv[0], argv);
    fprintf(stderr, "host-agent: cannot run %s in the host VM: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

static void begin(void) {
    int pipes[3][2], ends[3];
    for (int i = 0; i < 3; i++)
        if (pipe2(pipes[i], O_CLOEXEC)) die("pipe");
    ends[0] = pipes[0][0];
    ends[1] = pipes[1][1];
    ends[2] = pipes[2][1];
    child_ended = 0;
    child.pid = fork();
    if (child.pid < 0) die("fork");
    if (!child.pid) exec_command(ends);
    setpgid(child.pid, child.pid);
    for (int i = 0; i < 3; i++) close(ends[i]);
    child.input = pipes[0][1];
    child.output[0] = pipes[1][0];
    child.output[1] = pipes[2][0];
    for (int i = 0; i < 3; i++) fcntl(i ? child.output[i - 1] : child.input, F_SETFL, O_NONBLOCK);
    child.pending_length = child.pending_done = child.input_ends = 0;
}

static void close_end(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void feed(void) {
    while (child.pending_done < child.pending_length) {
        ssize_t n = child.input < 0 ? -1 :
            write(child.input, child.pending + child.pending_done, child.pending_length - child.pending_done);
        if (n < 0 && child.input >= 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n < 0) { close_end(&child.input); child.pending_done = child.pending_length; break; }
        child.pending_done += n;
    }
    if (child.input_ends) close_end(&child.input);
}

/* Takes one piece of output, if there is any and nothing else is on its way. */
static int take_output(int which) {
    if (out_length || child.output[which] < 0) return 0;
    ssize_t n = read(child.output[which], out.payload, PAYLOAD);
    if (n > 0) { say(which ? ERR : OUT, n); flush_out(); return 1; }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) close_end(&child.output[which]);
    return 0;
}

/* What the client says while the command runs; 0 when it is another client already. */
static int hear(void) {
    while (child.pending_done == child.pending_length && !child.input_ends && next_frame()) {
        if (in.session != session) return 0;
        if (in.kind == SIGNAL && in.length == 1) kill(-child.pid, in.payload[0]);
        if (in.kind == INPUT) {
            memcpy(child.pending, in.payload, in.length);
            child.pending_length = in.length;
            child.pending_done = 0;
            child.input_ends = in.length == 0;
            feed();
        }
    }
    /* after the end of stdin only signals come */
    while (child.input_ends && next_frame()) {
        if (in.session != session) return 0;
        if (in.kind == SIGNAL && in.length == 1) kill(-child.pid, in.payload[0]);
    }
    return 1;
}

static int wait_for(int timeout_ms) {
    struct pollfd p[4] = {
        {port, (child.pending_done == child.pending_length ? POLLIN : 0) | (out_length ? POLLOUT : 0), 0},
        {child.pending_done < child.pending_length ? child.input : -1, POLLOUT, 0},
        {out_length ? -1 : child.output[0], POLLIN, 0},
        {out_length ? -1 : child.output[1], POLLIN, 0},
    };
    struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000l};
    if (ppoll(p, 4, timeout_ms < 0 ? NULL : &timeout, &waiting) < 0) {
        if (errno != EINTR) die("poll");
        return 1;
    }
    return !(p[0].revents & POLLHUP);
}

static void end_unheard(void) {
    int status;
    int64_t deadline = now_ms() + GRACE_MS;
    kill(-child.pid, SIGTERM);
    close_end(&child.input);
    close_end(&child.output[0]);
    close_end(&child.output[1]);
    while (waitpid(child.pid, &status, WNOHANG) == 0) {
        if (now_ms() >= deadline) kill(-child.pid, SIGKILL);
        struct timespec a_while = {0, 100000000};
        ppoll(NULL, 0, &a_while, &waiting);
    }
    kill(-child.pid, SIGKILL);
    out_length = 0;
}

/* The command has ended: its last words, then its status. */
static void end_heard(int status) {
    close_end(&child.input);
    for (;;) {
        if (out_length) {
            struct pollfd p = {port, POLLOUT, 0};
            if (poll(&p, 1, -1) < 0 && errno != EINTR) die("poll");
            if (p.revents & POLLHUP) { out_length = 0; break; }
            flush_out();
            continue;
        }
        if (take_output(0) || take_output(1)) continue;
        if (child.pid < 0) break;
        out.payload[0] = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        say(EXIT, 1);
        child.pid = -1;
        close_end(&child.output[0]);
        close_end(&child.output[1]);
    }
    close_end(&child.output[0]);
    close_end(&child.output[1]);
}

/* What a client says may be here before the news that it is, and even before those that the last one has gone: waits for
 * them. One that has gone and does not come again is missed after a while. */
static int connects(void) {
    for (int64_t deadline = now_ms() + GRACE_MS; !connected();) {
        if (now_ms() >= deadline) return 0;
        struct timespec a_while = {0, 20000000};
        ppoll(NULL, 0, &a_while, &waiting);
    }
    return 1;
}

/* Returns 1 when `in` holds the first frame of another session. */
static int run(void) {
    int status;
    begin();
    say(BEGUN, 0);
    for (;;) {
        flush_out();
        take_output(0);
        take_output(1);
        feed();
        if (!hear()) { end_unheard(); return 1; }
        if (child_ended) {
            child_ended = 0;
            if (waitpid(child.pid, &status, WNOHANG) == child.pid) { end_heard(status); return 0; }
        }
        if (!wait_for(-1) && !connects()) { end_unheard(); return 0; }
    }
}

static void serve(int number) {
    char path[64];
    snprintf(path, sizeof path, "/dev/virtio-ports/io.stillframe.lab.run.%d", number);
    port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (port < 0) die(path);

    /* SIGIO tells of a client's coming: a port without one is always "ready". */
    sigset_t blocked;
    sigemptyset(&waiting);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigaddset(&blocked, SIGIO);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    struct sigaction action = {.sa_handler = on_child};
    sigaction(SIGCHLD, &action, NULL);
    action.sa_handler = on_io;
    sigaction(SIGIO, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (fcntl(port, F_SETOWN, getpid()) || fcntl(port, F_SETFL, O_NONBLOCK | O_ASYNC)) die("fcntl");

    for (int held = 0;;) {
        if (!held && !next_frame()) {
            struct timespec at_least = {2, 0};
            if (connected()) {
                struct pollfd p = {port, POLLIN, 0};
                ppoll(&p, 1, &at_least, &waiting);
            } else {
                ppoll(NULL, 0, &at_least, &waiting);
            }
            continue;
        }
        held = 0;
        if (in.session != session) { session = in.session; argued = 0; }
        if (in.kind == ARGUMENTS && argued + in.length < REQUEST_LIMIT) {
            memcpy(arguments + argued, in.payload, in.length);
            argued += in.length;
        }
        if (in.kind == RUN) {
            if (connects()) held = run();
            argued = 0;
        }
    }
}

int main(void) {
    pid_t workers[PORTS] = {0};
    signal(SIGPIPE, SIG_DFL);
    for (;;) {
        for (int i = 0; i < PORTS; i++) {
            if (workers[i]) continue;
            workers[i] = fork();
            if (workers[i] == 0) serve(i);
        }
        pid_t ended = wait(NULL);
        for (int i = 0; i < PORTS; i++)
            if (workers[i] == ended) { workers[i] = 0; sleep(1); }
    }
}
