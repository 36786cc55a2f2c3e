/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/train_triage_store.h"

#include "event.pb-c.h"
#include "intake.pb-c.h"

/* What a model or a list of words said is no example: it would learn from itself. Which cases are
 * held out hangs on their counters alone, so it is the same ones in every training. */
static const struct db_query train_triage_cases = {
    "train_triage_cases",
    "SELECT c.number, CASE WHEN c.category_by IN ($6, $7) THEN nullif(c.category, '') END,"
    "       c.category_by = $7, c.kind,"
    "       k.number, k.key_generation, k.wrapped_key, t.number, t.sealed"
    "  FROM intake.service_case AS c"
    "  JOIN intake.contact AS n ON (n.bucket, n.number)"
    "                            = ((c.opened_by & 255)::int2, c.opened_by)"
    "  JOIN intake.contact_text AS t ON (t.bucket, t.number) = (n.bucket, n.number)"
    "  JOIN intake.customer AS k ON (k.bucket, k.number)"
    "                             = ((t.customer_number & 255)::int2, t.customer_number)"
    " WHERE c.bucket = $1 AND c.number < $2 AND ((c.number >> 8) % 5 = 0) = $3"
    "   AND NOT n.is_void AND k.wrapped_key IS NOT NULL"
    "   AND (c.category_by IN ($6, $7) AND c.category <> '' OR c.kind IN ($8, $9))"
    "   AND c.state <> $5"
    " ORDER BY c.number DESC LIMIT $4",
    DB_ROWS};

void train_triage_read(struct db *db, const struct train_triage_slice *slice)
{
    struct db_params p = {0};
    db_put_int2(&p, slice->bucket);
    db_put_int8(&p, slice->before);
    db_put_bool(&p, slice->is_held_out);
    db_put_int8(&p, slice->cases_max < TRAIN_TRIAGE_SLICE ? slice->cases_max : TRAIN_TRIAGE_SLICE);
    db_put_int2(&p, TROTH__V1__CASE_STATE__CASE_STATE_VOID);
    db_put_int2(&p, TROTH__V1__CATEGORY_BY__CATEGORY_BY_SOURCE);
    db_put_int2(&p, TROTH__V1__CATEGORY_BY__CATEGORY_BY_STAFF);
    db_put_int2(&p, TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT);
    db_put_int2(&p, TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE);
    db_query(db, &train_triage_cases, &p);
    db_params_free(&p);
}
