/* SPDX-License-Identifier: Apache-2.0 */
/* clock_print.h - a promise's clock, for people. */
#ifndef TROTH_SERVICES_CLI_CLOCK_PRINT_H
#define TROTH_SERVICES_CLI_CLOCK_PRINT_H

#include <stdio.h>

#include "common/domain/clock_view.h"

/* What `--what-if` compares with. */
struct clock_other {
    const char *path;
    const struct clock_view *view;
    const char *hash;
    bool is_promised; /* its rule promises such a thing at all */
    bool needs_tier;  /* it asks for the customer's tier, which was not looked at */
    bool needs_texts; /* it asks for words, which are sealed */
};

/* Which promise, what happened, what counted and what did not, the steps, and the sum. */
void clock_print(const struct promise_history *h, const struct clock_view *v, FILE *out);

/* Side by side with another standard. */
void clock_print_other(const struct promise_history *h, const struct clock_view *v,
                       const struct clock_other *other, FILE *out);

#endif
