/* SPDX-License-Identifier: Apache-2.0 */
/* rules_simulate.h - how many calls a day rules would make on the stored history. */
#ifndef TROTH_SERVICES_CLI_RULES_SIMULATE_H
#define TROTH_SERVICES_CLI_RULES_SIMULATE_H

#include <stdint.h>

#include "services/cli/standards_open.h"

struct rules_simulation {
    const char *from, *to; /* days: "2026-11-01", both counted */
    const char *rules;     /* a file or a version; NULL: the newest version */
    int64_t capacity;      /* calls a day that people and machines can make; 0: not said */
};

/* Reads bucket by bucket. Returns an enum cli_exit. */
int rules_simulate(struct standards_access *a, const struct rules_simulation *s);

#endif
