/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/fold_other_store.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

#define KEYS " FROM unnest($1::int2[], $2::int8[]) WITH ORDINALITY AS k (bucket, number, place)"

#define STORED(subject)                                                                            \
    "SELECT k.place, f.bundle" KEYS " CROSS JOIN LATERAL ("                                        \
    "SELECT o.bundle FROM reporting.other_fact AS o"                                               \
    " WHERE o.bucket = k.bucket AND o.subject = '" subject "' AND o.number = k.number OFFSET 0)"   \
    " AS f ORDER BY 1"

static const struct db_query queries[FOLD_OTHER_SETS] = {
    [FOLD_OTHER_STORED_FOLLOW_UPS] =
        {
                                        .name = "fold_other_stored_follow_ups",
                                        .sql = STORED(FOLD_FOLLOW_UP),
                                        .shape = DB_ROWS,
                                        },
    [FOLD_OTHER_FOLLOW_UPS] =
        {
                                        .name = "fold_other_follow_ups",
                                        .sql = "SELECT k.place, f.version, f.branch, f.rule, f.reason, f.channel, f.trigger,"
                   " f.state, f.planned_at, f.due_at" KEYS " CROSS JOIN LATERAL ("
                   "SELECT o.* FROM followup.follow_up_public AS o"
                   " WHERE o.bucket = k.bucket AND o.number = k.number OFFSET 0) AS f ORDER BY 1",                                                                                                                     .shape = DB_ROWS,
                                        },
    [FOLD_OTHER_CALLS] =
        {
                                        .name = "fold_other_calls",
                                        .sql = "SELECT k.place, t.ordered_at, coalesce(t.ended_at, t.finished_at),"
                   " coalesce(t.outcome, 0::int2), t.channel" KEYS " CROSS JOIN LATERAL ("
                   "SELECT o.* FROM followup.follow_up_attempt_public AS o"
                   " WHERE o.bucket = k.bucket AND o.follow_up_number = k.number OFFSET 0) AS t"
                   " ORDER BY 1, t.attempt",.shape = DB_ROWS,
                                        },
    [FOLD_OTHER_STORED_ANSWERS] =
        {
                                        .name = "fold_other_stored_answers",
                                        .sql = STORED(FOLD_ANSWER),
                                        .shape = DB_ROWS,
                                        },
    [FOLD_OTHER_ANSWERS] =
        {
                                        .name = "fold_other_answers",
                                        .sql = "SELECT k.place, a.number, a.occurred_at, a.instrument, a.question,"
                   " coalesce(a.value, -1::int2), a.branch, f.rule, f.trigger, f.channel" KEYS
                   " CROSS JOIN LATERAL ("
                   "SELECT o.* FROM intake.survey_answer_public AS o"
                   " WHERE o.bucket = k.bucket AND o.number = k.number AND o.case_number IS NULL"
                   "   AND NOT o.is_void OFFSET 0) AS a"
                   " LEFT JOIN followup.follow_up_public AS f"
                   "   ON f.bucket = (a.follow_up_number & 255)::int2"
                   "  AND f.number = a.follow_up_number ORDER BY 1",                                                                            .shape = DB_ROWS,
                                        },
    [FOLD_OTHER_ITEMS] =
        {
                                        .name = "fold_other_items",
                                        .sql = "SELECT k.place, i.item, i.dimension, coalesce(i.expectation, 0::int2),"
                   " coalesce(i.perception, 0::int2)" KEYS " CROSS JOIN LATERAL ("
                   "SELECT o.* FROM intake.survey_item_public AS o"
                   " WHERE o.bucket = k.bucket AND o.answer_number = k.number OFFSET 0) AS i"
                   " ORDER BY 1, 2",                                                   .shape = DB_ROWS,
                                        },
};

static void put_keys(struct db_params *params, const struct fold_key_list *keys)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8};
    struct db_columns columns;

    db_columns_init(&columns, types, 2);
    for (size_t i = 0; i < keys->count; i++) {
        db_array_add_int(&columns.array[0], identifier_bucket(keys->list[i].number));
        db_array_add_int(&columns.array[1], keys->list[i].number);
    }
    db_columns_put(&columns, params);
}

void fold_other_store_ask(struct db *db, const struct fold_key_list *follow_ups,
                          const struct fold_key_list *answers)
{
    struct db_params params[] = {{.count = 0}, {.count = 0}};

    put_keys(&params[0], follow_ups);
    put_keys(&params[1], answers);
    for (size_t set = 0; set < FOLD_OTHER_SETS; set++) {
        db_query(db, &queries[set], &params[set < FOLD_OTHER_STORED_ANSWERS ? 0 : 1]);
    }
    db_params_free(&params[0]);
    db_params_free(&params[1]);
}

/* ---- rows */

void fold_other_reader_free(struct fold_other_reader *r)
{
    free(r->calls);
    free(r->items);
    *r = (struct fold_other_reader){0};
}

void fold_other_reader_begin(struct fold_other_reader *r, const struct db_rows *const *sets)
{
    r->sets = sets;
    for (size_t i = 0; i < FOLD_OTHER_SETS; i++) {
        r->next[i] = 0;
    }
}

static bool is_of(const struct fold_other_reader *r, enum fold_other_set set, size_t place)
{
    const struct db_rows *rows = r->sets[set];
    size_t row = r->next[set];

    return row < db_row_count(rows) && db_get_int(rows, row, 0) == (int64_t)place + 1;
}

static struct bytes stored_of(struct fold_other_reader *r, enum fold_other_set set, size_t place)
{
    return is_of(r, set, place) ? db_get_bytes(r->sets[set], r->next[set]++, 1)
                                : (struct bytes){.data = NULL};
}

static const char *text_of(const struct db_rows *rows, size_t row, int column)
{
    return db_is_null(rows, row, column) ? NULL : db_get_text(rows, row, column);
}

static void take_calls(struct fold_other_reader *r, size_t place, struct follow_up_rows *to)
{
    const struct db_rows *rows = r->sets[FOLD_OTHER_CALLS];

    for (; is_of(r, FOLD_OTHER_CALLS, place); r->next[FOLD_OTHER_CALLS]++) {
        size_t row = r->next[FOLD_OTHER_CALLS];
        int64_t ordered_us = db_get_time(rows, row, 1);
        if (to->tried_us == DB_NO_TIME || ordered_us < to->tried_us) {
            to->tried_us = ordered_us;
        }
        if (to->call_count == r->call_room) {
            r->call_room = 2 * r->call_room + 8;
            r->calls = xreallocarray(r->calls, r->call_room, sizeof(*r->calls));
        }
        if (!db_is_null(rows, row, 2)) {
            r->calls[to->call_count++] = (struct follow_up_call){
                .at_us = db_get_time(rows, row, 2),
                .outcome = (Troth__V1__CallOutcome)db_get_int(rows, row, 3),
                .channel = (int)db_get_int(rows, row, 4),
            };
        }
    }
    to->calls = r->calls;
}

bool fold_other_next_follow_up(struct fold_other_reader *r, size_t place, struct bytes *ret_stored,
                               int64_t *ret_version, struct follow_up_rows *ret)
{
    const struct db_rows *rows = r->sets[FOLD_OTHER_FOLLOW_UPS];
    bool is_known = is_of(r, FOLD_OTHER_FOLLOW_UPS, place);
    struct follow_up_rows f = {.tried_us = DB_NO_TIME};

    *ret_stored = stored_of(r, FOLD_OTHER_STORED_FOLLOW_UPS, place);
    if (is_known) {
        size_t row = r->next[FOLD_OTHER_FOLLOW_UPS]++;
        *ret_version = db_get_int(rows, row, 1);
        f.branch = text_of(rows, row, 2);
        f.rule = db_get_text(rows, row, 3);
        f.reason = db_get_text(rows, row, 4);
        f.channel = (int)db_get_int(rows, row, 5);
        f.trigger = (int)db_get_int(rows, row, 6);
        f.state = (Troth__V1__FollowUpState)db_get_int(rows, row, 7);
        f.planned_us = db_get_time(rows, row, 8);
        f.due_us = db_get_time(rows, row, 9);
    }
    take_calls(r, place, &f);
    if (is_known) {
        *ret = f;
    }
    return is_known;
}

static void take_items(struct fold_other_reader *r, size_t place, struct answer_row *to)
{
    const struct db_rows *rows = r->sets[FOLD_OTHER_ITEMS];

    for (; is_of(r, FOLD_OTHER_ITEMS, place); r->next[FOLD_OTHER_ITEMS]++) {
        size_t row = r->next[FOLD_OTHER_ITEMS];
        if (to->item_count == r->item_room) {
            r->item_room = 2 * r->item_room + 32;
            r->items = xreallocarray(r->items, r->item_room, sizeof(*r->items));
        }
        r->items[to->item_count++] = (struct answer_item){
            .item = (int)db_get_int(rows, row, 1),
            .dimension = (Troth__V1__ServqualDimension)db_get_int(rows, row, 2),
            .expectation = (int)db_get_int(rows, row, 3),
            .perception = (int)db_get_int(rows, row, 4),
        };
    }
    to->items = r->items;
}

bool fold_other_next_answer(struct fold_other_reader *r, size_t place, struct bytes *ret_stored,
                            struct answer_row *ret)
{
    const struct db_rows *rows = r->sets[FOLD_OTHER_ANSWERS];
    bool is_known = is_of(r, FOLD_OTHER_ANSWERS, place);
    struct answer_row a = {.value = -1};

    *ret_stored = stored_of(r, FOLD_OTHER_STORED_ANSWERS, place);
    if (is_known) {
        size_t row = r->next[FOLD_OTHER_ANSWERS]++;
        a.number = db_get_int(rows, row, 1);
        a.at_us = db_get_time(rows, row, 2);
        a.instrument = (Troth__V1__SurveyInstrument)db_get_int(rows, row, 3);
        a.question = text_of(rows, row, 4);
        a.value = (int)db_get_int(rows, row, 5);
        a.branch = text_of(rows, row, 6);
        a.rule = text_of(rows, row, 7);
        a.trigger = (int)db_get_int(rows, row, 8);
        a.channel = (int)db_get_int(rows, row, 9);
    }
    take_items(r, place, &a);
    if (is_known) {
        *ret = a;
    }
    return is_known;
}
