/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/tier_read_store.h"

#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

/* Of a customer who follows another one it is the other's. */
#define JOIN_TIER(of)                                                                              \
    " JOIN intake.customer AS c"                                                                   \
    "      ON (c.bucket, c.number) = ((" of ".customer_number & 255)::int2, " of                   \
    ".customer_number)"                                                                            \
    " JOIN loyalty.customer_score_public AS t"                                                     \
    "      ON (t.bucket, t.customer_number) = ((coalesce(c.merged_into, c.number) & 255)::int2,"   \
    "                                          coalesce(c.merged_into, c.number))"

static const struct db_query tier_read_references = {
    "tier_read_references",
    "SELECT c.number, t.tier FROM unnest($1::int2[], $2::int4[], $3::text[])"
    "       AS u (bucket, source_id, reference)"
    "  JOIN intake.customer_reference AS r"
    "       ON (r.bucket, r.source_id, r.reference) = (u.bucket, u.source_id, "
    "u.reference)" JOIN_TIER("r"),
    DB_ROWS};
static const struct db_query tier_read_cases = {
    "tier_read_cases",
    "SELECT c.number, t.tier FROM unnest($1::int2[], $2::int8[]) AS u (bucket, number)"
    "  JOIN intake.service_case AS s ON (s.bucket, s.number) = (u.bucket, u.number)" JOIN_TIER("s"),
    DB_ROWS};

void tier_read_records(struct db *db, struct intake_record *const *records, size_t count,
                       struct intake_reads *reads)
{
    static const enum db_type text_key[] = {DB_INT2, DB_INT4, DB_TEXT};
    static const enum db_type number_key[] = {DB_INT2, DB_INT8};
    struct db_columns references, cases;
    db_columns_init(&references, text_key, ARRAY_LEN(text_key));
    db_columns_init(&cases, number_key, ARRAY_LEN(number_key));
    for (size_t i = 0; i < count; i++) {
        const struct intake_names *n = &records[i]->names;
        int32_t source_id = records[i]->request->sender.source_id;
        if (records[i]->needs.wants_tier && n->case_number) {
            db_array_add_int(&cases.array[0], identifier_bucket(n->case_number));
            db_array_add_int(&cases.array[1], n->case_number);
        } else if (records[i]->needs.wants_tier && n->customer_ref) {
            db_array_add_int(&references.array[0],
                             identifier_bucket_of_reference(source_id, n->customer_ref));
            db_array_add_int(&references.array[1], source_id);
            db_array_add_text(&references.array[2], n->customer_ref);
        }
    }
    if (db_columns_rows(&references) > 0) {
        db_columns_query(&references, db, &tier_read_references);
        reads->reference_tiers = reads->next++;
    } else {
        db_columns_free(&references);
    }
    if (db_columns_rows(&cases) > 0) {
        db_columns_query(&cases, db, &tier_read_cases);
        reads->case_tiers = reads->next++;
    } else {
        db_columns_free(&cases);
    }
}

void tier_read_load(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        work_set_tier(w, db_get_int(rows, i, 0), db_get_text(rows, i, 1));
    }
}
