/* SPDX-License-Identifier: Apache-2.0 */
/* demo_branch.h - how the branches of the garage chain work, and how they work once they got help.
 */
#ifndef TROTH_SERVICES_CLI_DEMO_BRANCH_H
#define TROTH_SERVICES_CLI_DEMO_BRANCH_H

#include <stdint.h>

#include "services/cli/demo_teller.h"

struct demo_branch {
    const char *code;
    double response_median_h; /* log-normal, in opening hours */
    double resolve_median_h;
    int never_answered_percent;
    int news_percent; /* how often a customer hears in time that it still goes on */
    int slow_percent; /* chance that a break is for want of people, parts or time */
};

/* Every customer belongs to one of them, chosen at random. */
const struct demo_branch *demo_branch_choose(struct demo_teller *t);
/* By its code, as it works at that time; a code that is none of theirs works as the first. */
const struct demo_branch *demo_branch_at(const struct demo_teller *t, const char *code,
                                         int64_t at_us);

#endif
