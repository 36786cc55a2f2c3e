/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_step.c - one round trip: what was queued, what came back, and which of the outcomes that is.
 *
 * The items of a step are answered in order, each by one result and a NULL, the whole by a sync.
 * The first error decides; the server skips the rest up to the sync. If a transaction is open then,
 * ROLLBACK follows before done() is called. Whether COMMIT took effect is known only from its own
 * answer: everything else makes it "unknown".
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/db_private.h"

struct db_item *db_step_add(struct db *db, enum db_item_kind kind, const struct db_query *q)
{
    struct db_step *s = &db->step;
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 8;
        s->items = xreallocarray(s->items, s->capacity, sizeof(*s->items));
    }
    s->items[s->count] = (struct db_item){.kind = kind, .query = q};
    return &s->items[s->count++];
}

void db_step_clear(struct db_step *s)
{
    for (size_t i = 0; i < s->set_count; i++) {
        PQclear(s->sets[i].result);
    }
    free(s->sets);
    free(s->set_list);
    free(s->items);
    *s = (struct db_step){0};
}

static const char *item_name(const struct db_item *item)
{
    switch (item->kind) {
    case DB_ITEM_PREPARE:
    case DB_ITEM_QUERY:
        return item->query->name;
    case DB_ITEM_BEGIN:
        return "begin";
    case DB_ITEM_COMMIT:
        return "commit";
    case DB_ITEM_ROLLBACK:
        break;
    }
    return "rollback";
}

static bool is_failed(const struct db_step *s)
{
    return s->outcome != 0 && s->outcome != DB_OK;
}

static void fail(struct db_step *s, enum db_outcome outcome, const char *sqlstate, const char *name,
                 const char *text)
{
    if (is_failed(s)) {
        return;
    }
    s->outcome = outcome;
    (void)text_copy(s->sqlstate, sizeof(s->sqlstate), sqlstate);
    err_set_field(&s->err, db_outcome_code(outcome), name, "%s", text);
}

/* ---- results */

static void keep(struct db_step *s, PGresult *result, const char *name)
{
    if (s->set_count == s->set_capacity) {
        s->set_capacity = s->set_capacity ? 2 * s->set_capacity : 8;
        s->sets = xreallocarray(s->sets, s->set_capacity, sizeof(*s->sets));
    }
    s->sets[s->set_count++] = (struct db_rows){.result = result, .name = name};
}

static void check_shape(struct db_step *s, const struct db_query *q, int count)
{
    bool is_right = true;
    switch (q->shape) {
    case DB_NONE:
        is_right = count == 0;
        break;
    case DB_ONE:
    case DB_HIDDEN:
        is_right = count == 1;
        break;
    case DB_OPTIONAL:
        is_right = count <= 1;
        break;
    case DB_ROWS:
        break;
    }
    if (!is_right) {
        char text[64];
        (void)text_format(text, sizeof(text), "returned %d rows", count);
        fail(s, DB_BROKEN, "none", q->name, text);
        (void)text_copy(s->err.code, sizeof(s->err.code), "db_shape");
    }
}

/* Takes the result over. */
static void take_success(struct db_step *s, const struct db_item *item, PGresult *result)
{
    if (item->kind == DB_ITEM_COMMIT && strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        s->may_commit = false;
        fail(s, DB_BROKEN, "none", "commit", "the transaction had failed before");
    }
    if (item->kind != DB_ITEM_QUERY) {
        PQclear(result);
        return;
    }
    check_shape(s, item->query, PQntuples(result));
    if (item->query->shape == DB_HIDDEN) {
        PQclear(result);
    } else {
        keep(s, result, item->query->name);
    }
}

static bool has_committed(const struct db_step *s)
{
    for (size_t i = 0; i < s->next; i++) {
        if (s->items[i].kind == DB_ITEM_COMMIT) {
            return true;
        }
    }
    return false;
}

/* The session ended with this error; the link will be lost. */
static bool is_fatal(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return !severity || strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0;
}

/* The plan of a prepared statement no longer fits the tables: a new session prepares it again. */
static bool is_stale_plan(const PGresult *result, const char *sqlstate)
{
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    return strcmp(sqlstate, "26000") == 0 || (strcmp(sqlstate, "0A000") == 0 && function &&
                                              strcmp(function, "RevalidateCachedQuery") == 0);
}

/* Returns false when the link is lost and with it, perhaps, the step. */
static bool take_error(struct db *db, const struct db_item *item, const PGresult *result)
{
    struct db_step *s = &db->step;
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (!sqlstate) { /* libpq's own error: the connection is gone */
        db_link_lose(db, PQresultErrorMessage(result));
        return false;
    }
    struct err why = ERR_NONE;
    db_outcome_describe(result, &why);
    if (is_stale_plan(result, sqlstate)) {
        s->must_reopen = true;
        fail(s, DB_RETRY, sqlstate, item_name(item), why.text);
    }
    fail(s, db_outcome_of(sqlstate), sqlstate, item_name(item), why.text);
    /* An error undoes the open transaction. Only a session that dies in COMMIT leaves a doubt. */
    bool is_doubtful = is_fatal(result) && item->kind == DB_ITEM_COMMIT;
    if (!is_doubtful && !has_committed(s)) {
        s->may_commit = false;
    }
    if (is_fatal(result)) {
        s->outcome = DB_RETRY;
        (void)text_copy(s->err.code, sizeof(s->err.code), db_outcome_code(DB_RETRY));
        db_link_lose(db, why.text);
        return false;
    }
    return true;
}

static bool take_result(struct db *db, struct db_item *item, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    bool is_alive = true;
    item->has_result = true;
    if (status == PGRES_TUPLES_OK || (status == PGRES_COMMAND_OK)) {
        take_success(&db->step, item, result);
        return true;
    }
    if (item->kind == DB_ITEM_PREPARE) {
        db_link_remove_prepared(db, item->query);
    }
    if (status == PGRES_FATAL_ERROR) {
        is_alive = take_error(db, item, result);
    } else if (status != PGRES_PIPELINE_ABORTED) {
        db->step.must_reopen = true; /* COPY, or nothing at all: no statement of ours */
        fail(&db->step, DB_BROKEN, "none", item_name(item), PQresStatus(status));
    }
    PQclear(result);
    return is_alive;
}

/* ---- the end of a step */

static void list_sets(struct db_step *s)
{
    s->set_list = xcalloc(s->set_count + 1, sizeof(struct db_rows *));
    for (size_t i = 0; i < s->set_count; i++) {
        s->set_list[i] = &s->sets[i];
    }
}

static void finish(struct db *db)
{
    struct db_step *s = &db->finished;
    db_step_clear(s);
    *s = db->step;
    db->step = (struct db_step){0};
    db->state = DB_STEP_OPEN;
    db->reply = (struct db_reply){.outcome = s->outcome, .err = s->err};
    (void)text_copy(db->reply.sqlstate, sizeof(db->reply.sqlstate),
                    s->sqlstate[0] ? s->sqlstate : "none");
    if (s->outcome == DB_OK) {
        list_sets(s);
        db->reply.count = s->set_count;
        db->reply.rows = s->set_list;
        db->attempt = 0;
        db->pool->last_success_us = instant_monotonic_us();
    } else {
        db->reply.is_commit_unknown = s->may_commit;
        db->is_in_transaction = false;
    }
    if (db->link == DB_LINK_READY) {
        loop_timer_stop(db->timer);
        if (s->must_reopen) {
            db_link_lose(db, s->err.text);
        }
    }
    db->is_kept = false;
    db->done(db->done_ctx, db, &db->reply);
    if (!db->is_kept) {
        db_step_clear(s);
    }
}

static void roll_back(struct db *db)
{
    db->state = DB_STEP_ROLLING_BACK;
    db->step.count = 0;
    db->step.next = 0;
    (void)db_step_add(db, DB_ITEM_ROLLBACK, NULL);
    loop_timer_after(db->timer, db->pool->deadline_us);
    if (PQsendQueryParams(db->conn, "ROLLBACK", 0, NULL, NULL, NULL, NULL, 0) != 1 ||
        PQpipelineSync(db->conn) != 1 || !db_link_flush(db)) {
        db_link_lose(db, PQerrorMessage(db->conn));
    }
}

static void synced(struct db *db)
{
    struct db_step *s = &db->step;
    if (s->next < s->count) {
        db_link_lose(db, "the server answered less than was asked");
        return;
    }
    if (s->is_not_replicated) {
        fail(s, DB_RETRY, "none", "commit", "committed here, but no standby has confirmed it");
        (void)text_copy(s->err.code, sizeof(s->err.code), "commit_not_replicated");
        s->outcome = DB_RETRY;
        s->may_commit = true;
    }
    if (!is_failed(s)) {
        s->outcome = DB_OK;
    } else if (db->state == DB_STEP_RUNNING && PQtransactionStatus(db->conn) != PQTRANS_IDLE) {
        roll_back(db);
        return;
    }
    finish(db);
}

/* Takes one result. Returns false when nothing more can be read now. */
static bool read_one(struct db *db)
{
    struct db_step *s = &db->step;
    PGresult *result = PQgetResult(db->conn);
    if (!result) {
        if (s->next < s->count && s->items[s->next].has_result) {
            s->next++;
            return true;
        }
        return false;
    }
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        synced(db);
        return db->link == DB_LINK_READY;
    }
    if (s->next == s->count) {
        PQclear(result);
        db_link_lose(db, "the server answered more than was asked");
        return false;
    }
    return take_result(db, &s->items[s->next], result);
}

void db_step_read(struct db *db)
{
    /* Also when nothing runs: that is how notices get parsed. */
    while (db->link == DB_LINK_READY && !PQisBusy(db->conn)) {
        bool is_running = db->state == DB_STEP_RUNNING || db->state == DB_STEP_ROLLING_BACK;
        if (!is_running || !read_one(db)) {
            return;
        }
    }
}

void db_step_lose(struct db *db, const char *text)
{
    struct db_step *s = &db->step;
    const char *name = s->next < s->count ? item_name(&s->items[s->next]) : "";
    fail(s, DB_RETRY, "none", name, text);
    db->state = DB_STEP_LOST;
    loop_timer_after(db->report, 0);
}

void db_step_report_lost(void *ctx)
{
    finish(ctx);
}

void db_step_on_notice(void *ctx, const PGresult *notice)
{
    struct db *db = ctx;
    const char *function = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
    const char *sqlstate = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
    /* "The transaction has already committed locally, but might not have been replicated": the text
     * is translated, the name of the function is not. */
    if (function && strcmp(function, "SyncRepWaitForLSN") == 0) {
        db->step.is_not_replicated = true;
    }
    log_debug("db_notice", LOG_TEXT("sqlstate", sqlstate), LOG_TEXT("function", function));
}
