/* SPDX-License-Identifier: Apache-2.0 */
/*
 * night_round.h - when a day of business time has ended, the tasks of night_task.h are done, one
 * after the other, a slice at a time with pauses.
 *
 * Of several processes that one does it which has leased the first lane; each write is fenced by
 * its term. A task begins when every event from before the day's end is counted. It is done for a
 * day once it said so in reporting.night_task; one that failed is begun again a minute later.
 */
#ifndef TROTH_REPORTING_NIGHT_ROUND_H
#define TROTH_REPORTING_NIGHT_ROUND_H

#include <stdbool.h>

#include "services/reporting/reporting.h"

struct night_round;

/* After the lanes. NULL with err. */
struct night_round *night_round_new(struct reporting *r, struct err *err);
void night_round_free(struct night_round *n); /* NULL is fine */
/* While the process stops, no further slice is begun. NULL: true. */
bool night_round_is_idle(const struct night_round *n);

#endif
