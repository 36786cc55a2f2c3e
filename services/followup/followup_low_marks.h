/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_low_marks.h - below which instant nothing is due any more. Pure.
 *
 * While somebody holds a snapshot, index entries of what was claimed cannot be dropped, and every
 * look for due work would walk over all of them again. So each lane (channel and priority) begins
 * where the last look found its first row. A row that comes to lie below the mark later (planned in
 * the past by another process, or committed late) is found by the next full look.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_LOW_MARKS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_LOW_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FOLLOWUP_CHANNEL_COUNT = 4, /* Channel 1 to 4 */
    FOLLOWUP_PRIORITY_COUNT = 4,
    FOLLOWUP_LANE_COUNT = FOLLOWUP_CHANNEL_COUNT * FOLLOWUP_PRIORITY_COUNT,
};

struct followup_low_mark {
    int64_t from_us; /* next_attempt_us, then the number: nothing is due before that pair */
    int64_t from_number;
};

struct followup_low_marks {
    struct followup_low_mark lanes[FOLLOWUP_LANE_COUNT];
    int64_t window_us; /* no window that ended until then is open */
};

/* A full look. */
void followup_low_marks_clear(struct followup_low_marks *m);

size_t followup_lane_of(int32_t channel, int32_t priority);

/* What a look at now_us found: of each lane that was looked at the first row, or none. */
struct followup_low_finding {
    uint32_t channels; /* bit (1 << Channel): looked at */
    bool is_cut;       /* the limit was reached: a lane without a row may have some */
    bool has_row[FOLLOWUP_LANE_COUNT];
    struct followup_low_mark first[FOLLOWUP_LANE_COUNT];
    bool has_window;
    int64_t first_window_us;
};

/* A row of the look; those of a lane come in their order. */
void followup_low_finding_add(struct followup_low_finding *found, size_t lane, int64_t from_us,
                              int64_t from_number);
void followup_low_finding_add_window(struct followup_low_finding *found, int64_t window_us);

void followup_low_marks_advance(struct followup_low_marks *m,
                                const struct followup_low_finding *found, int64_t now_us);

#endif
