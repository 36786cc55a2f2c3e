/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/merge_read_store.h"

#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "services/intake/case_decide.h"
#include "services/intake/intake_read_rows.h"

/* What goes on for a case that was merged, however often. */
#define CHAIN                                                                                      \
    "WITH RECURSIVE chain (bucket, number) AS ("                                                   \
    " SELECT * FROM unnest($1::int2[], $2::int8[])"                                                \
    " UNION SELECT (s.joined_case & 255)::int2, s.joined_case FROM chain AS u"                     \
    "   JOIN intake.service_case AS s ON (s.bucket, s.number) = (u.bucket, u.number)"              \
    "  WHERE s.joined_case IS NOT NULL) SELECT "

static const struct db_query merge_read_survivors = {
    "merge_read_survivors",
    CHAIN CASE_COLUMNS CASE_KEY_COLUMNS
    " FROM chain AS u"
    " JOIN intake.service_case AS c ON (c.bucket, c.number) = (u.bucket, u.number)"
    " JOIN intake.customer AS k ON (k.bucket, k.number) = (c.bucket, c.customer_number)"
    " LEFT JOIN intake.promise AS p ON (p.bucket, p.case_number) = (c.bucket, c.number)"
    " ORDER BY c.number, p.number",
    DB_ROWS};
static const struct db_query merge_read_survivor_pauses = {
    "merge_read_survivor_pauses",
    CHAIN PAUSE_COLUMNS " FROM chain AS u"
                        " JOIN intake.case_event AS e"
                        "      ON (e.bucket, e.case_number) = (u.bucket, u.number)"
                        " WHERE (e.from_state = 3 OR e.to_state = 3) AND NOT e.is_void"
                        " ORDER BY e.case_number, e.case_version",
    DB_ROWS};

/* Cases are merged, and go on for each other, while their customers are one person. */
static const struct db_query merge_read_case_customers = {
    "merge_read_case_customers",
    CHAIN CUSTOMER_COLUMNS
    "  FROM (SELECT false AS wants_person, x.* FROM chain AS x) AS u"
    "  JOIN intake.service_case AS s ON (s.bucket, s.number) = (u.bucket, u.number)"
    "  JOIN intake.customer AS c"
    "       ON (c.bucket, c.number) = (s.bucket, s.customer_number)" JOIN_PERSON,
    DB_ROWS};

static void add_number(struct db_columns *c, int64_t number)
{
    if (number) {
        db_array_add_int(&c->array[0], identifier_bucket(number));
        db_array_add_int(&c->array[1], number);
    }
}

static bool is_merge(const struct intake_record *r)
{
    return r->message->body_case == TROTH__V1__RECORD__BODY_CASE_UPDATE &&
           r->message->case_update->action == TROTH__V1__CASE_ACTION__CASE_ACTION_MERGED;
}

void merge_read_records(struct db *db, struct intake_record *const *records, size_t count,
                        struct intake_reads *reads)
{
    static const enum db_type number_key[] = {DB_INT2, DB_INT8};
    struct db_columns customers, survivors;
    struct db_params p = {0};
    db_columns_init(&customers, number_key, ARRAY_LEN(number_key));
    db_columns_init(&survivors, number_key, ARRAY_LEN(number_key));
    for (size_t i = 0; i < count; i++) {
        const struct intake_names *n = &records[i]->names;
        if (is_merge(records[i])) {
            add_number(&customers, n->case_number);
            add_number(&customers, n->other_case_number);
        }
        if (n->joined_case) { /* the customer of a reference is read anyway */
            add_number(&customers, n->case_number);
            add_number(&customers, n->joined_case);
        }
        add_number(&survivors, n->joined_case);
    }
    if (db_columns_rows(&customers) > 0) {
        db_columns_query(&customers, db, &merge_read_case_customers);
        reads->case_customers = reads->next++;
    } else {
        db_columns_free(&customers);
    }
    if (db_columns_rows(&survivors) > 0) {
        db_columns_put(&survivors, &p);
        db_query(db, &merge_read_survivors, &p);
        reads->survivors = reads->next++;
        db_query(db, &merge_read_survivor_pauses, &p);
        reads->survivor_pauses = reads->next++;
        db_params_free(&p);
    } else {
        db_columns_free(&survivors);
    }
}

static const struct work_case *named_case(struct intake_work *w, const struct intake_record *r)
{
    const struct intake_names *n = &r->names;
    return n->case_number ? work_find_case(w, n->case_number)
                          : case_decide_find_reference(w, r->request->sender.source_id,
                                                       n->customer_ref, n->case_ref);
}

/* What must be known to tell what goes on for c was not read. */
static bool is_missing_next(struct intake_work *w, const struct work_case *c)
{
    const struct work_case *next = work_find_case(w, c->joined_case);
    return !next || (next->customer != c->customer && !(work_find_customer(w, c->customer) &&
                                                        work_find_customer(w, next->customer)));
}

bool merge_read_misses_survivors(struct intake_work *w, struct intake_record *const *records,
                                 size_t count)
{
    bool is_missing = false;
    for (size_t i = 0; i < count; i++) {
        struct intake_names *n = &records[i]->names;
        const struct work_case *c = named_case(w, records[i]);
        while (c && c->joined_case && !is_missing_next(w, c)) {
            c = work_find_case(w, c->joined_case);
        }
        if (c && c->joined_case && n->joined_case != c->joined_case) {
            n->joined_case = c->joined_case;
            is_missing = true;
        }
    }
    return is_missing;
}
