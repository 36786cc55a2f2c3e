/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_zones.h - keeps planned follow-ups of a local time at that local time when the data of
 * the time zones change.
 *
 * At the start, when lanes are won, and once an hour: with another release of the IANA database
 * than the one a planned follow-up was resolved with, its local time is resolved again. When that
 * is another instant, due, window and next attempt move by the difference, and the step "moved"
 * says with which releases and by how much ('troth followups --moved' lists them). What is claimed
 * or ordered is left alone; if it is planned again it has its turn then.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ZONES_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ZONES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/zone_shelf.h"
#include "services/followup/followup_states.h"

struct followup;
struct followup_zones;

struct followup_zones *followup_zones_new(struct followup *f);
void followup_zones_free(struct followup_zones *z); /* NULL is fine */

/* Looks soon. */
void followup_zones_wake(struct followup_zones *z);
bool followup_zones_is_busy(const struct followup_zones *z);

enum followup_zone_change {
    FOLLOWUP_ZONE_SAME = 1, /* the same instant */
    FOLLOWUP_ZONE_MOVED,
    FOLLOWUP_ZONE_GONE, /* the data have no such zone any more: the instant stays */
};

/* Pure: resolves f, planned for a local time, with the shelf's zones. It has the shelf's release
 * and another version afterwards. ret_moved_us: by how much it is later; 0 unless MOVED. */
enum followup_zone_change followup_zone_resolve(struct follow_up *f, struct zone_shelf *shelf,
                                                int64_t *ret_moved_us);

#endif
