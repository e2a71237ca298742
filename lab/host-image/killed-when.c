/*
 * killed-when FILE TEXT COMMAND [ARG]...
 *
 * Runs a command and kills it, with SIGKILL, as soon as a file begins with a text: that is looked at whenever the command enters
 * or leaves the kernel, and it stands still meanwhile. So a state of the world that it passes through is not missed, however
 * short it is and however few processors there are. Exit status: the command's; 137 when it was killed, or ended by another
 * signal; 125 when it could not be run.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static bool begins(const char *file, const char *text)
{
    char is[64];
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, is, sizeof is);
    close(fd);
    return length >= (ssize_t) strlen(text) && memcmp(is, text, strlen(text)) == 0;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        errx(125, "usage: killed-when FILE TEXT COMMAND [ARG]...");
    pid_t pid = fork();
    if (pid < 0)
        err(125, "fork");
    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
            err(125, "ptrace");
        execvp(argv[3], argv + 3);
        err(125, "%s", argv[3]);
    }
    int status;
    if (waitpid(pid, &status, 0) != pid)
        err(125, "waitpid");
    /* it dies with us, too */
    if (WIFSTOPPED(status) && ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
        err(125, "ptrace");
    long signal = 0;
    while (!WIFEXITED(status) && !WIFSIGNALED(status)) {
        if (begins(argv[1], argv[2]))
            kill(pid, SIGKILL);
        ptrace(PTRACE_SYSCALL, pid, 0, signal);
        if (waitpid(pid, &status, 0) != pid)
            err(125, "waitpid");
        bool ours = WIFSTOPPED(status) && (WSTOPSIG(status) == (SIGTRAP | 0x80) || WSTOPSIG(status) == SIGTRAP);
        signal = WIFSTOPPED(status) && !ours ? WSTOPSIG(status) : 0;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 137;
}
