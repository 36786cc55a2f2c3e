/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_fit_store.h"

#include "common/base/log.h"

static const struct db_query read_fits = {
    .name = "loyalty_fit_in_force",
    .sql = "SELECT DISTINCT ON (model) id, model, parameters::text FROM loyalty.model_fit"
           " WHERE is_in_force ORDER BY model, id DESC",
    .shape = DB_ROWS,
};

static const struct db_query read_newest = {
    .name = "loyalty_fit_newest",
    .sql = "SELECT coalesce(max(id), 0) FROM loyalty.model_fit",
    .shape = DB_ONE,
};

void loyalty_fit_store_ask(struct db *db)
{
    db_query(db, &read_fits, NULL);
}

void loyalty_fit_store_take(const struct db_rows *rows, struct fit_set *ret_fits)
{
    struct fit_set fits = fit_set_none;

    for (size_t i = 0; i < db_row_count(rows); i++) {
        struct err err = ERR_NONE;
        int64_t id = db_get_int(rows, i, 0);
        enum fit_model model = fit_model_of(db_get_text(rows, i, 1));
        if (model != 0 && fit_set_take(&fits, id, model, db_get_text(rows, i, 2), &err) < 0) {
            log_error("fit_refused", LOG_INT("fit", id), LOG_TEXT("model", db_get_text(rows, i, 1)),
                      LOG_ERR(&err));
        }
    }
    *ret_fits = fits;
}

void loyalty_fit_store_ask_newest(struct db *db)
{
    db_query(db, &read_newest, NULL);
}

int64_t loyalty_fit_store_take_newest(const struct db_rows *rows)
{
    return db_get_int(rows, 0, 0);
}
