/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_row_store.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "services/followup/followup_attempt_store.h"
#include "services/followup/followup_group.h"

static const struct db_query insert = {
    "followup_store_insert",
    "INSERT INTO followup.follow_up (bucket, number, version, customer_number, case_number,"
    " case_version, rule, subject, occurrence, branch, state, reason, planned_at, due_at,"
    " window_end_at, next_attempt_at, is_historical, settled_at, rule_version, trigger, topic,"
    " purpose, priority, channel, local_due, zone, zone_version, attempts, calls, trace)"
    " SELECT bucket, number, version, customer_number, nullif(case_number, 0), case_version, rule,"
    " subject, occurrence, nullif(branch, ''), state, reason, planned_at, due_at, window_end_at,"
    " next_attempt_at, is_historical, settled_at, rule_version, trigger, topic, purpose, priority,"
    " channel, local_due AT TIME ZONE 'UTC', nullif(zone, ''), nullif(zone_version, ''), 0, 0,"
    " nullif(trace, '')"
    " FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[],"
    " $7::text[], $8::int8[], $9::text[], $10::text[], $11::int2[], $12::text[],"
    " $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[],"
    " $17::bool[], $18::timestamptz[], $19::int4[], $20::int2[], $21::text[], $22::int2[],"
    " $23::int2[], $24::int2[], $25::timestamptz[], $26::text[], $27::text[], $28::text[])"
    " AS n (bucket, number, version, customer_number, case_number, case_version, rule, subject,"
    " occurrence, branch, state, reason, planned_at, due_at, window_end_at, next_attempt_at,"
    " is_historical, settled_at, rule_version, trigger, topic, purpose, priority, channel,"
    " local_due, zone, zone_version, trace)",
    DB_NONE,
};

/* The customer of f, or who is the same person, wants no such call: the last look before an order
 * is written (one that stands is past it, and may be noted on). Mail is no call. */
#define SAID_NO                                                                                    \
    "SELECT FROM intake.customer_public AS c"                                                      \
    " WHERE c.bucket = f.bucket AND c.number = f.customer_number"                                  \
    " AND (" NO_OF("c") " OR EXISTS (SELECT FROM intake.customer_public AS m"                      \
                        " WHERE " OF_GROUP " AND " NO_OF("m") "))"
#define NO_OF(who)                                                                                 \
    "(" who ".is_erased OR (" who ".do_not_call AND n.channel <> 3) OR"                            \
    " " who ".refusals & ((1::int8 << f.purpose) | (1::int8 << f.purpose + 8 * n.channel)) <> 0)"

#define CHANGE                                                                                     \
    "UPDATE followup.follow_up AS f SET version = n.version, state = n.state, reason = n.reason,"  \
    " planned_at = n.planned_at, due_at = n.due_at, window_end_at = n.window_end_at,"              \
    " next_attempt_at = n.next_attempt_at, attempts = n.attempts, calls = n.calls,"                \
    " last_outcome = nullif(n.last_outcome, 0), settled_at = n.settled_at, channel = n.channel,"   \
    " local_due = n.local_due AT TIME ZONE 'UTC', zone = nullif(n.zone, ''),"                      \
    " zone_version = nullif(n.zone_version, ''), last_call_at = n.last_call_at,"                   \
    " called_back_at = n.called_back_at, merged_into = nullif(n.merged_into, 0),"                  \
    " claim_holder = CASE WHEN n.state = 2 THEN $1 END,"                                           \
    " claim_until = CASE WHEN n.state = 2 THEN $2::timestamptz END"                                \
    " FROM unnest($3::int8[], $4::int8[], $5::int8[], $6::int2[], $7::text[], $8::timestamptz[],"  \
    " $9::int4[], $10::int4[], $11::int2[], $12::timestamptz[], $13::timestamptz[],"               \
    " $14::timestamptz[], $15::timestamptz[], $16::int2[], $17::timestamptz[], $18::text[],"       \
    " $19::text[], $20::timestamptz[], $21::timestamptz[], $22::int8[])"                           \
    " AS n (number, stored_version, version, state, reason, next_attempt_at, attempts, calls,"     \
    " last_outcome, settled_at, planned_at, due_at, window_end_at, channel, local_due, zone,"      \
    " zone_version, last_call_at, called_back_at, merged_into)"                                    \
    " WHERE f.bucket = (n.number & 255)::int2 AND f.number = n.number AND f.version = "            \
    "n.stored_version"                                                                             \
    " AND (n.state <> 3 OR f.state = 3 OR NOT (EXISTS (" SAID_NO ") OR EXISTS (" MOVED_ON ")"      \
    " OR EXISTS (" UNDER_WAY ")))"                                                                 \
    " RETURNING f.number"

/* What it is about is not what it was when it was claimed: the case was opened again, the promise
 * is not at risk or broken any more. The numbers are those of enum follow_up_trigger and
 * PromiseState. */
#define MOVED_ON                                                                                   \
    "SELECT FROM intake.service_case_public AS s WHERE f.trigger = 1 AND s.bucket = f.bucket"      \
    " AND s.number = f.case_number AND s.reopened_count::text <> f.occurrence"                     \
    " UNION ALL SELECT FROM intake.promise_public AS p WHERE f.trigger IN (2, 3)"                  \
    " AND p.bucket = f.bucket AND p.number = f.subject AND (p.is_void"                             \
    " OR (f.trigger = 2 AND p.state <> 2) OR (f.trigger = 3 AND p.state NOT IN (4, 5)))"

/* Another conversation with the same person is under way: ordered, or in a person's hand while it
 * is listed. */
#define UNDER_WAY                                                                                  \
    "SELECT FROM followup.follow_up AS o WHERE o.bucket = f.bucket"                                \
    " AND o.customer_number = f.customer_number AND o.state = 3 AND o.number <> f.number"          \
    " UNION ALL SELECT FROM intake.customer_public AS c"                                           \
    " JOIN intake.customer_public AS m ON " OF_GROUP                                               \
    " JOIN followup.follow_up AS o ON o.bucket = m.bucket AND o.customer_number = m.number"        \
    " WHERE c.bucket = f.bucket AND c.number = f.customer_number AND o.state = 3"                  \
    " AND o.number <> f.number"                                                                    \
    " UNION ALL SELECT FROM " FOLLOWUP_ATTEMPTS_OF_F " WHERE " OPEN_ELSEWHERE                      \
    " UNION ALL SELECT FROM intake.customer_public AS c"                                           \
    " JOIN intake.customer_public AS m ON " OF_GROUP " CROSS JOIN LATERAL " FOLLOWUP_ATTEMPTS_OF_M \
    " WHERE c.bucket = f.bucket AND c.number = f.customer_number AND " OPEN_ELSEWHERE
#define OPEN_ELSEWHERE "o.state IN (1, 2) AND o.follow_up_number <> f.number"

static const struct db_query change = {
    "followup_store_change",
    CHANGE,
    DB_ROWS,
};

static const struct db_query change_all = {
    "followup_store_change_all",
    "WITH changed AS (" CHANGE ")"
    " SELECT followup.expect_rows(count(*), cardinality($3::int8[])) FROM changed",
    DB_HIDDEN,
};

/* ---- rows in */

void followup_store_get(const struct db_rows *r, size_t row, struct follow_up *ret)
{
    *ret = (struct follow_up){
        .number = db_get_int(r, row, 0),
        .version = db_get_int(r, row, 1),
        .stored_version = db_get_int(r, row, 1),
        .customer = db_get_int(r, row, 2),
        .service_case = db_get_int(r, row, 3),
        .case_version = db_get_int(r, row, 4),
        .subject = db_get_int(r, row, 6),
        .state = (enum follow_up_state)db_get_int(r, row, 9),
        .planned_us = db_get_time(r, row, 11),
        .due_us = db_get_time(r, row, 12),
        .window_end_us = db_get_time(r, row, 13),
        .next_attempt_us = db_get_time(r, row, 14),
        .attempts = (int32_t)db_get_int(r, row, 15),
        .calls = (int32_t)db_get_int(r, row, 16),
        .last_outcome = (int32_t)db_get_int(r, row, 17),
        .is_historical = db_get_bool(r, row, 18),
        .settled_us = db_get_time(r, row, 19),
        .rule_version = (int32_t)db_get_int(r, row, 20),
        .trigger = (int32_t)db_get_int(r, row, 21),
        .purpose = (int32_t)db_get_int(r, row, 23),
        .priority = (int32_t)db_get_int(r, row, 24),
        .channel = (int32_t)db_get_int(r, row, 25),
        .local_due_us = db_get_time(r, row, 26),
        .last_call_us = db_get_time(r, row, 29),
        .called_back_us = db_get_time(r, row, 30),
        .merged_into = db_get_int(r, row, 31),
    };
    (void)text_copy(ret->rule, sizeof(ret->rule), db_get_text(r, row, 5));
    (void)text_copy(ret->occurrence, sizeof(ret->occurrence), db_get_text(r, row, 7));
    (void)text_copy(ret->branch, sizeof(ret->branch), db_get_text(r, row, 8));
    (void)text_copy(ret->reason, sizeof(ret->reason), db_get_text(r, row, 10));
    (void)text_copy(ret->topic, sizeof(ret->topic), db_get_text(r, row, 22));
    (void)text_copy(ret->zone, sizeof(ret->zone), db_get_text(r, row, 27));
    (void)text_copy(ret->zone_version, sizeof(ret->zone_version), db_get_text(r, row, 28));
    (void)text_copy(ret->trace, sizeof(ret->trace), db_get_text(r, row, 32));
}

int64_t followup_store_get_changed(const struct db_rows *r, size_t row)
{
    return db_get_int(r, row, 0);
}

/* ---- statements out: one array per column */

static void add_insert(struct db_columns *c, const struct follow_up *f)
{
    struct db_array *a = c->array;
    db_array_add_int(&a[0], identifier_bucket(f->number));
    db_array_add_int(&a[1], f->number);
    db_array_add_int(&a[2], f->version);
    db_array_add_int(&a[3], f->customer);
    db_array_add_int(&a[4], f->service_case);
    db_array_add_int(&a[5], f->case_version);
    db_array_add_text(&a[6], f->rule);
    db_array_add_int(&a[7], f->subject);
    db_array_add_text(&a[8], f->occurrence);
    db_array_add_text(&a[9], f->branch);
    db_array_add_int(&a[10], f->state);
    db_array_add_text(&a[11], f->reason);
    db_array_add_time(&a[12], f->planned_us);
    db_array_add_time(&a[13], f->due_us);
    db_array_add_time(&a[14], f->window_end_us);
    db_array_add_time(&a[15], f->next_attempt_us);
    db_array_add_bool(&a[16], f->is_historical);
    db_array_add_time(&a[17], f->settled_us);
    db_array_add_int(&a[18], f->rule_version);
    db_array_add_int(&a[19], f->trigger);
    db_array_add_text(&a[20], f->topic);
    db_array_add_int(&a[21], f->purpose);
    db_array_add_int(&a[22], f->priority);
    db_array_add_int(&a[23], f->channel);
    db_array_add_time(&a[24], f->local_due_us);
    db_array_add_text(&a[25], f->zone);
    db_array_add_text(&a[26], f->zone_version);
    db_array_add_text(&a[27], f->trace);
}

void followup_store_put_insert(struct db *db, const struct follow_up_list *list)
{
    static const enum db_type types[] = {
        DB_INT2, DB_INT8, DB_INT8, DB_INT8, DB_INT8, DB_INT8, DB_TEXT, DB_INT8, DB_TEXT, DB_TEXT,
        DB_INT2, DB_TEXT, DB_TIME, DB_TIME, DB_TIME, DB_TIME, DB_BOOL, DB_TIME, DB_INT4, DB_INT2,
        DB_TEXT, DB_INT2, DB_INT2, DB_INT2, DB_TIME, DB_TEXT, DB_TEXT, DB_TEXT,
    };
    struct db_columns c;
    db_columns_init(&c, types, ARRAY_LEN(types));
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].stored_version == 0) {
            add_insert(&c, &list->items[i]);
        }
    }
    db_columns_query(&c, db, &insert);
}

static bool is_changed(const struct follow_up *f)
{
    return f->stored_version > 0 && f->version > f->stored_version;
}

size_t followup_store_count_changes(const struct follow_up_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        count += is_changed(&list->items[i]) ? 1 : 0;
    }
    return count;
}

static void add_change(struct db_columns *c, const struct follow_up *f)
{
    struct db_array *a = c->array;
    db_array_add_int(&a[0], f->number);
    db_array_add_int(&a[1], f->stored_version);
    db_array_add_int(&a[2], f->version);
    db_array_add_int(&a[3], f->state);
    db_array_add_text(&a[4], f->reason);
    db_array_add_time(&a[5], f->next_attempt_us);
    db_array_add_int(&a[6], f->attempts);
    db_array_add_int(&a[7], f->calls);
    db_array_add_int(&a[8], f->last_outcome);
    db_array_add_time(&a[9], f->settled_us);
    db_array_add_time(&a[10], f->planned_us);
    db_array_add_time(&a[11], f->due_us);
    db_array_add_time(&a[12], f->window_end_us);
    db_array_add_int(&a[13], f->channel);
    db_array_add_time(&a[14], f->local_due_us);
    db_array_add_text(&a[15], f->zone);
    db_array_add_text(&a[16], f->zone_version);
    db_array_add_time(&a[17], f->last_call_us);
    db_array_add_time(&a[18], f->called_back_us);
    db_array_add_int(&a[19], f->merged_into);
}

static int by_bucket(const void *a, const void *b)
{
    const struct follow_up *const *x = a;
    const struct follow_up *const *y = b;
    int order = identifier_bucket((*x)->number) - identifier_bucket((*y)->number);
    return order ? order : ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

/* Buckets and numbers ascending: all writers lock rows in one order. One statement, however many
 * buckets: with one for each bucket most of the time went into beginning statements. */
static size_t put_changes(struct db *db, const struct db_query *q,
                          const struct follow_up_list *list, const struct followup_claim_mark *mark)
{
    static const enum db_type types[] = {
        DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_TEXT, DB_TIME, DB_INT4, DB_INT4, DB_INT2, DB_TIME,
        DB_TIME, DB_TIME, DB_TIME, DB_INT2, DB_TIME, DB_TEXT, DB_TEXT, DB_TIME, DB_TIME, DB_INT8,
    };
    size_t total = 0;
    const struct follow_up **sorted = xcalloc(list->count + 1, sizeof(struct follow_up *));
    for (size_t i = 0; i < list->count; i++) {
        if (is_changed(&list->items[i])) {
            sorted[total++] = &list->items[i];
        }
    }
    if (total > 0) {
        struct db_columns c;
        struct db_params p = {.count = 0};
        qsort(sorted, total, sizeof(struct follow_up *), by_bucket);
        db_columns_init(&c, types, ARRAY_LEN(types));
        for (size_t i = 0; i < total; i++) {
            add_change(&c, sorted[i]);
        }
        db_put_text(&p, mark ? mark->holder : NULL);
        db_put_time(&p, mark ? mark->until_us : DB_NO_TIME);
        db_columns_put(&c, &p);
        db_query(db, q, &p);
        db_params_free(&p);
    }
    free(sorted);
    return total > 0 ? 1 : 0;
}

size_t followup_store_put_changes(struct db *db, const struct follow_up_list *list,
                                  const struct followup_claim_mark *mark)
{
    return put_changes(db, &change, list, mark);
}

void followup_store_put_changes_all(struct db *db, const struct follow_up_list *list)
{
    (void)put_changes(db, &change_all, list, NULL);
}
