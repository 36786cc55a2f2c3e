/* SPDX-License-Identifier: Apache-2.0 */
/* followup_ended.h - lists for whoever looks after the follow-ups: which ended without a call and
 * why, and which wait for customers of whom nobody knows the zone. */
#ifndef TROTH_SERVICES_CLI_FOLLOWUP_ENDED_H
#define TROTH_SERVICES_CLI_FOLLOWUP_ENDED_H

#include <stddef.h>
#include <stdint.h>

#include "event.pb-c.h"
#include "services/cli/cli.h"

/* Counts by state, reason and rule, then the newest ones. database NULL: the setting. Prints;
 * returns the exit code. */
int followup_ended(const struct cli *cli, const char *database,
                   const Troth__V1__FollowUpState *states, size_t count, int64_t limit);

int followup_zoneless(const struct cli *cli, const char *database, int64_t limit);

#endif
