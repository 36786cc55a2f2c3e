/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/event_choice.h"

#include "common/base/instant.h"
#include "common/base/text.h"

static size_t lane_of(const struct event_choice *how, const struct db_rows *rows, size_t row)
{
    return (size_t)db_get_int(rows, row, 1) % how->lane_count;
}

static bool is_more_than_a_batch(const struct event_choice *how, const struct db_rows *rows)
{
    int64_t events = 0;
    for (size_t row = 0; row < db_row_count(rows); row++) {
        events += db_get_int(rows, row, 3) - db_get_int(rows, row, 2);
    }
    return events > (int64_t)how->batch;
}

static struct event_position place_at(const struct db_rows *rows, size_t row)
{
    return (struct event_position){.stream = db_get_text(rows, row, 0),
                                   .bucket = (int16_t)db_get_int(rows, row, 1),
                                   .from = db_get_int(rows, row, 2)};
}

static void had_its_turn(struct event_turn *turn, const struct event_position *p)
{
    (void)text_copy(turn->stream, sizeof(turn->stream), p->stream);
    turn->bucket = p->bucket;
}

/* The places of one lane: that of the first, whose turn it is. */
static size_t choose_lane(const struct event_choice *how, const struct db_rows *rows,
                          struct event_turn *turn, struct event_position *ret_places)
{
    size_t count = 0;
    int64_t now_us = instant_monotonic_us();
    for (size_t row = 0; row < db_row_count(rows) && count < how->batch; row++) {
        struct event_position p = place_at(rows, row);
        if (lane_of(how, rows, row) == lane_of(how, rows, 0) &&
            !event_aside_has(how->aside, p.stream, p.bucket, now_us)) {
            ret_places[count++] = p;
        }
    }
    struct event_position first = place_at(rows, 0);
    had_its_turn(turn, &first);
    return count;
}

/* Places that have a batch of events together. */
static size_t choose(const struct event_choice *how, const struct db_rows *rows,
                     struct event_turn *turn, struct event_position *ret_places)
{
    size_t count = 0;
    int64_t events = 0;
    int64_t now_us = instant_monotonic_us();
    for (size_t row = 0; row < db_row_count(rows) && events < (int64_t)how->batch; row++) {
        struct event_position p = place_at(rows, row);
        if (!event_aside_has(how->aside, p.stream, p.bucket, now_us)) {
            ret_places[count++] = p;
            events += db_get_int(rows, row, 3) - p.from;
        }
        had_its_turn(turn, &p);
    }
    return count;
}

size_t event_choice_make(const struct event_choice *how, const struct db_rows *rows,
                         struct event_turn *ret_turn, struct event_position *ret_places,
                         size_t *ret_limit_each)
{
    size_t count = 0;
    *ret_limit_each = how->batch;
    if (how->is_lane_by_lane && is_more_than_a_batch(how, rows)) {
        count = choose_lane(how, rows, ret_turn, ret_places);
        *ret_limit_each = count > 0 ? (how->batch + count - 1) / count : how->batch;
    }
    return count > 0 ? count : choose(how, rows, ret_turn, ret_places);
}
