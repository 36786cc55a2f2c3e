/* SPDX-License-Identifier: Apache-2.0 */
/* check_loyalty_facts_store.c - the part of check_facts_store.c about purchases and moves. */
#include "services/reporting/check_statement_store.h"

/* The formatter would run the sources together. */
/* clang-format off */
/* Each counts when it occurred, and is found by when we knew: not before, but for a clock that is
 * ahead. */
#define KNOWN " h.at >= $2 - interval '1 day' AND h.occurred_at >= $2 AND h.occurred_at < $3"
#define MOVES(measure, where)                                                                      \
    "SELECT " #measure ", h.occurred_at, NULL, 0 FROM loyalty.standing_history_public AS h"        \
    " WHERE h.bucket = ANY ($1::int2[]) AND" KNOWN where
#define INDEXES(measure, moved, sign)                                                              \
    "SELECT " #measure ", h.occurred_at, NULL,"                                                    \
    " " sign "round((h.index - h.index_before) * 100)::int8"                                       \
    " FROM loyalty.score_history_public AS h WHERE h.bucket = ANY ($1::int2[]) AND" KNOWN          \
    " AND h.index " moved " h.index_before"

const struct db_query check_loyalty_facts = {
    .name = "check_loyalty",
    .sql = FACTS(
        "SELECT 160, p.occurred_at, p.branch, 0 FROM intake.purchase_public AS p"
        " WHERE p.bucket = ANY ($1::int2[]) AND NOT p.is_void"
        " AND p.occurred_at >= $2 AND p.occurred_at < $3"
        ALSO "SELECT 161, p.occurred_at, p.branch, p.amount_minor FROM intake.purchase_public AS p"
        " WHERE p.bucket = ANY ($1::int2[]) AND NOT p.is_void"
        " AND p.occurred_at >= $2 AND p.occurred_at < $3"
        ALSO "SELECT 162, r.occurred_at, r.branch, r.amount_minor FROM intake.refund_public AS r"
        " WHERE r.bucket = ANY ($1::int2[]) AND NOT r.is_void"
        " AND r.occurred_at >= $2 AND r.occurred_at < $3"
        ALSO MOVES(163, " AND h.what = 1 AND h.after > h.before")
        ALSO MOVES(164, " AND h.what = 1 AND h.after < h.before")
        ALSO MOVES(167, " AND h.what = 2 AND h.after > h.before")
        ALSO MOVES(168, " AND h.what = 3 AND h.after > h.before")
        ALSO INDEXES(165, ">", "")
        ALSO INDEXES(166, "<", "-")),
    .shape = DB_ROWS,
};
/* clang-format on */

/* The day on which loyalty told all moves once more: those until then stand as they were told
 * first, which its history does not know any more. */
static const struct db_query told_again = {
    .name = "check_told_again",
    .sql = "SELECT max((s.at AT TIME ZONE $1)::date) - DATE '1970-01-01'"
           " FROM loyalty.started_over_public AS s",
    .shape = DB_ONE,
};

void check_told_again_ask(struct db *db, const char *time_zone)
{
    struct db_params params = {.count = 0};

    db_put_text(&params, time_zone);
    db_query(db, &told_again, &params);
    db_params_free(&params);
}

int64_t check_told_again_take(const struct db_rows *rows)
{
    return db_is_null(rows, 0, 0) ? INT64_MIN : db_get_int(rows, 0, 0);
}
