/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_read_store.h"

#include <string.h>

#include "common/base/compiler.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"
#include "services/intake/erasure_store.h"
#include "services/intake/identity_read_store.h"
#include "services/intake/intake_read_rows.h"
#include "services/intake/merge_read_store.h"
#include "services/intake/promise_read_store.h"
#include "services/intake/redemption_read_store.h"
#include "services/intake/tier_read_store.h"

static const struct db_query intake_read_receipts = {
    "intake_read_receipts",
    "SELECT r.source_id, r.key, r.digest, r.body"
    "  FROM unnest($1::int2[], $2::int4[], $3::text[]) AS u (bucket, source_id, key)"
    "  JOIN intake.receipt AS r ON (r.bucket, r.source_id, r.key) = (u.bucket, u.source_id, u.key)",
    DB_ROWS};

static const struct db_query intake_read_customers = {
    "intake_read_customers",
    "SELECT " CUSTOMER_COLUMNS ", r.source_id, r.reference"
    "  FROM unnest($1::int2[], $2::int4[], $3::text[], $4::bool[])"
    "       AS u (bucket, source_id, reference, wants_person)"
    "  JOIN intake.customer_reference AS r"
    "       ON (r.bucket, r.source_id, r.reference) = (u.bucket, u.source_id, u.reference)"
    "  JOIN intake.customer AS c"
    "       ON (c.bucket, c.number) = ((r.customer_number & 255)::int2, "
    "r.customer_number)" JOIN_PERSON,
    DB_ROWS};

static const struct db_query intake_read_customer_numbers = {
    "intake_read_customer_numbers",
    "SELECT " CUSTOMER_COLUMNS
    "  FROM unnest($1::int2[], $2::int8[], $3::bool[]) AS u (bucket, number, wants_person)"
    "  JOIN intake.customer AS c ON (c.bucket, c.number) = (u.bucket, u.number)" JOIN_PERSON,
    DB_ROWS};

#define BY_NUMBER " FROM unnest($1::int2[], $2::int8[]) AS u (bucket, number)"
#define BY_REFERENCE                                                                               \
    " FROM unnest($1::int2[], $2::int4[], $3::text[], $4::text[])"                                 \
    "      AS u (bucket, source_id, customer, reference)"                                          \
    " JOIN intake.customer_reference AS r"                                                         \
    "      ON (r.bucket, r.source_id, r.reference) = (u.bucket, u.source_id, u.customer)"          \
    " JOIN intake.case_reference AS n"                                                             \
    "      ON (n.bucket, n.source_id, n.customer_number, n.reference)"                             \
    "         = ((r.customer_number & 255)::int2, u.source_id, r.customer_number, u.reference)"
#define BY_PROMISE                                                                                 \
    BY_NUMBER " JOIN intake.promise AS q ON (q.bucket, q.number) = (u.bucket, u.number)"
#define JOIN_CASE(of, number)                                                                      \
    " JOIN intake.service_case AS c ON (c.bucket, c.number) = (" of ".bucket, " of "." number ")"  \
    " JOIN intake.customer AS k ON (k.bucket, k.number) = (c.bucket, c.customer_number)"           \
    " LEFT JOIN intake.promise AS p ON (p.bucket, p.case_number) = (c.bucket, c.number)"           \
    " ORDER BY c.number, p.number"

static const struct db_query intake_read_cases = {
    "intake_read_cases", "SELECT " CASE_COLUMNS CASE_KEY_COLUMNS BY_NUMBER JOIN_CASE("u", "number"),
    DB_ROWS};
static const struct db_query intake_read_case_references = {
    "intake_read_case_references",
    "SELECT " CASE_COLUMNS CASE_KEY_COLUMNS
    ", u.source_id, u.reference" BY_REFERENCE JOIN_CASE("n", "case_number"),
    DB_ROWS};

#define JOIN_PAUSES(of, number)                                                                    \
    " JOIN intake.case_event AS e"                                                                 \
    "      ON (e.bucket, e.case_number) = (" of ".bucket, " of "." number ")"                      \
    " WHERE (e.from_state = 3 OR e.to_state = 3) AND NOT e.is_void"                                \
    " ORDER BY e.case_number, e.case_version"

static const struct db_query intake_read_pauses = {
    "intake_read_pauses", "SELECT " PAUSE_COLUMNS BY_NUMBER JOIN_PAUSES("u", "number"), DB_ROWS};
static const struct db_query intake_read_reference_pauses = {
    "intake_read_reference_pauses",
    "SELECT " PAUSE_COLUMNS BY_REFERENCE JOIN_PAUSES("n", "case_number"), DB_ROWS};
static const struct db_query intake_read_promises = {
    "intake_read_promises",
    "SELECT " CASE_COLUMNS CASE_KEY_COLUMNS BY_PROMISE JOIN_CASE("q", "case_number"), DB_ROWS};
static const struct db_query intake_read_promise_pauses = {
    "intake_read_promise_pauses",
    "SELECT " PAUSE_COLUMNS BY_PROMISE JOIN_PAUSES("q", "case_number"), DB_ROWS};

static const struct db_query intake_read_number_blocks = {
    "intake_read_number_blocks",
    "SELECT nextval('intake.number_block') FROM generate_series(1, $1::int4)", DB_ROWS};

/* ---- asking */

struct intake_reads intake_read_nothing(void)
{
    struct intake_reads none;
    memset(&none, 0xff, sizeof(none)); /* -1 each, also of those that come later */
    none.next = 0;
    return none;
}

struct columns {
    struct db_columns receipts, customers, customer_numbers, cases, case_references, promises;
};

static const enum db_type text_key[] = {DB_INT2, DB_INT4, DB_TEXT};
static const enum db_type customer_key[] = {DB_INT2, DB_INT4, DB_TEXT, DB_BOOL};
static const enum db_type customer_number_key[] = {DB_INT2, DB_INT8, DB_BOOL};
static const enum db_type reference_key[] = {DB_INT2, DB_INT4, DB_TEXT, DB_TEXT};
static const enum db_type number_key[] = {DB_INT2, DB_INT8};

static void add_text_key(struct db_columns *c, int16_t bucket, int32_t source_id, const char *text)
{
    db_array_add_int(&c->array[0], bucket);
    db_array_add_int(&c->array[1], source_id);
    db_array_add_text(&c->array[2], text);
}

static void add_number(struct db_columns *c, int64_t number)
{
    db_array_add_int(&c->array[0], identifier_bucket(number));
    db_array_add_int(&c->array[1], number);
}

/* Who decides about a name or a number must know what stands there. */
static bool wants_person(const struct intake_record *r)
{
    return r->message->body_case == TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE ||
           r->target.record_kind == (int)TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE;
}

/* The other case that an update names. */
static void add_other_case(struct columns *c, const struct intake_record *r)
{
    int32_t source_id = r->request->sender.source_id;
    const struct intake_names *n = &r->names;
    if (n->other_case_number) {
        add_number(&c->cases, n->other_case_number);
    }
    if (n->other_case_ref && n->customer_ref) {
        add_text_key(&c->case_references,
                     identifier_bucket_of_reference(source_id, n->customer_ref), source_id,
                     n->customer_ref);
        db_array_add_text(&c->case_references.array[3], n->other_case_ref);
    }
}

static void add_record(struct columns *c, const struct intake_record *r)
{
    int32_t source_id = r->request->sender.source_id;
    const struct intake_names *n = &r->names;
    add_text_key(&c->receipts, r->receipt_bucket, source_id, r->message->key);
    if (n->customer_ref) {
        int16_t bucket = identifier_bucket_of_reference(source_id, n->customer_ref);
        add_text_key(&c->customers, bucket, source_id, n->customer_ref);
        db_array_add_bool(&c->customers.array[3], wants_person(r));
        if (n->case_ref) {
            add_text_key(&c->case_references, bucket, source_id, n->customer_ref);
            db_array_add_text(&c->case_references.array[3], n->case_ref);
        }
    }
    if (n->customer_number) {
        add_number(&c->customer_numbers, n->customer_number);
        db_array_add_bool(&c->customer_numbers.array[2], wants_person(r));
    }
    if (n->other_ref) {
        add_text_key(&c->customers, identifier_bucket_of_reference(source_id, n->other_ref),
                     source_id, n->other_ref);
        db_array_add_bool(&c->customers.array[3], false);
    }
    if (n->other_number) {
        add_number(&c->customer_numbers, n->other_number);
        db_array_add_bool(&c->customer_numbers.array[2], false);
    }
    if (n->case_number) {
        add_number(&c->cases, n->case_number);
    }
    if (n->promise_number) {
        add_number(&c->promises, n->promise_number);
    }
    add_other_case(c, r);
}

/* One or two questions with the same parameters. */
static void ask(struct db *db, struct db_columns *c, const struct db_query *const *queries,
                int *const *sets, struct intake_reads *reads)
{
    struct db_params p = {0};
    if (db_columns_rows(c) == 0) {
        db_columns_free(c);
        return;
    }
    db_columns_put(c, &p);
    for (size_t i = 0; i < 2 && queries[i]; i++) {
        db_query(db, queries[i], &p);
        *sets[i] = reads->next++;
    }
    db_params_free(&p);
}

#define ASK(columns, query, set)                                                                   \
    ask(db, &(columns), (const struct db_query *const[]){&(query), NULL},                          \
        (int *const[]){&ret_reads->set, NULL}, ret_reads)
/* Cases before their pauses: what comes in between makes the case's version stale, never the other
 * way round. */
#define ASK_TWICE(columns, query, set, then, then_set)                                             \
    ask(db, &(columns), (const struct db_query *const[]){&(query), &(then)},                       \
        (int *const[]){&ret_reads->set, &ret_reads->then_set}, ret_reads)

void intake_read_records(struct db *db, struct intake_record *const *records, size_t count,
                         struct intake_reads *ret_reads)
{
    struct columns c;
    db_columns_init(&c.receipts, text_key, ARRAY_LEN(text_key));
    db_columns_init(&c.customers, customer_key, ARRAY_LEN(customer_key));
    db_columns_init(&c.customer_numbers, customer_number_key, ARRAY_LEN(customer_number_key));
    db_columns_init(&c.cases, number_key, ARRAY_LEN(number_key));
    db_columns_init(&c.case_references, reference_key, ARRAY_LEN(reference_key));
    db_columns_init(&c.promises, number_key, ARRAY_LEN(number_key));
    for (size_t i = 0; i < count; i++) {
        add_record(&c, records[i]);
    }
    *ret_reads = intake_read_nothing();
    ASK(c.receipts, intake_read_receipts, receipts);
    ASK(c.customers, intake_read_customers, customers);
    ASK(c.customer_numbers, intake_read_customer_numbers, customer_numbers);
    ASK_TWICE(c.cases, intake_read_cases, cases, intake_read_pauses, pauses);
    ASK_TWICE(c.case_references, intake_read_case_references, case_references,
              intake_read_reference_pauses, reference_pauses);
    ASK_TWICE(c.promises, intake_read_promises, promises, intake_read_promise_pauses,
              promise_pauses);
    merge_read_records(db, records, count, ret_reads);
    tier_read_records(db, records, count, ret_reads);
    identity_read_records(db, records, count, ret_reads);
    promise_read_ask_staff(db, records, count, ret_reads);
    redemption_read_records(db, records, count, ret_reads);
    erasure_read_records(db, records, count, ret_reads);
}

void intake_read_blocks(struct db *db, size_t count, struct intake_reads *reads)
{
    struct db_params p = {0};
    if (count > 0) {
        db_put_int4(&p, (int32_t)count);
        db_query(db, &intake_read_number_blocks, &p);
        db_params_free(&p);
        reads->blocks = reads->next++;
    }
}

/* ---- loading */

static void load_receipts(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_receipt *r =
            work_add_receipt(w, (int32_t)db_get_int(rows, i, 0), db_get_text(rows, i, 1));
        r->digest = db_get_bytes(rows, i, 2);
        r->body = db_get_bytes(rows, i, 3);
    }
}

static void load_customers(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_customer *c = intake_read_customer(rows, i, w);
        (void)work_add_reference(w, (int32_t)db_get_int(rows, i, CUSTOMER_SOURCE_ID),
                                 db_get_text(rows, i, CUSTOMER_REFERENCE), c);
    }
}

static void load_customer_numbers(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        (void)intake_read_customer(rows, i, w);
    }
}

static void load_cases(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        (void)intake_read_case(rows, i, w);
    }
}

static void load_case_references(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct work_case *c = intake_read_case(rows, i, w);
        (void)work_add_case_reference(w, (int32_t)db_get_int(rows, i, CASE_SOURCE_ID), c,
                                      db_get_text(rows, i, CASE_REFERENCE));
    }
}

/* All promises of the cases, among them those that were asked for. */
static void load_promises(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        work_set_case_of_promise(w, db_get_int(rows, i, PROMISE_NUMBER),
                                 intake_read_case(rows, i, w));
    }
}

void intake_read_load_blocks(const struct intake_reads *reads, const struct db_reply *reply,
                             struct intake_numbers *n)
{
    if (reads->blocks < 0) {
        return;
    }
    const struct db_rows *rows = reply->rows[reads->blocks];
    for (size_t i = 0; i < db_row_count(rows); i++) {
        intake_numbers_add_block(n, db_get_int(rows, i, 0));
    }
}

size_t intake_read_load(const struct intake_reads *reads, const struct db_reply *reply,
                        struct intake_work *w)
{
    const struct {
        int set;
        void (*load)(const struct db_rows *rows, struct intake_work *w);
    } parts[] = {
        {reads->receipts,              load_receipts               },
        {reads->customers,             load_customers              },
        {reads->customer_numbers,      load_customer_numbers       },
        {reads->cases,                 load_cases                  },
        {reads->case_references,       load_case_references        },
        {reads->case_customers,        load_customer_numbers       },
        {reads->promises,              load_promises               },
        {reads->survivors,             load_cases                  },
        {reads->pauses,                intake_read_case_pauses     },
        {reads->reference_pauses,      intake_read_case_pauses     },
        {reads->promise_pauses,        intake_read_case_pauses     },
        {reads->survivor_pauses,       intake_read_case_pauses     },
        {reads->reference_tiers,       tier_read_load              },
        {reads->case_tiers,            tier_read_load              },
        {reads->points,                identity_read_load_points   },
        {reads->open_cases,            load_cases                  },
        {reads->open_pauses,           intake_read_case_pauses     },
        {reads->staff,                 promise_read_load_staff     },
        {reads->steps,                 promise_read_load_steps     },
        {reads->reference_redemptions, redemption_read_load        },
        {reads->number_redemptions,    redemption_read_load        },
        {reads->erasure_members,       erasure_read_load_members   },
        {reads->erasure_references,    erasure_read_load_references},
        {reads->erasure_events,        erasure_read_load_events    },
        {reads->erasure_told,          erasure_read_load_told      },
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i].set >= 0) {
            parts[i].load(reply->rows[parts[i].set], w);
        }
    }
    intake_read_load_blocks(reads, reply, &w->numbers);
    return reads->steps >= 0 ? promise_read_count(reply->rows[reads->steps]) : 0;
}
