/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_erasure_store.h"

static const struct db_query intake_erasure_find = {
    "intake_erasure_find",
    "SELECT e.customer_number, e.ground, e.asked_by, e.keeps_do_not_call, e.removed, e.events,"
    "       e.key_generation, e.wants_rotation, e.rotated_at, e.received_at,"
    "       array_to_string(e.members, ' '),"
    "       array_to_string(ARRAY(SELECT encode(h, 'hex') FROM unnest(e.reference_hashes) AS h),"
    "                       ' '), e.events_left"
    "  FROM intake.erasure AS e WHERE e.members @> ARRAY[$1::int8]"
    " ORDER BY e.received_at DESC LIMIT 1",
    DB_OPTIONAL};

void intake_erasure_store_ask(struct db *db, int64_t customer)
{
    struct db_params p = {0};
    db_put_int8(&p, customer);
    db_query(db, &intake_erasure_find, &p);
    db_params_free(&p);
}
