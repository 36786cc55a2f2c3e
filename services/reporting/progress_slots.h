/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_slots.h - the hours for which a customer may ask for a call: whole ones in the
 * customer's zone, from 8 to 20 there, all of which is working time of the case's calendar, on the
 * next five such days within ten. Pure.
 */
#ifndef TROTH_REPORTING_PROGRESS_SLOTS_H
#define TROTH_REPORTING_PROGRESS_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/duration.h"
#include "common/base/zone.h"
#include "common/domain/calendar.h"

enum {
    PROGRESS_SLOTS_MAX = 60
};
#define PROGRESS_SLOT_US (INT64_C(3600) * 1000 * 1000)

/* The beginnings, in order. calendar NULL: every hour counts; zone NULL: UTC. Returns how many. */
size_t progress_slots(const struct calendar *calendar, const struct zone *zone, int64_t now_us,
                      int64_t ret_begins[PROGRESS_SLOTS_MAX]);

/* Whether it is one of them at that instant. */
bool progress_slots_has(const struct calendar *calendar, const struct zone *zone, int64_t now_us,
                        int64_t begin_us);

#endif
