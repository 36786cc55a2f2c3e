/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/personal_view_store.h"

static const struct db_query add_view = {
    .name = "personal_view_store_add",
    .sql = "INSERT INTO reporting.personal_view"
           " (at, user_name, what, customer_number, case_number, purpose)"
           " VALUES ($1, $2, $3, $4, $5, $6)",
    .shape = DB_NONE,
};

void personal_view_store_put(struct db *db, const struct web_personal_view *view, int64_t now_us)
{
    struct db_params params = {.count = 0};
    db_put_time(&params, now_us);
    db_put_text(&params, view->user);
    db_put_text(&params, view->what);
    db_put_int8(&params, view->customer);
    if (view->service_case) {
        db_put_int8(&params, view->service_case);
    } else {
        db_put_null(&params, DB_INT8);
    }
    db_put_text(&params, view->purpose);
    db_query(db, &add_view, &params);
    db_params_free(&params);
}
