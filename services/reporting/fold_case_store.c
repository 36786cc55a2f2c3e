/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold_case_store.c - the case itself is read first: whatever changes while the rest is read has an
 * event with a higher version, so the case is looked at again.
 *
 * OFFSET 0 keeps each look-up by its key, whatever the statistics say.
 */
#include "services/reporting/fold_case_store.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

#define KEYS " FROM unnest($1::int2[], $2::int8[]) WITH ORDINALITY AS k (bucket, number, place)"

static const struct db_query queries[FOLD_CASE_SETS] = {
    [FOLD_CASE_STORED] =
        {
                            .name = "fold_case_stored",
                            .sql =
                "SELECT k.place, f.bundle" KEYS " CROSS JOIN LATERAL ("
                "SELECT o.bundle FROM reporting.case_fact AS o"
                " WHERE o.bucket = k.bucket AND o.case_number = k.number OFFSET 0) AS f ORDER BY 1",                  .shape = DB_ROWS,
                            },
    [FOLD_CASE_MAIN] =
        {
                            .name = "fold_case_main",
                            .sql = "SELECT k.place, c.customer_number, c.version, c.state, c.kind, c.channel, "
                   "c.branch,"
                   " c.owner_team, c.category, c.product, c.priority, c.opened_at,"
                   " c.first_response_at, c.resolved_at, c.joined_case IS NOT NULL,"
                   " (SELECT loyalty.tier_name(h.after) FROM loyalty.standing_history_public AS h"
                   "   WHERE h.bucket = c.bucket AND h.customer_number = c.customer_number"
                   "     AND h.what = 1 AND h.at <= c.opened_at ORDER BY h.version DESC LIMIT 1),"
                   " c.resolved_at IS NOT NULL AND c.category IS NOT NULL AND EXISTS ("
                   "SELECT FROM intake.service_case_public AS o"
                   "   WHERE o.bucket = c.bucket AND o.customer_number = c.customer_number"
                   "     AND o.number <> c.number AND o.state <> 7 AND o.category = c.category"
                   "     AND o.opened_at > c.resolved_at AND o.opened_at <="
                   "         c.resolved_at + $3::int8 * interval '1 microsecond')" KEYS
                   " CROSS JOIN LATERAL ("
                   "SELECT o.* FROM intake.service_case_public AS o"
                   " WHERE o.bucket = k.bucket AND o.number = k.number OFFSET 0) AS c ORDER BY 1",                                                                                                                     .shape = DB_ROWS,
                            },
    [FOLD_CASE_CONTACTS] =
        {
                            .name = "fold_case_contacts",
                            .sql =
                "SELECT k.place, t.number, coalesce(t.case_version, 0), t.occurred_at,"
                " t.origin > 1, t.is_thanks" KEYS " CROSS JOIN LATERAL ("
                "SELECT o.* FROM intake.contact_public AS o"
                " WHERE o.bucket = k.bucket AND o.case_number = k.number"
                "   AND o.case_version IS NOT NULL AND NOT o.is_void"
                " UNION ALL "
                "SELECT o.* FROM intake.service_case_public AS c"
                " JOIN intake.contact_public AS o ON o.bucket = c.bucket AND o.number = c.opened_by"
                " WHERE c.bucket = k.bucket AND c.number = k.number AND NOT o.is_void OFFSET 0) AS "
                "t"
                " ORDER BY 1, 3, 2",.shape = DB_ROWS,
                            },
    [FOLD_CASE_MOVES] =
        {
                            .name = "fold_case_moves",
                            .sql =
                "SELECT k.place, e.case_version, e.occurred_at, e.action, e.from_state, e.to_state,"
                " e.staff" KEYS " CROSS JOIN LATERAL ("
                "SELECT o.* FROM intake.case_event_public AS o"
                " WHERE o.bucket = k.bucket AND o.case_number = k.number AND NOT o.is_void"
                " OFFSET 0) AS e ORDER BY 1, 2, e.number",                                                             .shape = DB_ROWS,
                            },
    [FOLD_CASE_PROMISES] =
        {
                            .name = "fold_case_promises",
                            .sql =
                "SELECT k.place, p.number, p.kind, p.rule, p.state, p.made_at, p.target_us,"
                " p.due_at, p.done_at, coalesce((SELECT max(w.occurred_at)"
                " FROM intake.promise_event_public AS w"
                " WHERE p.state IN (7, 8) AND w.bucket = p.bucket AND w.promise_number = p.number"
                "   AND w.action = CASE p.state WHEN 7 THEN 3 ELSE 1 END AND NOT w.is_void),"
                " p.settled_at), p.counted_us, p.cause, p.customer_word, p.chance" KEYS
                " CROSS JOIN LATERAL ("
                "SELECT o.* FROM intake.promise_public AS o"
                " WHERE o.bucket = k.bucket AND o.case_number = k.number AND NOT o.is_void"
                " OFFSET 0) AS p ORDER BY 1, 2",                                                                                        .shape = DB_ROWS,
                            },
    [FOLD_CASE_STEPS] =
        {
                            .name = "fold_case_steps",
                            .sql = "SELECT k.place, s.promise_number, s.step, s.due_at" KEYS " CROSS JOIN LATERAL ("
                   "SELECT o.promise_number, o.step, o.due_at FROM intake.promise_public AS p"
                   " JOIN intake.promise_step_public AS o"
                   "   ON o.bucket = p.bucket AND o.promise_number = p.number"
                   " WHERE p.bucket = k.bucket AND p.case_number = k.number AND NOT p.is_void"
                   "   AND (o.step = 80 OR o.step > 100) OFFSET 0) AS s ORDER BY 1, 2, 4, 3",                                                            .shape = DB_ROWS,
                            },
    [FOLD_CASE_ANSWERS] =
        {
                            .name = "fold_case_answers",
                            .sql = "SELECT k.place, a.number, a.occurred_at, a.instrument, a.question,"
                   " coalesce(a.value, -1::int2), f.rule, f.trigger, f.channel" KEYS
                   " CROSS JOIN LATERAL ("
                   "SELECT o.* FROM intake.service_case_public AS c"
                   " JOIN intake.survey_answer_public AS o"
                   "   ON o.bucket = c.bucket AND o.customer_number = c.customer_number"
                   " WHERE c.bucket = k.bucket AND c.number = k.number AND o.case_number = k.number"
                   "   AND NOT o.is_void OFFSET 0) AS a"
                   " LEFT JOIN followup.follow_up_public AS f"
                   "   ON f.bucket = (a.follow_up_number & 255)::int2"
                   "  AND f.number = a.follow_up_number ORDER BY 1, 2",                                                                                                                     .shape = DB_ROWS,
                            },
    [FOLD_CASE_ITEMS] =
        {
                            .name = "fold_case_items",
                            .sql = "SELECT k.place, i.answer_number, i.item, i.dimension, coalesce(i.expectation, "
                   "0::int2),"
                   " coalesce(i.perception, 0::int2)" KEYS " CROSS JOIN LATERAL ("
                   "SELECT x.* FROM intake.service_case_public AS c"
                   " JOIN intake.survey_answer_public AS o"
                   "   ON o.bucket = c.bucket AND o.customer_number = c.customer_number"
                   " JOIN intake.survey_item_public AS x"
                   "   ON x.bucket = o.bucket AND x.answer_number = o.number"
                   " WHERE c.bucket = k.bucket AND c.number = k.number AND o.case_number = k.number"
                   "   AND o.instrument = 4 AND NOT o.is_void OFFSET 0) AS i ORDER BY 1, 2, 3",.shape = DB_ROWS,
                            },
    [FOLD_CASE_EXPECTATIONS] =
        {
                            .name = "fold_case_expectations",
                            .sql =
                "SELECT k.place, e.number, e.reference, e.expected_at" KEYS " CROSS JOIN LATERAL ("
                "SELECT o.* FROM intake.expectation_public AS o"
                " WHERE o.bucket = k.bucket AND o.case_number = k.number AND NOT o.is_void"
                " OFFSET 0) AS e ORDER BY 1, 2",                                                                .shape = DB_ROWS,
                            },
    [FOLD_CASE_COMPENSATIONS] =
        {
                            .name = "fold_case_compensations",
                            .sql = "SELECT k.place, x.occurred_at, coalesce(x.amount_minor, 0), x.currency" KEYS
                   " CROSS JOIN LATERAL ("
                   "SELECT o.* FROM intake.promise_public AS p"
                   " JOIN intake.compensation_public AS o"
                   "   ON o.bucket = p.bucket AND o.promise_number = p.number"
                   " WHERE p.bucket = k.bucket AND p.case_number = k.number AND NOT o.is_void"
                   " OFFSET 0) AS x ORDER BY 1, x.promise_number",                                                                                        .shape = DB_ROWS,
                            },
};

void fold_case_store_ask(struct db *db, const struct fold_key_list *keys, int64_t return_window_us)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8};
    struct db_params params = {.count = 0};
    struct db_columns columns;

    db_columns_init(&columns, types, 2);
    for (size_t i = 0; i < keys->count; i++) {
        db_array_add_int(&columns.array[0], identifier_bucket(keys->list[i].number));
        db_array_add_int(&columns.array[1], keys->list[i].number);
    }
    db_put_array(&params, &columns.array[0]);
    db_put_array(&params, &columns.array[1]);
    for (size_t set = 0; set < FOLD_CASE_SETS; set++) {
        if (set == FOLD_CASE_MAIN) {
            struct db_params with_window = {.count = 0};
            db_put_array(&with_window, &columns.array[0]);
            db_put_array(&with_window, &columns.array[1]);
            db_put_int8(&with_window, return_window_us);
            db_query(db, &queries[set], &with_window);
            db_params_free(&with_window);
        } else {
            db_query(db, &queries[set], &params);
        }
    }
    db_params_free(&params);
    db_columns_free(&columns);
}

/* ---- rows */

void fold_case_reader_free(struct fold_case_reader *r)
{
    free(r->contacts);
    free(r->moves);
    free(r->promises);
    free(r->steps);
    free(r->answers);
    free(r->items);
    free(r->expectations);
    free(r->compensations);
    *r = (struct fold_case_reader){0};
}

void fold_case_reader_begin(struct fold_case_reader *r, const struct db_rows *const *sets)
{
    r->sets = sets;
    for (size_t i = 0; i < FOLD_CASE_SETS; i++) {
        r->next[i] = 0;
    }
}

static const char *text_of(const struct db_rows *rows, size_t row, int column)
{
    return db_is_null(rows, row, column) ? NULL : db_get_text(rows, row, column);
}

/* How many rows of a set belong to the place; they begin at r->next[set]. */
static size_t rows_of(struct fold_case_reader *r, enum fold_case_set set, size_t place)
{
    const struct db_rows *rows = r->sets[set];
    size_t end = r->next[set];

    while (end < db_row_count(rows) && db_get_int(rows, end, 0) == (int64_t)place + 1) {
        end++;
    }
    return end - r->next[set];
}

/* Room for the rows of a set; returns the list, and where its rows begin and how many there are. */
static void *begin_list(struct fold_case_reader *r, enum fold_case_set set, size_t place,
                        void *list, size_t size, size_t *ret_count)
{
    size_t count = rows_of(r, set, place);

    if (count > r->room[set]) {
        r->room[set] = 2 * count;
        list = xreallocarray(list, r->room[set], size);
    }
    *ret_count = count;
    return list;
}

static void take_contacts(struct fold_case_reader *r, size_t place, struct case_rows *to)
{
    const struct db_rows *rows = r->sets[FOLD_CASE_CONTACTS];

    r->contacts = begin_list(r, FOLD_CASE_CONTACTS, place, r->contacts, sizeof(*r->contacts),
                             &to->contact_count);
    for (size_t i = 0; i < to->contact_count; i++) {
        size_t row = r->next[FOLD_CASE_CONTACTS]++;
        r->contacts[i] = (struct case_contact){
            .number = db_get_int(rows, row, 1),
            .version = db_get_int(rows, row, 2),
            .at_us = db_get_time(rows, row, 3),
            .is_machine = db_get_bool(rows, row, 4),
            .is_thanks = db_get_bool(rows, row, 5),
        };
    }
    to->contacts = r->contacts;
}

static void take_moves(struct fold_case_reader *r, size_t place, struct case_rows *to)
{
    const struct db_rows *rows = r->sets[FOLD_CASE_MOVES];

    r->moves = begin_list(r, FOLD_CASE_MOVES, place, r->moves, sizeof(*r->moves), &to->move_count);
    for (size_t i = 0; i < to->move_count; i++) {
        size_t row = r->next[FOLD_CASE_MOVES]++;
        r->moves[i] = (struct case_move){
            .version = db_get_int(rows, row, 1),
            .at_us = db_get_time(rows, row, 2),
            .action = (Troth__V1__CaseAction)db_get_int(rows, row, 3),
            .from = (Troth__V1__CaseState)db_get_int(rows, row, 4),
            .to = (Troth__V1__CaseState)db_get_int(rows, row, 5),
            .staff = text_of(rows, row, 6),
        };
    }
    to->moves = r->moves;
}

static void take_promises(struct fold_case_reader *r, size_t place, struct case_rows *to)
{
    const struct db_rows *rows = r->sets[FOLD_CASE_PROMISES];

    r->promises = begin_list(r, FOLD_CASE_PROMISES, place, r->promises, sizeof(*r->promises),
                             &to->promise_count);
    for (size_t i = 0; i < to->promise_count; i++) {
        size_t row = r->next[FOLD_CASE_PROMISES]++;
        r->promises[i] = (struct case_promise){
            .number = db_get_int(rows, row, 1),
            .kind = db_get_text(rows, row, 2),
            .rule = text_of(rows, row, 3),
            .state = (Troth__V1__PromiseState)db_get_int(rows, row, 4),
            .made_us = db_get_time(rows, row, 5),
            .target_us = db_get_int(rows, row, 6),
            .due_us = db_get_time(rows, row, 7),
            .done_us = db_get_time(rows, row, 8),
            .said_us = db_get_time(rows, row, 9),
            .counted_us = db_is_null(rows, row, 10) ? -1 : db_get_int(rows, row, 10),
            .cause = (int)db_get_int(rows, row, 11),
            .word = (int)db_get_int(rows, row, 12),
            .chance = db_is_null(rows, row, 13) ? -1 : db_get_float8(rows, row, 13),
        };
    }
    to->promises = r->promises;
}

static void take_steps(struct fold_case_reader *r, size_t place, struct case_rows *to)
{
    const struct db_rows *rows = r->sets[FOLD_CASE_STEPS];

    r->steps = begin_list(r, FOLD_CASE_STEPS, place, r->steps, sizeof(*r->steps), &to->step_count);
    for (size_t i = 0; i < to->step_count; i++) {
        size_t row = r->next[FOLD_CASE_STEPS]++;
        r->steps[i] = (struct case_step){
            .promise = db_get_int(rows, row, 1),
            .step = (int)db_get_int(rows, row, 2),
            .due_us = db_get_time(rows, row, 3),
        };
    }
    to->steps = r->steps;
}

/* Items stand beside the answers, in the order of both. */
static void take_items(struct fold_case_reader *r, size_t place, struct case_rows *to)
{
    const struct db_rows *rows = r->sets[FOLD_CASE_ITEMS];
    size_t count;
    size_t at = 0;

    r->items = begin_list(r, FOLD_CASE_ITEMS, place, r->items, sizeof(*r->items), &count);
    for (size_t i = 0; i < count; i++) {
        size_t row = r->next[FOLD_CASE_ITEMS]++;
        int64_t answer = db_get_int(rows, row, 1);
        r->items[i] = (struct answer_item){
            .item = (int)db_get_int(rows, row, 2),
            .dimension = (Troth__V1__ServqualDimension)db_get_int(rows, row, 3),
            .expectation = (int)db_get_int(rows, row, 4),
            .perception = (int)db_get_int(rows, row, 5),
        };
        while (at < to->answer_count && r->answers[at].number < answer) {
            at++;
        }
        if (at < to->answer_count && r->answers[at].number == answer) {
            struct answer_row *a = &r->answers[at];
            a->items = a->item_count == 0 ? &r->items[i] : a->items;
            a->item_count++;
        }
    }
}

static void take_answers(struct fold_case_reader *r, size_t place, struct case_rows *to)
{
    const struct db_rows *rows = r->sets[FOLD_CASE_ANSWERS];

    r->answers =
        begin_list(r, FOLD_CASE_ANSWERS, place, r->answers, sizeof(*r->answers), &to->answer_count);
    for (size_t i = 0; i < to->answer_count; i++) {
        size_t row = r->next[FOLD_CASE_ANSWERS]++;
        r->answers[i] = (struct answer_row){
            .number = db_get_int(rows, row, 1),
            .at_us = db_get_time(rows, row, 2),
            .instrument = (Troth__V1__SurveyInstrument)db_get_int(rows, row, 3),
            .question = text_of(rows, row, 4),
            .value = (int)db_get_int(rows, row, 5),
            .rule = text_of(rows, row, 6),
            .trigger = (int)db_get_int(rows, row, 7),
            .channel = (int)db_get_int(rows, row, 8),
        };
    }
    take_items(r, place, to);
    to->answers = r->answers;
}

static void take_amends(struct fold_case_reader *r, size_t place, struct case_rows *to)
{
    const struct db_rows *rows = r->sets[FOLD_CASE_EXPECTATIONS];
    const struct db_rows *values = r->sets[FOLD_CASE_COMPENSATIONS];

    r->expectations = begin_list(r, FOLD_CASE_EXPECTATIONS, place, r->expectations,
                                 sizeof(*r->expectations), &to->expectation_count);
    for (size_t i = 0; i < to->expectation_count; i++) {
        size_t row = r->next[FOLD_CASE_EXPECTATIONS]++;
        r->expectations[i] = (struct case_expectation){
            .number = db_get_int(rows, row, 1),
            .reference = text_of(rows, row, 2),
            .expected_us = db_get_time(rows, row, 3),
        };
    }
    to->expectations = r->expectations;
    r->compensations = begin_list(r, FOLD_CASE_COMPENSATIONS, place, r->compensations,
                                  sizeof(*r->compensations), &to->compensation_count);
    for (size_t i = 0; i < to->compensation_count; i++) {
        size_t row = r->next[FOLD_CASE_COMPENSATIONS]++;
        r->compensations[i] = (struct case_compensation){
            .at_us = db_get_time(values, row, 1),
            .amount_minor = db_get_int(values, row, 2),
            .currency = text_of(values, row, 3),
        };
    }
    to->compensations = r->compensations;
}

static void take_main(struct fold_case_reader *r, int64_t number, struct case_rows *to)
{
    const struct db_rows *rows = r->sets[FOLD_CASE_MAIN];
    size_t row = r->next[FOLD_CASE_MAIN]++;

    *to = (struct case_rows){
        .number = number,
        .customer = db_get_int(rows, row, 1),
        .version = db_get_int(rows, row, 2),
        .state = (Troth__V1__CaseState)db_get_int(rows, row, 3),
        .kind = (Troth__V1__ContactKind)db_get_int(rows, row, 4),
        .channel = text_of(rows, row, 5),
        .branch = text_of(rows, row, 6),
        .team = text_of(rows, row, 7),
        .category = text_of(rows, row, 8),
        .product = text_of(rows, row, 9),
        .priority = (int)db_get_int(rows, row, 10),
        .opened_us = db_get_time(rows, row, 11),
        .first_response_us = db_get_time(rows, row, 12),
        .resolved_us = db_get_time(rows, row, 13),
        .is_merged = db_get_bool(rows, row, 14),
        .tier = text_of(rows, row, 15),
        .has_returned = db_get_bool(rows, row, 16),
    };
}

bool fold_case_reader_next(struct fold_case_reader *r, size_t place, int64_t number,
                           struct bytes *ret_stored, struct case_rows *ret_case)
{
    bool is_known = rows_of(r, FOLD_CASE_MAIN, place) > 0;
    struct case_rows rows = {.number = number};

    *ret_stored = (struct bytes){.data = NULL};
    if (rows_of(r, FOLD_CASE_STORED, place) > 0) {
        *ret_stored = db_get_bytes(r->sets[FOLD_CASE_STORED], r->next[FOLD_CASE_STORED]++, 1);
    }
    if (is_known) {
        take_main(r, number, &rows);
    }
    take_contacts(r, place, &rows);
    take_moves(r, place, &rows);
    take_promises(r, place, &rows);
    take_steps(r, place, &rows);
    take_answers(r, place, &rows);
    take_amends(r, place, &rows);
    if (is_known) {
        *ret_case = rows;
    }
    return is_known;
}
