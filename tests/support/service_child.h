/* SPDX-License-Identifier: Apache-2.0 */
/* service_child.h - a service in a process of its own: a fork of the test, which must have no
 * threads then. */
#ifndef TROTH_TESTS_SUPPORT_SERVICE_CHILD_H
#define TROTH_TESTS_SUPPORT_SERVICE_CHILD_H

#include <sys/types.h>

#include "common/base/text.h"
#include "common/runtime/service.h"

struct service_child {
    pid_t pid;
    int out;          /* its standard output and error */
    struct text text; /* what it wrote so far */
};

/* arguments: without argv[0], ended by NULL; at most 16. */
struct service_child service_child_begin(const struct service_spec *spec,
                                         const char *const *arguments);

/* Reads until the text has come, or all when wanted is NULL. Returns what follows it, or NULL after
 * 20 s and when the process ended without it. */
const char *service_child_read(struct service_child *c, const char *wanted);

/* Waits for its end and returns the exit code; the test fails when it does not end by itself. */
int service_child_finish(struct service_child *c);

/* How often it wrote that, of what was read. */
int service_child_count(const struct service_child *c, const char *word);

void service_child_free(struct service_child *c); /* after service_child_finish() */

#endif
