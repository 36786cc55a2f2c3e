/* SPDX-License-Identifier: Apache-2.0 */
/* finding.h - what `troth status` and `troth doctor` have to say: what is wrong, and what mends
 * it. */
#ifndef TROTH_SERVICES_CLI_FINDING_H
#define TROTH_SERVICES_CLI_FINDING_H

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "common/base/compiler.h"

/* The number is the exit status. */
enum finding_state {
    FINDING_OK = 0,
    FINDING_ATTENTION = 1, /* it works, and will not for ever */
    FINDING_BROKEN = 2,    /* something does not work now */
};

enum {
    FINDING_TEXT_SIZE = 200
};

struct finding {
    enum finding_state state;
    const char *part;             /* one word; static */
    char text[FINDING_TEXT_SIZE]; /* what is so */
    char mend[FINDING_TEXT_SIZE]; /* what to do: a command where there is one; "" with OK */
};

/* Start with {0}. */
struct finding_list {
    struct finding *items;
    size_t count, capacity;
};

/* Adds one; text in the printf way. The mend follows by finding_mend(). */
void finding_add(struct finding_list *l, enum finding_state state, const char *part,
                 const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Of the one that was added last. */
void finding_mend(struct finding_list *l, const char *fmt, ...) PRINTF_LIKE(2, 3);
void finding_list_clear(struct finding_list *l);
void finding_list_free(struct finding_list *l);

/* The worst first; those that are as bad stay in order. */
void finding_list_sort(struct finding_list *l);
enum finding_state finding_list_worst(const struct finding_list *l); /* OK of none */

const char *finding_state_name(enum finding_state state); /* "ok", "attention", "broken" */

/* [{state, part, text, mend}], a new reference. */
json_t *finding_list_json(const struct finding_list *l);
/* Two lines each, the second with what to do; at most so many, then how many more there are. */
void finding_list_print(const struct finding_list *l, size_t most, FILE *out);

#endif
