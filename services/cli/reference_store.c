/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/reference_store.h"

static const struct db_query reference_store_all = {
    "reference_store_all",
    "SELECT case_number, category, product, resolved_at, times_used, times_succeeded"
    "  FROM intake.reference_answer_public ORDER BY times_used DESC, case_number LIMIT $1",
    DB_ROWS};

void reference_store_list(struct db *db, int64_t limit)
{
    struct db_params p = {0};

    db_put_int8(&p, limit);
    db_query(db, &reference_store_all, &p);
    db_params_free(&p);
}
