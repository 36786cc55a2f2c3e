/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/model_fit_store.h"

#include "common/base/instant.h"

#define COLUMNS                                                                                    \
    "id, model, fitted_at, is_in_force, is_converged, why_not, observations, from_at, till_at,"    \
    " log_likelihood, iterations, parameters::text, holdout::text"

static const struct db_query current_fits = {
    "model_fit_store_current",
    "SELECT " COLUMNS " FROM (SELECT f.*,"
    " max(id) OVER (PARTITION BY model) AS newest,"
    " max(id) FILTER (WHERE is_in_force) OVER (PARTITION BY model) AS in_force"
    " FROM loyalty.model_fit_public AS f) AS f WHERE id IN (newest, in_force) ORDER BY model, id",
    DB_ROWS};

static const struct db_query last_fits = {
    "model_fit_store_last",
    "SELECT " COLUMNS " FROM loyalty.model_fit_public WHERE model = $1 ORDER BY id DESC LIMIT $2",
    DB_ROWS};

static const struct db_query fits_since = {
    "model_fit_store_since",
    "SELECT " COLUMNS " FROM loyalty.model_fit_public WHERE id > $1 ORDER BY id", DB_ROWS};

static const struct db_query newest_fit = {
    "model_fit_store_newest", "SELECT coalesce(max(id), 0) FROM loyalty.model_fit_public", DB_ONE};

static const struct db_reply *run(struct db *db, struct err *err)
{
    const struct db_reply *reply = db_run_wait(db);
    if (reply->outcome != DB_OK) {
        *err = reply->err;
        return NULL;
    }
    return reply;
}

static json_t *time_of(const struct db_rows *rows, size_t row, int column)
{
    char text[INSTANT_TEXT_SIZE];
    int64_t us = db_get_time(rows, row, column);
    return us == DB_NO_TIME ? json_null() : json_string(instant_format(us, text));
}

static json_t *object_of(const struct db_rows *rows, size_t row, int column)
{
    json_t *json = json_loads(db_get_text(rows, row, column), 0, NULL);
    return json ? json : json_object();
}

static json_t *fit_of(const struct db_rows *rows, size_t row)
{
    json_t *fit = json_object();
    json_object_set_new(fit, "id", json_integer(db_get_int(rows, row, 0)));
    json_object_set_new(fit, "model", json_string(db_get_text(rows, row, 1)));
    json_object_set_new(fit, "fitted_at", time_of(rows, row, 2));
    json_object_set_new(fit, "is_in_force", json_boolean(db_get_bool(rows, row, 3)));
    json_object_set_new(fit, "is_converged", json_boolean(db_get_bool(rows, row, 4)));
    json_object_set_new(fit, "why_not",
                        db_is_null(rows, row, 5) ? json_null()
                                                 : json_string(db_get_text(rows, row, 5)));
    json_object_set_new(fit, "observations", json_integer(db_get_int(rows, row, 6)));
    json_object_set_new(fit, "from", time_of(rows, row, 7));
    json_object_set_new(fit, "till", time_of(rows, row, 8));
    json_object_set_new(fit, "log_likelihood",
                        db_is_null(rows, row, 9) ? json_null()
                                                 : json_real(db_get_float8(rows, row, 9)));
    json_object_set_new(fit, "iterations",
                        db_is_null(rows, row, 10) ? json_null()
                                                  : json_integer(db_get_int(rows, row, 10)));
    json_object_set_new(fit, "parameters", object_of(rows, row, 11));
    json_object_set_new(fit, "holdout", object_of(rows, row, 12));
    return fit;
}

static json_t *fits_of(const struct db_reply *reply)
{
    json_t *fits = reply ? json_array() : NULL;
    for (size_t i = 0; reply && i < db_row_count(reply->rows[0]); i++) {
        json_array_append_new(fits, fit_of(reply->rows[0], i));
    }
    return fits;
}

json_t *model_fit_store_current(struct db *db, struct err *err)
{
    db_query(db, &current_fits, NULL);
    return fits_of(run(db, err));
}

json_t *model_fit_store_last(struct db *db, const char *model, int64_t count, struct err *err)
{
    struct db_params p = {0};
    db_put_text(&p, model);
    db_put_int8(&p, count);
    db_query(db, &last_fits, &p);
    db_params_free(&p);
    return fits_of(run(db, err));
}

json_t *model_fit_store_since(struct db *db, int64_t id, struct err *err)
{
    struct db_params p = {0};
    db_put_int8(&p, id);
    db_query(db, &fits_since, &p);
    db_params_free(&p);
    return fits_of(run(db, err));
}

int model_fit_store_newest(struct db *db, int64_t *ret_id, struct err *err)
{
    db_query(db, &newest_fit, NULL);
    const struct db_reply *reply = run(db, err);
    if (!reply) {
        return -1;
    }
    *ret_id = db_get_int(reply->rows[0], 0, 0);
    return 0;
}
