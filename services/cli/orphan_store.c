/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/orphan_store.h"

static const struct db_query orphan_store_bucket = {
    "orphan_store_bucket", "SELECT relation, orphans FROM intake.count_orphans($1, $1)", DB_ROWS};

void orphan_store_count(struct db *db, int16_t bucket)
{
    struct db_params p = {0};

    db_put_int2(&p, bucket);
    db_query(db, &orphan_store_bucket, &p);
    db_params_free(&p);
}
