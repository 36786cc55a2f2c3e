/* SPDX-License-Identifier: Apache-2.0 */
/* child_end.h - how something ends that may end its process: it runs in a child. */
#ifndef TROTH_TESTS_SUPPORT_CHILD_END_H
#define TROTH_TESTS_SUPPORT_CHILD_END_H

#include <stdbool.h>

enum {
    CHILD_RETURNED = 99
};

struct child_end {
    int status;      /* of its exit, CHILD_RETURNED: 'what' came back; below 0: a signal */
    char said[2048]; /* on standard error, the beginning */
};

struct child_end child_end_of(void (*what)(void *ctx), void *ctx);

/* As xalloc.h ends it: with status 1, and not without a word. */
bool child_end_is_out_of_memory(const struct child_end *e);

#endif
