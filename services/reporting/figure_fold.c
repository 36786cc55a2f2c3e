/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/figure_fold.h"

#include <stdlib.h>

#include "common/base/arena.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/reporting/event_bundle.h"
#include "services/reporting/figure_delta.h"
#include "services/reporting/fold_case_store.h"
#include "services/reporting/fold_fact_store.h"
#include "services/reporting/fold_keys.h"
#include "services/reporting/fold_moves_store.h"
#include "services/reporting/fold_other_store.h"
#include "services/reporting/fold_row_store.h"

#define STORED_BUDGET ((size_t)16 * 1024 * 1024) /* of one stored bundle, unpacked */

struct figure_fold {
    const struct zone *zone;
    int64_t return_window_us;
    struct fold_keys keys;
    struct fold_moves moves;
    struct figure_delta *delta;
    struct fold_facts facts;
    struct fold_case_reader cases;
    struct fold_other_reader others;
    struct figure_bundle before, now;
    struct arena *arena; /* of the bundle before */
    struct buffer packed;
    struct fold_rows rows; /* that are not written yet */
};

struct figure_fold *figure_fold_new(const struct zone *zone, int64_t return_window_us)
{
    struct figure_fold *f = xcalloc(1, sizeof(*f));

    f->zone = zone;
    f->return_window_us = return_window_us;
    f->delta = figure_delta_new();
    f->arena = arena_new(STORED_BUDGET);
    return f;
}

void figure_fold_free(struct figure_fold *f)
{
    if (f == NULL) {
        return;
    }
    fold_keys_free(&f->keys);
    fold_moves_free(&f->moves);
    figure_delta_free(f->delta);
    fold_case_reader_free(&f->cases);
    fold_other_reader_free(&f->others);
    figure_bundle_free(&f->before);
    figure_bundle_free(&f->now);
    arena_free(f->arena);
    buffer_free(&f->packed);
    free(f);
}

static int16_t lane_of(int64_t number)
{
    return (int16_t)(identifier_bucket(number) % LANE_COUNT);
}

/* ---- 1: the events */

void figure_fold_clear(struct figure_fold *f)
{
    fold_keys_clear(&f->keys);
    fold_moves_clear(&f->moves);
    figure_delta_clear(f->delta);
}

static void count_event(struct figure_fold *f, const Troth__V1__Event *event)
{
    figure_bundle_clear(&f->now);
    event_bundle_make(event, f->zone, &f->now);
    figure_delta_add(f->delta, lane_of(event->customer), &f->now, event->is_reversal ? -1 : 1);
}

void figure_fold_add(struct figure_fold *f, const Troth__V1__Event *event)
{
    fold_keys_add(&f->keys, event);
    if (!fold_moves_add(&f->moves, event)) {
        count_event(f, event);
    }
}

void figure_fold_begin(struct figure_fold *f, struct db *db)
{
    fold_keys_seal(&f->keys);
    fold_fact_store_ask(db, &f->keys, f->return_window_us);
    fold_moves_ask(&f->moves, db);
}

/* ---- 2: what they are about */

void figure_fold_look(struct figure_fold *f, const struct db_reply *reply, struct db *db)
{
    fold_fact_store_take(reply->rows, &f->keys);
    fold_moves_take(&f->moves, reply->rows[FOLD_VERSION_SETS]);
    for (size_t i = 0; i < f->moves.event_count; i++) {
        count_event(f, f->moves.events[i]);
    }
    fold_case_store_ask(db, &f->keys.cases, f->return_window_us);
    fold_other_store_ask(db, &f->keys.follow_ups, &f->keys.answers);
}

/* ---- 3: what that adds */

/* The bundle of the last look. */
static int take_before(struct figure_fold *f, struct bytes stored, struct err *err)
{
    figure_bundle_clear(&f->before);
    arena_reset(f->arena);
    return figure_bundle_unpack(stored, f->arena, &f->before, err);
}

/* The bundle of this look, packed. */
static struct bytes pack_now(struct figure_fold *f)
{
    static const uint8_t nothing[1];

    buffer_clear(&f->packed);
    figure_bundle_pack(&f->now, &f->packed);
    return (struct bytes){.data = f->packed.len > 0 ? f->packed.data : nothing,
                          .len = f->packed.len};
}

static int count_case(struct figure_fold *f, size_t place, struct err *err)
{
    int64_t number = f->keys.cases.list[place].number;
    struct bytes stored;
    struct case_rows rows;
    struct case_marks marks;
    bool is_there = fold_case_reader_next(&f->cases, place, number, &stored, &rows) &&
                    rows.state != TROTH__V1__CASE_STATE__CASE_STATE_VOID;

    if (take_before(f, stored, err) < 0) {
        return -1;
    }
    figure_bundle_clear(&f->now);
    if (is_there) {
        case_bundle_make(&rows, f->zone, &f->now);
        case_bundle_mark(&rows, &marks);
        fold_facts_add_case(&f->facts, &rows, &marks, pack_now(f));
    } else if (stored.data != NULL) {
        fold_facts_drop_case(&f->facts, number);
    }
    figure_delta_change(f->delta, lane_of(number), &f->before, &f->now);
    return 0;
}

static int count_follow_up(struct figure_fold *f, size_t place, struct err *err)
{
    struct fold_key key = f->keys.follow_ups.list[place];
    struct bytes stored;
    struct follow_up_rows rows;
    bool is_there = fold_other_next_follow_up(&f->others, place, &stored, &key.version, &rows);

    if (take_before(f, stored, err) < 0) {
        return -1;
    }
    figure_bundle_clear(&f->now);
    if (is_there) {
        follow_up_bundle_make(&rows, f->zone, &f->now);
        fold_facts_add_other(&f->facts, FOLD_FOLLOW_UP, &key, pack_now(f));
    } else if (stored.data != NULL) {
        fold_facts_drop_other(&f->facts, FOLD_FOLLOW_UP, key.number);
    }
    figure_delta_change(f->delta, lane_of(key.number), &f->before, &f->now);
    return 0;
}

static int count_answer(struct figure_fold *f, size_t place, struct err *err)
{
    const struct fold_key *key = &f->keys.answers.list[place];
    struct bytes stored;
    struct answer_row row;
    bool is_there = fold_other_next_answer(&f->others, place, &stored, &row);

    if (take_before(f, stored, err) < 0) {
        return -1;
    }
    figure_bundle_clear(&f->now);
    if (is_there) {
        answer_bundle_make(&row, f->zone, &f->now);
        fold_facts_add_other(&f->facts, FOLD_ANSWER, key, pack_now(f));
    } else if (stored.data != NULL) {
        fold_facts_drop_other(&f->facts, FOLD_ANSWER, key->number);
    }
    figure_delta_change(f->delta, lane_of(key->number), &f->before, &f->now);
    return 0;
}

static int count_all(struct figure_fold *f, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < f->keys.cases.count; i++) {
        rc = count_case(f, i, err);
    }
    for (size_t i = 0; rc == 0 && i < f->keys.follow_ups.count; i++) {
        rc = count_follow_up(f, i, err);
    }
    for (size_t i = 0; rc == 0 && i < f->keys.answers.count; i++) {
        rc = count_answer(f, i, err);
    }
    return rc;
}

int figure_fold_count(struct figure_fold *f, const struct db_reply *reply, struct db *db,
                      struct err *err)
{
    fold_case_reader_begin(&f->cases, reply->rows);
    fold_other_reader_begin(&f->others, reply->rows + FOLD_CASE_SETS);
    fold_facts_begin(&f->facts);
    if (count_all(f, err) < 0) {
        fold_facts_free(&f->facts);
        return -1;
    }
    fold_moves_put(&f->moves, &f->facts);
    f->rows.first_set = fold_facts_write(&f->facts, db);
    f->rows.count = figure_delta_seal(f->delta, &f->rows.list);
    fold_rows_ask(&f->rows, db);
    return 0;
}

/* ---- 4: the rows */

int figure_fold_write(struct figure_fold *f, const struct db_reply *reply, struct db *db,
                      struct err *err)
{
    if (fold_rows_write(&f->rows, reply->rows, db, err) < 0) {
        return -1;
    }
    return f->rows.count > 0;
}
