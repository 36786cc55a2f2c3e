/* SPDX-License-Identifier: Apache-2.0 */
/* demo_garage.h - a month of after-sales records of a garage chain that does not exist: same seed,
 * same records. */
#ifndef TROTH_SERVICES_CLI_DEMO_GARAGE_H
#define TROTH_SERVICES_CLI_DEMO_GARAGE_H

#include <stdint.h>

#include "services/cli/record_list.h"

struct demo_garage_options {
    uint64_t seed;
    int64_t start_us; /* the first instant: midnight at the branches */
    int days;         /* 1 to 366 */
    int customers;    /* about 7 records each in 30 days; at least 10 */
};

/* The last instant of the story: in the afternoon of the last day, with much under way. */
int64_t demo_garage_end_us(const struct demo_garage_options *options);

/* Appends the records of four branches: profiles, contacts in Chinese and English, case updates
 * (some late, some never), purchases; also a few records that are sent twice and a few that are
 * wrong, as real systems do. In no special order. */
void demo_garage_generate(const struct demo_garage_options *options, struct record_list *list);

#endif
