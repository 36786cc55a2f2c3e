/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_store.c
 *
 * OFFSET 0, DISTINCT and LIMIT keep each look-up by its key: joined as a whole, a plan that was
 * made for a small table would read a large one from end to end.
 */
#include "services/loyalty/score_store.h"

#include <stdlib.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/loyalty/evidence_store.h"
#include "services/loyalty/score_past.h"

/* ---- whom: g, the customers asked about with those who are the same person */
#define WHOM                                                                                       \
    SCORE_WHOM                                                                                     \
    ", g AS MATERIALIZED (SELECT k.number AS person, m.*"                                          \
    " FROM k CROSS JOIN LATERAL (SELECT o.* FROM intake.customer_public AS o"                      \
    " WHERE o.bucket = k.bucket AND o.number = k.number OFFSET 0) AS c"                            \
    " CROSS JOIN LATERAL (SELECT c.bucket, c.number, c.is_erased,"                                 \
    " c.merged_into IS NULL AS is_survivor"                                                        \
    " UNION ALL SELECT o.bucket, o.number, o.is_erased, true FROM intake.customer_public AS o"     \
    " WHERE c.merged_into IS NOT NULL"                                                             \
    " AND o.bucket = (c.merged_into & 255)::int2 AND o.number = c.merged_into"                     \
    " UNION ALL SELECT o.bucket, o.number, o.is_erased, false FROM intake.customer_public AS o"    \
    " WHERE (c.merged_into IS NOT NULL OR c.follower_count > 0)"                                   \
    " AND o.merged_into = coalesce(c.merged_into, c.number) AND o.number <> c.number) AS m)"

static const struct db_query customers = {
    .name = "score_customers",
    .sql = WHOM " SELECT g.person, g.number, g.is_erased, g.is_survivor, s.tier, s.churn_level,"
                " s.is_trust_broken, s.first_purchase_at, s.last_purchase_at, s.purchase_days,"
                " s.currency, s.seen_at, s.changed_at, s.evaluated_at, s.next_change_at"
                " FROM g LEFT JOIN LATERAL (SELECT o.* FROM loyalty.customer_score AS o"
                " WHERE o.bucket = g.bucket AND o.customer_number = g.number OFFSET 0) AS s ON true"
                " ORDER BY g.number <> g.person, g.number",
    .shape = DB_ROWS,
};

static const struct db_query sums = {
    .name = "score_sums",
    .sql = WHOM " SELECT g.person, s.customer_number, s.measure, s.count, s.weight, s.value"
                " FROM g CROSS JOIN LATERAL (SELECT o.* FROM loyalty.score_sum AS o"
                " WHERE o.bucket = g.bucket AND o.customer_number = g.number OFFSET 0) AS s"
                " WHERE NOT g.is_erased",
    .shape = DB_ROWS,
};

/* The newest version of everything that was known at $6. */
#define THINGS                                                                                     \
    WHOM ", things AS MATERIALIZED (SELECT g.person, t.* FROM g"                                   \
         " CROSS JOIN LATERAL (SELECT DISTINCT ON (o.kind, o.subject, o.part) o.*"                 \
         " FROM loyalty.score_evidence AS o"                                                       \
         " WHERE o.bucket = g.bucket AND o.customer_number = g.number"                             \
         " AND o.recorded_at <= coalesce($6, 'infinity')"                                          \
         " ORDER BY o.kind, o.subject, o.part, o.version DESC) AS t WHERE NOT g.is_erased)"

static const struct db_query all_evidence = {
    .name = "score_all_evidence",
    .sql = THINGS " SELECT e.person, " EVIDENCE_COLUMNS " FROM things AS e"
                  " ORDER BY e.person, e.at DESC, e.subject DESC, e.part",
    .shape = DB_ROWS,
};

/* The newest $7 of each kind that can count; promises (3, 4, 5, 9: those that ended) with the word
 * and cause that belong to them. */
static const struct db_query newest_evidence = {
    .name = "score_newest_evidence",
    .sql = THINGS ", newest AS (SELECT n.* FROM (SELECT t.*, row_number() OVER"
                  " (PARTITION BY t.person, t.kind, t.case_number IS NULL"
                  " ORDER BY t.at DESC, t.subject DESC, t.part) AS place"
                  " FROM things AS t WHERE NOT t.is_void AND t.kind <> 7"
                  " AND (t.kind <> 1 OR t.value IN (3, 4, 5, 9))) AS n WHERE n.place <= $7)"
                  " SELECT e.person, " EVIDENCE_COLUMNS " FROM things AS e"
                  " WHERE (e.kind IN (1, 6, 7) AND EXISTS (SELECT FROM newest AS n"
                  " WHERE n.kind IN (1, 6) AND n.customer_number = e.customer_number"
                  " AND n.subject = e.subject AND n.person = e.person))"
                  " OR (e.kind NOT IN (1, 6, 7) AND EXISTS (SELECT FROM newest AS n"
                  " WHERE n.kind = e.kind AND n.customer_number = e.customer_number"
                  " AND n.subject = e.subject AND n.part = e.part AND n.person = e.person))"
                  " ORDER BY e.person, e.at DESC, e.subject DESC, e.part",
    .shape = DB_ROWS,
};

/* Where the standing was at $6. */
static const struct db_query standings = {
    .name = "score_standings",
    .sql = WHOM " SELECT g.person, s.what, s.after FROM g CROSS JOIN LATERAL"
                " (SELECT DISTINCT ON (o.what) o.what, o.after FROM loyalty.standing_history AS o"
                " WHERE o.bucket = g.bucket AND o.customer_number = g.number AND o.at <= $6"
                " ORDER BY o.what, o.version DESC) AS s WHERE g.is_survivor",
    .shape = DB_ROWS,
};

static const struct db_query moves = {
    .name = "score_moves",
    .sql = WHOM " SELECT g.person, s.customer_number, s.at, s.before_hundredths,"
                " s.after_hundredths, s.reason, s.event_stream, s.event_seq FROM g"
                " CROSS JOIN LATERAL (SELECT o.* FROM loyalty.score_history AS o"
                " WHERE o.bucket = g.bucket AND o.customer_number = g.number"
                " AND o.at <= coalesce($6, 'infinity') ORDER BY o.version DESC LIMIT 10) AS s"
                " WHERE NOT g.is_erased ORDER BY g.person, s.at DESC, s.version DESC",
    .shape = DB_ROWS,
};

static const struct db_query places = {
    .name = "score_places",
    .sql = WHOM " SELECT DISTINCT c.stream, c.bucket, c.seq FROM g JOIN log.consumer_cursor AS c"
                " ON c.consumer = 'loyalty' AND c.bucket = g.bucket WHERE NOT g.is_erased",
    .shape = DB_ROWS,
};

/* ---- asking */

/* The sets of rows of the answer, in this order; those that were not asked for are no sets. */
enum {
    SET_CUSTOMERS = SCORE_WHOM_SETS,
    SET_EVIDENCE,
    SET_SUMS_OR_STANDINGS,
    SET_MORE,
};

void score_store_ask(struct db *db, const struct score_wanted *wanted)
{
    struct db_params whom = {.count = 0}, until = {.count = 0}, newest = {.count = 0};

    score_whom_put(&whom, &wanted->whom);
    score_whom_put(&until, &wanted->whom);
    db_put_time(&until, wanted->as_of_us == INT64_MAX ? DB_NO_TIME : wanted->as_of_us);
    score_whom_begin(db);
    db_query(db, &customers, &whom);
    if (wanted->is_past) {
        db_query(db, &all_evidence, &until);
        db_query(db, &standings, &until);
    } else {
        score_whom_put(&newest, &wanted->whom);
        db_put_time(&newest, DB_NO_TIME);
        db_put_int4(&newest, wanted->evidence_max);
        db_query(db, &newest_evidence, &newest);
        db_query(db, &sums, &whom);
    }
    if (wanted->has_moves) {
        db_query(db, &moves, &until);
    }
    if (wanted->is_replayed) {
        db_query(db, &places, &whom);
    }
    db_commit(db);
    db_params_free(&whom);
    db_params_free(&until);
    db_params_free(&newest);
}

/* ---- taking: persons and their members */

/* The account of one member, before those of a person are added up. */
struct member_account {
    int64_t person, customer;
    struct account account;
};
struct taking {
    struct score_found *found;
    struct member_account *accounts; /* as many as there are members */
};

static int64_t time_or(const struct db_rows *rows, size_t row, int column, int64_t none)
{
    return db_is_null(rows, row, column) ? none : db_get_time(rows, row, column);
}

static struct account account_of_row(const struct db_rows *rows, size_t row)
{
    struct account a = account_empty;

    a.first_purchase_us = time_or(rows, row, 7, INT64_MIN);
    a.last_purchase_us = time_or(rows, row, 8, INT64_MIN);
    a.purchase_days = (int32_t)db_get_int(rows, row, 9);
    (void)text_copy(a.currency, sizeof(a.currency), db_get_text(rows, row, 10));
    a.seen_us = time_or(rows, row, 11, INT64_MIN);
    return a;
}

static void take_own_row(struct score_person *p, const struct db_rows *rows, size_t row)
{
    p->is_erased = db_get_bool(rows, row, 2);
    p->changed_us = time_or(rows, row, 12, INT64_MIN);
}

static void take_survivor_row(struct score_person *p, const struct db_rows *rows, size_t row)
{
    if (db_is_null(rows, row, 4)) {
        return; /* nothing is known: the standing is the first */
    }
    p->standing.tier = (enum tier)db_get_int(rows, row, 4);
    p->standing.churn_level = (enum churn_level)db_get_int(rows, row, 5);
    p->standing.is_trust_broken = db_get_bool(rows, row, 6);
    p->evaluated_us = time_or(rows, row, 13, INT64_MIN);
    p->next_change_us = time_or(rows, row, 14, INT64_MAX);
}

static struct score_person *person_of(struct score_found *f, int64_t number)
{
    struct score_person *p = score_found_person(f, number);

    if (p == NULL) {
        p = &f->persons[f->person_count++];
        *p = (struct score_person){
            .number = number,
            .account = account_empty,
            .standing = standing_first,
            .changed_us = INT64_MIN,
            .evaluated_us = INT64_MIN,
            .next_change_us = INT64_MAX,
        };
    }
    return p;
}

static void take_customers(struct taking *t, const struct db_rows *rows)
{
    size_t count = db_row_count(rows);
    struct score_found *f = t->found;

    f->persons = xcalloc(count + 1, sizeof(*f->persons));
    f->members = xcalloc(count + 1, sizeof(*f->members));
    t->accounts = xcalloc(count + 1, sizeof(*t->accounts));
    for (size_t row = 0; row < count; row++) {
        int64_t number = db_get_int(rows, row, 1);
        struct score_person *p = person_of(f, db_get_int(rows, row, 0));
        bool is_own = number == p->number;

        if (is_own) {
            take_own_row(p, rows, row);
        } else if (db_get_bool(rows, row, 2)) {
            continue; /* another who is the same person, and erased */
        }
        if (db_get_bool(rows, row, 3)) {
            take_survivor_row(p, rows, row);
        }
        p->merged_count += !is_own;
        t->accounts[f->member_count] = (struct member_account){
            .person = p->number,
            .customer = number,
            .account = account_of_row(rows, row),
        };
        f->members[f->member_count++] =
            (struct score_member){.person = p->number, .customer = number};
    }
}

/* ---- taking: accounts */

static void take_sums(struct taking *t, const struct db_rows *rows)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        int64_t person = db_get_int(rows, row, 0), customer = db_get_int(rows, row, 1);
        int64_t measure = db_get_int(rows, row, 2);

        for (size_t i = 0; i < t->found->member_count; i++) {
            struct member_account *a = &t->accounts[i];
            if (a->person == person && a->customer == customer && measure < MEASURE_END) {
                a->account.sums[measure] = (struct measure_sum){
                    .count = db_get_int(rows, row, 3),
                    .weight = db_get_float8(rows, row, 4),
                    .value = db_get_float8(rows, row, 5),
                };
            }
        }
    }
}

static void make_past_accounts(struct taking *t, const struct score_policy *policy)
{
    const struct score_found *f = t->found;
    const struct evidence **things =
        xcalloc(f->evidence_count + 1, sizeof(const struct evidence *));

    for (size_t i = 0; i < f->member_count; i++) {
        size_t count = 0;
        for (size_t k = 0; k < f->evidence_count; k++) {
            const struct score_evidence *e = &f->evidence[k];
            if (e->person == t->accounts[i].person &&
                e->thing.customer == t->accounts[i].customer) {
                things[count++] = &e->thing;
            }
        }
        t->accounts[i].account = score_past_account(policy, things, count);
    }
    free(things);
}

static void take_standings(struct score_found *f, const struct db_rows *rows)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        struct score_person *p = score_found_person(f, db_get_int(rows, row, 0));
        int64_t after = db_get_int(rows, row, 2);

        if (p == NULL) {
            continue;
        }
        switch (db_get_int(rows, row, 1)) { /* enum standing_part */
        case 1:
            p->standing.tier = (enum tier)after;
            break;
        case 2:
            p->standing.churn_level = (enum churn_level)after;
            break;
        default:
            p->standing.is_trust_broken = after != 0;
            break;
        }
    }
}

/* What is stored now says nothing about then. */
static void forget_standings(struct score_found *f)
{
    for (size_t i = 0; i < f->person_count; i++) {
        f->persons[i].standing = standing_first;
        f->persons[i].changed_us = f->persons[i].evaluated_us = INT64_MIN;
        f->persons[i].next_change_us = INT64_MAX;
    }
}

/* ---- taking: lists */

static void take_evidence(struct score_found *f, const struct db_rows *rows)
{
    f->evidence_count = db_row_count(rows);
    f->evidence = xcalloc(f->evidence_count + 1, sizeof(*f->evidence));
    for (size_t row = 0; row < f->evidence_count; row++) {
        f->evidence[row].person = db_get_int(rows, row, 0);
        f->evidence[row].thing = evidence_store_take(rows, row, 1);
    }
}

static void take_moves(struct score_found *f, const struct db_rows *rows)
{
    f->move_count = db_row_count(rows);
    f->moves = xcalloc(f->move_count + 1, sizeof(*f->moves));
    for (size_t row = 0; row < f->move_count; row++) {
        f->moves[row] = (struct score_move){
            .person = db_get_int(rows, row, 0),
            .customer = db_get_int(rows, row, 1),
            .at_us = db_get_time(rows, row, 2),
            .before_hundredths = (int32_t)db_get_int(rows, row, 3),
            .after_hundredths = (int32_t)db_get_int(rows, row, 4),
            .reason = db_get_text(rows, row, 5),
            .stream = db_get_text(rows, row, 6),
            .seq = db_get_int(rows, row, 7),
        };
    }
}

static void take_places(struct score_found *f, const struct db_rows *rows)
{
    f->place_count = db_row_count(rows);
    f->places = xcalloc(f->place_count + 1, sizeof(*f->places));
    for (size_t row = 0; row < f->place_count; row++) {
        struct score_place *p = &f->places[row];
        (void)text_copy(p->stream, sizeof(p->stream), db_get_text(rows, row, 0));
        p->bucket = (int16_t)db_get_int(rows, row, 1);
        p->seq = db_get_int(rows, row, 2);
    }
}

/* ---- taking: all of it */

/* As they were asked; the database has its own order. */
static void put_in_order(struct score_found *f, const struct score_wanted *wanted)
{
    size_t place = 0;

    for (size_t i = 0; i < wanted->whom.count; i++) {
        for (size_t k = place; k < f->person_count; k++) {
            if (f->persons[k].number == wanted->whom.numbers[i]) {
                struct score_person moved = f->persons[place];
                f->persons[place++] = f->persons[k];
                f->persons[k] = moved;
                break;
            }
        }
    }
}

struct score_found *score_store_take(const struct db_reply *reply,
                                     const struct score_wanted *wanted,
                                     const struct score_policy *policy)
{
    struct taking t = {.found = xcalloc(1, sizeof(struct score_found))};
    struct score_found *f = t.found;
    size_t set = SET_MORE;

    take_customers(&t, reply->rows[SET_CUSTOMERS]);
    take_evidence(f, reply->rows[SET_EVIDENCE]);
    if (wanted->is_past) {
        forget_standings(f);
        take_standings(f, reply->rows[SET_SUMS_OR_STANDINGS]);
        make_past_accounts(&t, policy);
    } else {
        take_sums(&t, reply->rows[SET_SUMS_OR_STANDINGS]);
    }
    for (size_t i = 0; i < f->member_count; i++) {
        account_merge(&score_found_person(f, t.accounts[i].person)->account,
                      &t.accounts[i].account);
    }
    free(t.accounts);
    if (wanted->has_moves) {
        take_moves(f, reply->rows[set++]);
    }
    if (wanted->is_replayed) {
        take_places(f, reply->rows[set]);
    }
    put_in_order(f, wanted);
    return f;
}
