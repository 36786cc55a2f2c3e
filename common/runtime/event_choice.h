/* SPDX-License-Identifier: Apache-2.0 */
/* event_choice.h - which of the places where a consumer is behind make its next batch. */
#ifndef TROTH_COMMON_RUNTIME_EVENT_CHOICE_H
#define TROTH_COMMON_RUNTIME_EVENT_CHOICE_H

#include "common/runtime/event_aside.h"
#include "common/runtime/event_log_private.h"

/* The last place that had its turn; empty: none. */
struct event_turn {
    char stream[EVENT_STREAM_SIZE];
    int16_t bucket;
};

struct event_choice {
    const struct event_aside *aside; /* its places are left out */
    size_t lane_count;
    size_t batch;         /* events wanted in all, 1 and more */
    bool is_lane_by_lane; /* of one lane when there is more to read than a batch */
};

/* Of rows as event_log_find_behind() asks for, in their order. Returns how many places were chosen;
 * 0: nothing can be read now. ret_places has room for batch and borrows the streams of rows; `to`
 * is 0. ret_limit_each is how many events to read of each place at most. Moves ret_turn to the last
 * place that was looked at, or to the first whose lane was chosen, if there was any. */
size_t event_choice_make(const struct event_choice *how, const struct db_rows *rows,
                         struct event_turn *ret_turn, struct event_position *ret_places,
                         size_t *ret_limit_each);

#endif
