/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    LINE_BYTES_MAX = 4096
};

/* Between fork and exec: only what is safe there. Does not return. */
static void become(char *const *command, int output, pid_t supervisor, const sigset_t *mask)
{
    const int nothing = open("/dev/null", O_RDONLY);

    if (setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
        getppid() == supervisor && /* it may have died before the line above */
        nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        sigprocmask(SIG_SETMASK, mask, NULL) == 0) {
        (void)execvp(command[0], command);
    }
    (void)dprintf(STDERR_FILENO, "troth run: %s: %s\n", command[0], strerror(errno));
    _exit(127);
}

int child_start(struct child *c, char *const *command, const sigset_t *mask, struct err *err)
{
    const pid_t supervisor = getpid();
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0) {
        return err_set(err, "start_failed", "no pipe: %s", strerror(errno));
    }
    c->pid = fork();
    if (c->pid == 0) {
        become(command, ends[1], supervisor, mask);
    }
    (void)close(ends[1]);
    if (c->pid < 0) {
        c->pid = 0;
        (void)close(ends[0]);
        return err_set(err, "start_failed", "no process: %s", strerror(errno));
    }
    /* The child does the same: whoever comes first. */
    (void)setpgid(c->pid, c->pid);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    c->output = ends[0];
    return 0;
}

static void pass_on(struct child *c, const char *ready, bool *ret_is_ready)
{
    if (ready && *ready && strncmp(text_or_empty(&c->line), ready, strlen(ready)) == 0) {
        *ret_is_ready = true;
    }
    (void)fwrite(c->line.data, 1, c->line.len, stdout);
    (void)fflush(stdout); /* who reads our output is not the child's concern */
    text_clear(&c->line);
}

bool child_read(struct child *c, const char *ready, bool *ret_is_ready)
{
    char chunk[1024];
    ssize_t got;

    while ((got = read(c->output, chunk, sizeof(chunk))) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            text_append_len(&c->line, &chunk[i], 1);
            if (chunk[i] == '\n' || c->line.len == LINE_BYTES_MAX) {
                pass_on(c, ready, ret_is_ready);
            }
        }
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

void child_signal(const struct child *c, int signal_number, bool is_group)
{
    if (c->pid > 0) {
        (void)kill(is_group ? -c->pid : c->pid, signal_number);
    }
}

void child_ended(struct child *c)
{
    bool is_ready = false;

    if (c->output >= 0) {
        (void)child_read(c, NULL, &is_ready);
        if (c->line.len > 0) {
            pass_on(c, NULL, &is_ready);
        }
        (void)close(c->output);
    }
    text_free(&c->line);
    c->output = -1;
    c->pid = 0;
}
