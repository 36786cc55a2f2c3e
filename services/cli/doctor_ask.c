/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/doctor_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/instant.h"

#define ASK_US (20 * DURATION_S)

enum {
    OUTPUT_MAX = 1024 * 1024,
    NOT_STARTED = 127
};

/* Between fork and exec: only what is safe there. Does not return. */
static void become(char *const *command, int output, bool takes_errors, pid_t parent)
{
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && nothing >= 0 &&
        dup2(nothing, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(takes_errors ? output : nothing, STDERR_FILENO) >= 0) {
        (void)execv(command[0], command);
    }
    _exit(NOT_STARTED);
}

/* Until it has closed its output. Returns -1 when it takes too long. */
static int read_all(int from, struct text *out)
{
    const int64_t end_us = instant_monotonic_us() + ASK_US;
    struct pollfd ready = {.fd = from, .events = POLLIN};
    char chunk[4096];
    for (;;) {
        int64_t left_us = end_us - instant_monotonic_us();
        int rc = left_us > 0 ? poll(&ready, 1, (int)(left_us / DURATION_MS) + 1) : 0;
        if (rc == 0) {
            return -1;
        }
        ssize_t got = rc > 0 ? read(from, chunk, sizeof(chunk)) : -1;
        if (got == 0) {
            return 0;
        }
        if (got > 0 && out->len < OUTPUT_MAX) {
            text_append_len(out, chunk, (size_t)got);
        }
        if (got < 0 && errno != EINTR) {
            return -1;
        }
    }
}

static int end_of(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int doctor_ask(char *const *command, bool takes_errors, struct text *out, struct err *err)
{
    const pid_t parent = getpid();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return err_set(err, "start_failed", "no pipe: %s", strerror(errno));
    }
    pid_t pid = fork();
    if (pid == 0) {
        become(command, ends[1], takes_errors, parent);
    }
    (void)close(ends[1]);
    int rc = pid > 0 ? read_all(ends[0], out) : -1;
    (void)close(ends[0]);
    if (pid < 0) {
        return err_set(err, "start_failed", "no process: %s", strerror(errno));
    }
    if (rc < 0) {
        (void)kill(pid, SIGKILL);
    }
    int status = end_of(pid);
    if (rc < 0 || status < 0 || status == NOT_STARTED) {
        return err_set(err, "start_failed", rc < 0 ? "it did not end" : "it cannot be started");
    }
    return status;
}
