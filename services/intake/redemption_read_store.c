/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/redemption_read_store.h"

#include "common/domain/identifier.h"
#include "services/intake/intake_rows.h"

#define JOIN_REDEMPTION(of)                                                                        \
    " JOIN intake.points_redemption AS p"                                                          \
    "      ON (p.bucket, p.source_id, p.customer_number, p.reference)"                             \
    "         = ((" of ".customer_number & 255)::int2, u.source_id, " of ".customer_number,"       \
    "            u.redemption)"                                                                    \
    " WHERE NOT p.is_void"

static const struct db_query redemption_read_references = {
    "redemption_read_references",
    "SELECT p.source_id, p.customer_number, p.reference, p.number"
    "  FROM unnest($1::int2[], $2::int4[], $3::text[], $4::text[])"
    "       AS u (bucket, source_id, reference, redemption)"
    "  JOIN intake.customer_reference AS r"
    "       ON (r.bucket, r.source_id, r.reference)"
    "          = (u.bucket, u.source_id, u.reference)" JOIN_REDEMPTION("r"),
    DB_ROWS};
static const struct db_query redemption_read_numbers = {
    "redemption_read_numbers",
    "SELECT p.source_id, p.customer_number, p.reference, p.number"
    "  FROM unnest($1::int8[], $2::int4[], $3::text[])"
    "       AS u (customer_number, source_id, redemption)" JOIN_REDEMPTION("u"),
    DB_ROWS};

void redemption_read_records(struct db *db, struct intake_record *const *records, size_t count,
                             struct intake_reads *reads)
{
    ROWS(by_reference, DB_INT2, DB_INT4, DB_TEXT, DB_TEXT);
    ROWS(by_number, DB_INT8, DB_INT4, DB_TEXT);
    for (size_t i = 0; i < count; i++) {
        const struct intake_names *n = &records[i]->names;
        int32_t source_id = records[i]->request->sender.source_id;
        if (n->redemption_ref && n->customer_number) {
            put_int(&by_number, n->customer_number);
            put_int(&by_number, source_id);
            put_text(&by_number, n->redemption_ref);
        } else if (n->redemption_ref) {
            put_int(&by_reference, identifier_bucket_of_reference(source_id, n->customer_ref));
            put_int(&by_reference, source_id);
            put_text(&by_reference, n->customer_ref);
            put_text(&by_reference, n->redemption_ref);
        }
    }
    if (rows_send(&by_reference, db, &redemption_read_references) > 0) {
        reads->reference_redemptions = reads->next++;
    }
    if (rows_send(&by_number, db, &redemption_read_numbers) > 0) {
        reads->number_redemptions = reads->next++;
    }
}

void redemption_read_load(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        int32_t source_id = (int32_t)db_get_int(rows, i, 0);
        int64_t customer = db_get_int(rows, i, 1);
        const char *reference = db_get_text(rows, i, 2);
        if (!work_find_redemption(w, source_id, customer, reference)) {
            work_add_redemption(w, source_id, customer, reference)->number = db_get_int(rows, i, 3);
        }
    }
}
