/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_garage_life.h - what the customers of the garage chain do besides complaining: they bought a
 * car long ago, drive it, did not show up for months, were given something to make good.
 */
#ifndef TROTH_SERVICES_CLI_DEMO_GARAGE_LIFE_H
#define TROTH_SERVICES_CLI_DEMO_GARAGE_LIFE_H

#include "services/cli/demo_teller.h"

/* From before the story: a car, what it was driven since, an old question. */
void demo_garage_life_tell_past(struct demo_teller *t, const struct demo_person *p, int64_t at_us);
/* The car goes on, and has a fault now and then. */
void demo_garage_life_tell_month(struct demo_teller *t, const struct demo_person *p, int first_day,
                                 int last_day);
/* A voucher for the trouble, owed in some days and mostly sent. */
void demo_garage_life_compensate(struct demo_teller *t, const struct demo_person *p, char *case_ref,
                                 int64_t at_us);
/* The chain made something better, and says so once the story is two thirds over. */
void demo_garage_life_tell_improvements(struct demo_teller *t, int last_day);

#endif
