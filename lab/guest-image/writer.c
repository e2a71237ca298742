/*
 * The lab's witness inside the guest: one small durable write each millisecond, and a report whenever the disk stood
 * still. A freeze window is measured here, where it hurts, and the sequence numbers tell what a snapshot must hold.
 *
 *   writer NAME FILE MS  writes each MS milliseconds: 1, but more where the guest is too slow for that beside its other
 *                        work. Reports on standard output, one line per write(2), since all writers share one port:
 *     NAME start <next seq>
 *     NAME beat <seq> <monotonic ms>                          about each 100 ms
 *     NAME stall <microseconds> <last seq before the stall>   two completed writes were >= MS + 9 ms apart
 *     NAME stop <seq>                                         on SIGTERM
 *     NAME error <what>                                       and it ends
 *
 * Time is the guest's own: while the VM is paused that clock stands still, and a pause is no stall.
 */
#define _GNU_SOURCE
#include "writer.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_SIZE (SLOTS * sizeof(struct record))
#define BEAT_US 100000
#define LATE_US 9000

static const char *name;
static volatile sig_atomic_t stopping;

static void stop(int signal) { (void)signal; stopping = 1; }

static void say(const char *format, ...) {
    char line[160];
    va_list args;
    int used = snprintf(line, sizeof line, "%s ", name);
    va_start(args, format);
    used += vsnprintf(line + used, sizeof line - used - 1, format, args);
    va_end(args);
    line[used++] = '\n';
    if (write(STDOUT_FILENO, line, used) < 0) { /* nobody listens: the writing matters more */ }
}

static void die(const char *what) {
    say("error %s: %s", what, strerror(errno));
    exit(1);
}

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000ll + t.tv_nsec / 1000;
}

/* All blocks are allocated and written before the first record, so that a record never waits for metadata. */
static void prefill(int fd) {
    static char zeros[1 << 20];
    for (uint64_t at = 0; at < FILE_SIZE; at += sizeof zeros)
        if (pwrite(fd, zeros, sizeof zeros, at) != sizeof zeros) die("prefill");
    if (fsync(fd) < 0) die("fsync");
}

static uint64_t highest_seq(int fd) {
    static struct record block[65536];
    uint64_t highest = 0;
    for (uint64_t slot = 0; slot < SLOTS; slot += 65536) {
        if (pread(fd, block, sizeof block, slot * sizeof *block) != sizeof block) die("read");
        for (uint64_t i = 0; i < 65536; i++)
            if (block[i].seq > highest && valid(&block[i], slot + i)) highest = block[i].seq;
    }
    return highest;
}

int main(int argc, char **argv) {
    int64_t pace_us = argc == 4 ? atoll(argv[3]) * 1000 : 0;
    if (pace_us <= 0) {
        fprintf(stderr, "usage: writer NAME FILE MS\n");
        return 2;
    }
    name = argv[1];
    signal(SIGTERM, stop);
    signal(SIGPIPE, SIG_IGN);

    int fd = open(argv[2], O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) die("open");
    struct stat st;
    if (fstat(fd, &st) < 0) die("stat");
    uint64_t seq = 0;
    if (st.st_size == (off_t)FILE_SIZE) seq = highest_seq(fd);
    else prefill(fd);
    close(fd);
    fd = open(argv[2], O_WRONLY | O_DSYNC | O_CLOEXEC);
    if (fd < 0) die("reopen");

    say("start %llu", (unsigned long long)seq + 1);
    int64_t last = now_us(), due = last, beat = 0;
    while (!stopping) {
        struct record r = {MAGIC, check_of(seq + 1), seq + 1};
        if (pwrite(fd, &r, sizeof r, (seq + 1) % SLOTS * sizeof r) != sizeof r) die("write");
        int64_t done = now_us();
        if (done - last >= pace_us + LATE_US) say("stall %lld %llu", (long long)(done - last), (unsigned long long)seq);
        last = done;
        seq++;
        if (done - beat >= BEAT_US) {
            say("beat %llu %lld", (unsigned long long)seq, (long long)(done / 1000));
            beat = done;
        }
        /* After a stall the beat goes on from here: no burst of writes to catch up. */
        due = due + pace_us > done ? due + pace_us : done;
        struct timespec until = {due / 1000000, due % 1000000 * 1000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    }
    say("stop %llu", (unsigned long long)seq);
    return 0;
}
