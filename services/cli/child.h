/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child.h - one process of the supervisor: start, its standard output, signals.
 *
 * A child is in a process group of its own, so that Ctrl-C reaches the supervisor alone, and ends
 * when the supervisor does, however that may happen. Its standard error is ours; its standard
 * output comes through a pipe, so that the ready line is seen, and goes on to ours.
 */
#ifndef TROTH_SERVICES_CLI_CHILD_H
#define TROTH_SERVICES_CLI_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/base/err.h"
#include "common/base/text.h"

struct child {
    pid_t pid;  /* 0: there is none */
    int output; /* read end of the pipe, -1 */
    struct text line;
};

/* mask: the signals that the child is to start with. */
MUST_CHECK int child_start(struct child *c, char *const *command, const sigset_t *mask,
                           struct err *err);

/* Passes on what the child has printed so far, never waits. ret_is_ready becomes true if a line
 * begins with ready (which is not ""). Returns false at the end of the output. */
bool child_read(struct child *c, const char *ready, bool *ret_is_ready);

/* To the process; with is_group to everything in its group. */
void child_signal(const struct child *c, int signal_number, bool is_group);

/* After it has been waited for: passes on the rest and forgets it. */
void child_ended(struct child *c);

#endif
