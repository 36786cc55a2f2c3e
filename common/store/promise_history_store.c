/* SPDX-License-Identifier: Apache-2.0 */
#include "common/store/promise_history_store.h"

#include "common/base/compiler.h"
#include "common/base/log.h"
#include "common/domain/identifier.h"

static const struct db_query history_promise = {
    "promise_history_promise",
    "SELECT p.kind, p.state, p.made_at, p.made_by, p.target_us, p.due_at, p.done_at, p.settled_at,"
    "       p.counted_us, p.is_due_fixed, p.is_void, p.clock_version, p.rule, p.case_number,"
    "       c.state, c.kind, c.channel, c.branch, c.category, c.rule, c.asked_priority,"
    "       c.opened_at, log.now(), s.id, s.hash, s.body, s.tzdata, s.first_used_at"
    "  FROM intake.promise_public AS p"
    "  JOIN intake.service_case_public AS c ON c.bucket = p.bucket AND c.number = p.case_number"
    "  LEFT JOIN intake.standard_version_public AS s"
    "       ON s.id = COALESCE(NULLIF(p.standard_id, 0), c.standard_id)"
    " WHERE p.bucket = $1 AND p.number = $2",
    DB_OPTIONAL};

enum {
    P_KIND,
    P_STATE,
    P_MADE_AT,
    P_MADE_BY,
    P_TARGET,
    P_DUE_AT,
    P_DONE_AT,
    P_SETTLED_AT,
    P_COUNTED,
    P_IS_DUE_FIXED,
    P_IS_VOID,
    P_CLOCK_VERSION,
    P_RULE,
    C_NUMBER,
    C_STATE,
    C_KIND,
    C_CHANNEL,
    C_BRANCH,
    C_CATEGORY,
    C_RULE,
    C_ASKED_PRIORITY,
    C_OPENED_AT,
    AT_NOW,
    S_ID,
    S_HASH,
    S_BODY,
    S_TZDATA,
    S_FIRST_USED_AT,
};

/* The opening, further contacts, updates, what was said about the promise: in the order in which
 * they took effect. What was taken back is not there. */
static const struct db_query history_entries = {
    "promise_history_entries",
    "SELECT e.kind, e.number, e.action, e.from_state, e.to_state, e.origin, e.is_thanks, e.staff,"
    "       e.occurred_at, e.received_at"
    "  FROM (SELECT 0 AS kind, 0::int8 AS number, 0::int8 AS version, 0::int2 AS action,"
    "               0::int2 AS from_state, 0::int2 AS to_state, 0::int2 AS origin,"
    "               false AS is_thanks, NULL AS staff, c.opened_at AS occurred_at,"
    "               c.opened_at AS received_at"
    "          FROM intake.service_case_public AS c"
    "          JOIN intake.promise_public AS p"
    "               ON p.bucket = c.bucket AND p.case_number = c.number"
    "         WHERE p.bucket = $1 AND p.number = $2"
    "        UNION ALL"
    "        SELECT 1, t.number, t.case_version, 0::int2, 0::int2, 0::int2, t.origin, t.is_thanks,"
    "               NULL, t.occurred_at, t.received_at"
    "          FROM intake.contact_public AS t"
    "          JOIN intake.promise_public AS p"
    "               ON p.bucket = t.bucket AND p.case_number = t.case_number"
    "         WHERE p.bucket = $1 AND p.number = $2 AND t.case_version IS NOT NULL"
    "           AND NOT t.is_void"
    "        UNION ALL"
    "        SELECT 2, v.number, v.case_version, v.action, v.from_state, v.to_state, 0::int2,"
    "               false, v.staff, v.occurred_at, v.received_at"
    "          FROM intake.case_event_public AS v"
    "          JOIN intake.promise_public AS p"
    "               ON p.bucket = v.bucket AND p.case_number = v.case_number"
    "         WHERE p.bucket = $1 AND p.number = $2 AND NOT v.is_void"
    "        UNION ALL"
    "        SELECT 3, s.number, s.case_version, s.action, s.from_state, s.to_state, 0::int2,"
    "               false, s.staff, s.occurred_at, s.received_at"
    "          FROM intake.promise_event_public AS s"
    "         WHERE s.bucket = $1 AND s.promise_number = $2 AND NOT s.is_void) AS e"
    " ORDER BY e.version, e.kind, e.number",
    DB_ROWS};

enum {
    E_KIND,
    E_NUMBER,
    E_ACTION,
    E_FROM,
    E_TO,
    E_ORIGIN,
    E_IS_THANKS,
    E_STAFF,
    E_OCCURRED_AT,
    E_RECEIVED_AT,
};

static const struct db_query history_steps = {
    "promise_history_steps",
    "SELECT s.clock_version, s.step, s.due_at, s.taken_at, s.tell"
    "  FROM intake.promise_step_public AS s WHERE s.bucket = $1 AND s.promise_number = $2"
    " ORDER BY s.taken_at, s.clock_version, s.step",
    DB_ROWS};

/* More than that happens to no case that people work on; the arena has room for it. */
#define ENTRIES_MOST 100000

static void *take(struct arena *arena, size_t count, size_t size)
{
    void *p = arena_alloc(arena, count * size + 1);

    if (!p) {
        BUG("a promise's history outgrew its arena");
    }
    return p;
}

/* NULL stays NULL. */
static const char *take_text(struct arena *arena, const struct db_rows *rows, size_t row,
                             int column)
{
    const char *copy = NULL;

    if (!db_is_null(rows, row, column)) {
        copy = arena_copy_text(arena, db_get_text(rows, row, column));
        if (!copy) {
            BUG("a promise's history outgrew its arena");
        }
    }
    return copy;
}

static void load_case(const struct db_rows *rows, struct promise_history *h)
{
    h->service_case = db_get_int(rows, 0, C_NUMBER);
    h->case_state = (Troth__V1__CaseState)db_get_int(rows, 0, C_STATE);
    h->case_kind = (Troth__V1__ContactKind)db_get_int(rows, 0, C_KIND);
    h->channel = take_text(h->arena, rows, 0, C_CHANNEL);
    h->branch = take_text(h->arena, rows, 0, C_BRANCH);
    h->category = take_text(h->arena, rows, 0, C_CATEGORY);
    h->case_rule = take_text(h->arena, rows, 0, C_RULE);
    h->asked_priority = (int)db_get_int(rows, 0, C_ASKED_PRIORITY);
    h->opened_us = db_get_time(rows, 0, C_OPENED_AT);
    h->standard_id = (int32_t)db_get_int(rows, 0, S_ID);
    h->standard_hash = take_text(h->arena, rows, 0, S_HASH);
    h->standard_text = take_text(h->arena, rows, 0, S_BODY);
    h->standard_tzdata = take_text(h->arena, rows, 0, S_TZDATA);
    h->standard_since_us = db_get_time(rows, 0, S_FIRST_USED_AT);
}

/* DB_NO_TIME and HISTORY_NO_TIME are one value. */
static void load_promise(const struct db_rows *rows, struct promise_history *h)
{
    h->kind = take_text(h->arena, rows, 0, P_KIND);
    h->state = (int)db_get_int(rows, 0, P_STATE);
    h->made_us = db_get_time(rows, 0, P_MADE_AT);
    h->made_by = db_get_int(rows, 0, P_MADE_BY);
    h->target_us = db_get_int(rows, 0, P_TARGET);
    h->due_us = db_get_time(rows, 0, P_DUE_AT);
    h->done_us = db_get_time(rows, 0, P_DONE_AT);
    h->settled_us = db_get_time(rows, 0, P_SETTLED_AT);
    h->counted_us =
        db_is_null(rows, 0, P_COUNTED) ? HISTORY_NO_TIME : db_get_int(rows, 0, P_COUNTED);
    h->is_due_fixed = db_get_bool(rows, 0, P_IS_DUE_FIXED);
    h->is_void = db_get_bool(rows, 0, P_IS_VOID);
    h->clock_version = (int)db_get_int(rows, 0, P_CLOCK_VERSION);
    h->rule = take_text(h->arena, rows, 0, P_RULE);
    h->now_us = db_get_time(rows, 0, AT_NOW);
    load_case(rows, h);
}

static void load_entries(const struct db_rows *rows, struct promise_history *h)
{
    h->entry_count = db_row_count(rows);
    h->entries = take(h->arena, h->entry_count, sizeof(*h->entries));
    for (size_t i = 0; i < h->entry_count; i++) {
        h->entries[i] = (struct promise_history_entry){
            .kind = (enum promise_history_kind)db_get_int(rows, i, E_KIND),
            .number = db_get_int(rows, i, E_NUMBER),
            .action = (int)db_get_int(rows, i, E_ACTION),
            .from = (int)db_get_int(rows, i, E_FROM),
            .to = (int)db_get_int(rows, i, E_TO),
            .origin = (int)db_get_int(rows, i, E_ORIGIN),
            .is_thanks = db_get_bool(rows, i, E_IS_THANKS),
            .staff = take_text(h->arena, rows, i, E_STAFF),
            .occurred_us = db_get_time(rows, i, E_OCCURRED_AT),
            .received_us = db_get_time(rows, i, E_RECEIVED_AT),
        };
    }
}

static void load_steps(const struct db_rows *rows, struct promise_history *h)
{
    h->step_count = db_row_count(rows);
    h->steps = take(h->arena, h->step_count, sizeof(*h->steps));
    for (size_t i = 0; i < h->step_count; i++) {
        h->steps[i] = (struct promise_history_step){
            .clock_version = (int)db_get_int(rows, i, 0),
            .step = (int)db_get_int(rows, i, 1),
            .due_us = db_get_time(rows, i, 2),
            .taken_us = db_get_time(rows, i, 3),
            .tell = take_text(h->arena, rows, i, 4),
        };
    }
}

void promise_history_store_ask(struct db *db, int64_t promise)
{
    static const struct db_query *const questions[PROMISE_HISTORY_SETS] = {
        &history_promise, &history_entries, &history_steps};
    struct db_params params = {0};

    db_put_int2(&params, identifier_bucket(promise));
    db_put_int8(&params, promise);
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        db_query(db, questions[i], &params);
    }
    db_params_free(&params);
}

int promise_history_store_take(const struct db_rows *const *rows, int64_t promise,
                               struct promise_history *ret_history, struct err *err)
{
    if (db_row_count(rows[0]) == 0) {
        return err_set(err, "promise_unknown", "there is no such promise");
    }
    if (db_row_count(rows[1]) > ENTRIES_MOST) {
        return err_set(err, "history_too_long", "more than %d things happened to its case",
                       ENTRIES_MOST);
    }
    ret_history->promise = promise;
    load_promise(rows[0], ret_history);
    load_entries(rows[1], ret_history);
    load_steps(rows[2], ret_history);
    return 0;
}

int promise_history_store_read(struct db *db, int64_t promise, struct promise_history *ret_history,
                               struct err *err)
{
    const struct db_reply *reply;

    promise_history_store_ask(db, promise);
    reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return -1;
    }
    return promise_history_store_take(reply->rows, promise, ret_history, err);
}
