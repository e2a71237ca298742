/*
 * Runs a command in the host VM, from outside: stdout, stderr and exit status are the command's own.
 *
 *   host-run [-i] [-e NAME=VALUE]... DIR CWD COMMAND [ARG]...
 *     DIR   the VM's directory, with its ports' sockets
 *     -i    this process's stdin is the command's; else that is empty
 *
 * SIGINT, SIGTERM and SIGHUP go to the command; a second one ends this process, and the command with it. Exit status 125
 * when the command could not be begun or was lost with the VM.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "frames.h"

#define LOST 125
#define BEGINS_MS 120000

static int link_fd, lock_fd;
static uint32_t session;
static struct frame out, in;
static size_t out_done, out_length, in_used;
static int input = -1, begun;
static volatile sig_atomic_t signals, last_signal;

static void fail(const char *what) {
    fprintf(stderr, "lab/host: %s\n", what);
    exit(LOST);
}

static void on_signal(int signal) {
    signals++;
    last_signal = signal;
}

static void say(enum kind kind, size_t length) {
    out.magic = MAGIC;
    out.session = session;
    out.kind = kind;
    out.length = length;
    out_length = HEADER + length;
    out_done = 0;
}

/* Sends what it can; what is left is sent later. */
static void flush_out(void) {
    while (out_done < out_length) {
        ssize_t n = send(link_fd, (char *) &out + out_done, out_length - out_done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n < 0) fail("the host VM has gone");
        out_done += n;
    }
    out_length = out_done = 0;
}

static void write_all(int fd, const char *bytes, size_t length) {
    while (length) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR) {
            if (signals > 1) exit(128 + last_signal);
            continue;
        }
        if (n < 0) fail("cannot pass the output on");
        bytes += n;
        length -= n;
    }
}

/* ------------------------------------------------------------------------------------------- a port */
/* The lock file holds a mark while the port is in use. Found marked but unlocked, its last user was killed: the agent is
 * given the time to notice before the port is used again. */
static int try_port(int number, int marked_too) {
    char path[32], mark = 0;
    snprintf(path, sizeof path, "run%d.lock", number);
    lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_fd < 0) fail("no such host VM");
    if (flock(lock_fd, LOCK_EX | LOCK_NB)) { close(lock_fd); return 0; }
    if (pread(lock_fd, &mark, 1, 0) == 1 && !marked_too) { close(lock_fd); return 0; }
    if (pwrite(lock_fd, "!", 1, 0) != 1) fail("cannot write the port's lock");
    if (mark) usleep(1500000);

    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "run%d.sock", number);
    link_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(link_fd, (struct sockaddr *) &address, sizeof address)) fail("the host VM is not up");
    return 1;
}

static void open_port(void) {
    for (;;) {
        for (int marked_too = 0; marked_too < 2; marked_too++)
            for (int i = 0; i < PORTS; i++)
                if (try_port(i, marked_too)) return;
        if (signals) exit(128 + last_signal);
        usleep(50000);
    }
}

/* ------------------------------------------------------------------------------------------- the request */
static char request[REQUEST_LIMIT];
static size_t requested;

static void add(const char *word) {
    size_t length = strlen(word) + 1;
    if (requested + length >= REQUEST_LIMIT) fail("too long a command");
    memcpy(request + requested, word, length);
    requested += length;
}

static void send_now(void) {
    while (out_length) {
        struct pollfd p = {link_fd, POLLOUT, 0};
        if (poll(&p, 1, -1) < 0 && errno != EINTR) fail("poll");
        if (signals) exit(128 + last_signal);
        flush_out();
    }
}

static void send_request(void) {
    for (size_t at = 0; at < requested;) {
        size_t length = requested - at < PAYLOAD ? requested - at : PAYLOAD;
        memcpy(out.payload, request + at, length);
        say(ARGUMENTS, length);
        send_now();
        at += length;
    }
    say(RUN, 0);
    send_now();
}

/* ------------------------------------------------------------------------------------------- while it runs */
static void take_frame(void) {
    if (in.session != session) return;      /* said to whoever was here before */
    switch (in.kind) {
    case BEGUN: begun = 1; break;
    case OUT: write_all(1, in.payload, in.length); break;
    case ERR: write_all(2, in.payload, in.length); break;
    case EXIT:
        if (ftruncate(lock_fd, 0)) fail("cannot clear the port's lock");
        exit((unsigned char) in.payload[0]);
    }
}

static void receive(void) {
    ssize_t n = recv(link_fd, (char *) &in + in_used,
                     (in_used < HEADER ? HEADER : HEADER + in.length) - in_used, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) fail("the host VM has gone");
    in_used += n;
    if (in_used >= HEADER && (in.magic != MAGIC || in.length > PAYLOAD)) fail("the host VM speaks nonsense");
    if (in_used >= HEADER && in_used == HEADER + in.length) {
        in_used = 0;
        take_frame();
    }
}

static void pass_input(void) {
    ssize_t n = read(input, out.payload, PAYLOAD);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (n < 0) n = 0;
    say(INPUT, n);
    if (n == 0) input = -1;
}

static void follow(void) {
    for (int told = 0;;) {
        if (signals > 1) exit(128 + last_signal);
        if (signals > told && !out_length) {
            out.payload[0] = last_signal;
            say(SIGNAL, 1);
            told = signals;
        }
        flush_out();
        struct pollfd p[2] = {{link_fd, POLLIN | (out_length ? POLLOUT : 0), 0}, {out_length ? -1 : input, POLLIN, 0}};
        int ready = poll(p, 2, begun ? -1 : BEGINS_MS);
        if (ready < 0 && errno == EINTR) continue;
        if (ready < 0) fail("poll");
        if (ready == 0) fail("the host VM does not begin with the command");
        if (p[0].revents & (POLLIN | POLLHUP | POLLERR)) receive();
        if (p[1].revents && !out_length) pass_input();
    }
}

int main(int argc, char **argv) {
    const char *variables[256];
    int option, count = 0, with_input = 0;
    while ((option = getopt(argc, argv, "+ie:")) != -1) {
        if (option == 'i') with_input = 1;
        else if (option == 'e' && count < 256) variables[count++] = optarg;
        else fail("wrong usage");
    }
    if (argc - optind < 3) fail("wrong usage");
    add(argv[optind + 1]);
    char number[16];
    snprintf(number, sizeof number, "%d", argc - optind - 2);
    add(number);
    for (int i = optind + 2; i < argc; i++) add(argv[i]);
    for (int i = 0; i < count; i++) add(variables[i]);

    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    if (chdir(argv[optind])) fail("no such host VM");
    if (getrandom(&session, sizeof session, 0) != sizeof session) fail("no random number");
    open_port();
    send_request();
    if (with_input) input = 0;
    else { say(INPUT, 0); }
    follow();
}
