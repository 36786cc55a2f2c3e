/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_low_marks.h"

#include "common/base/duration.h"

/* Transactions that set an earlier instant than now may take so long to become visible; what takes
 * longer waits for a full look. */
#define SLACK_US (250 * DURATION_MS)

void followup_low_marks_clear(struct followup_low_marks *m)
{
    *m = (struct followup_low_marks){.window_us = 0};
}

size_t followup_lane_of(int32_t channel, int32_t priority)
{
    return (size_t)(channel - 1) * FOLLOWUP_PRIORITY_COUNT + (size_t)(priority - 1);
}

void followup_low_finding_add(struct followup_low_finding *found, size_t lane, int64_t from_us,
                              int64_t from_number)
{
    if (!found->has_row[lane]) {
        found->has_row[lane] = true;
        found->first[lane] =
            (struct followup_low_mark){.from_us = from_us, .from_number = from_number};
    }
}

void followup_low_finding_add_window(struct followup_low_finding *found, int64_t window_us)
{
    if (!found->has_window || window_us < found->first_window_us) {
        found->has_window = true;
        found->first_window_us = window_us;
    }
}

static bool is_before(const struct followup_low_mark *a, const struct followup_low_mark *b)
{
    return a->from_us != b->from_us ? a->from_us < b->from_us : a->from_number < b->from_number;
}

static void advance_lane(struct followup_low_mark *mark, const struct followup_low_mark *first,
                         int64_t now_us)
{
    struct followup_low_mark next = {.from_us = now_us - SLACK_US};
    if (first && is_before(first, &next)) {
        next = *first;
    }
    if (is_before(mark, &next)) {
        *mark = next;
    }
}

void followup_low_marks_advance(struct followup_low_marks *m,
                                const struct followup_low_finding *found, int64_t now_us)
{
    for (size_t lane = 0; lane < FOLLOWUP_LANE_COUNT; lane++) {
        size_t channel = lane / FOLLOWUP_PRIORITY_COUNT + 1;
        bool was_seen = (found->channels & UINT32_C(1) << channel) != 0 &&
                        (found->has_row[lane] || !found->is_cut);
        if (was_seen) {
            advance_lane(&m->lanes[lane], found->has_row[lane] ? &found->first[lane] : NULL,
                         now_us);
        }
    }
    int64_t window_us = now_us - SLACK_US;
    if (found->has_window && found->first_window_us - 1 < window_us) {
        window_us = found->first_window_us - 1;
    }
    if (window_us > m->window_us) {
        m->window_us = window_us;
    }
}
