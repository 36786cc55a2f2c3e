/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulebook_due.h - when a rule's follow-up is due, and until when. Pure; the zone is a table.
 *
 * A rule is due so long after an instant, or at a local time of day after it (at_minute). A local
 * time is kept as it is on the wall, local_due_us, and turned into an instant with the zone data of
 * the day; with other zone data it is turned again (rulebook_due_resolve).
 *
 * Each local date has each time of day once, whatever the clocks do: a time that a change skips is
 * the first instant after the gap, one that comes twice is the first. (Temporal's schedules and
 * Quartz skip such a call or place it twice, and their tests say so.)
 */
#ifndef TROTH_COMMON_DOMAIN_RULEBOOK_DUE_H
#define TROTH_COMMON_DOMAIN_RULEBOOK_DUE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/instant.h"
#include "common/base/zone.h"
#include "common/domain/rulebook.h"

struct rulebook_moment {
    int64_t due_us;
    int64_t window_end_us; /* due + the rule's window, in plain time */
    bool is_local;         /* due is local_due_us in the zone, and moves with the zone's data */
    int64_t local_due_us;  /* the civil time as if it were UTC; INT64_MIN unless is_local. Between
                              civil dates: it may be one that a change of the clock skips */
};

/* After something that happened at an instant: first it goes the rule's lead back (0 except for
 * services due) and `after` on, in plain time; a rule with at_minute is then due at the first such
 * local time that is not earlier. Without a zone (NULL) a rule is due at the instant itself, and
 * who calls has to look for hours that are safe everywhere. Cannot overflow: what is outside of the
 * years 1 to 9999 stays at their edge. */
void rulebook_due_after(const struct rulebook_rule *r, int64_t anchor_us, const struct zone *z,
                        struct rulebook_moment *ret_moment);

/* On a day of the calendar: at at_minute (without one: when the day begins, local_due_us at 00:00)
 * of that day, moved on by `after` and back by the lead, both counted on the wall clock: a day is a
 * date, not 24 hours. What is left of a day in a rule with at_minute moves to the first such time
 * of day that is not earlier. Without a zone (NULL) the same in UTC, and not is_local. */
void rulebook_due_on(const struct rulebook_rule *r, struct civil_date day, const struct zone *z,
                     struct rulebook_moment *ret_moment);

/* The instant of a civil time as if it were UTC: in the zone, by the rules above; z NULL: UTC. */
int64_t rulebook_due_resolve(int64_t local_due_us, const struct zone *z);

#endif
