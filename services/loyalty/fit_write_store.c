/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/fit_write_store.h"

#include <stdlib.h>

#include <jansson.h>

/* Of two jobs that take the same number the later one has to write again: so numbers stand in the
 * order in which they can be seen. */
static const struct db_query write_row = {
    .name = "fit_write_row",
    .sql = "INSERT INTO loyalty.model_fit (id, model, fitted_at, is_in_force, is_converged,"
           " why_not, observations, from_at, till_at, log_likelihood, iterations, parameters,"
           " holdout) SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
           " $11::text::jsonb, $12::text::jsonb FROM loyalty.model_fit RETURNING id",
    .shape = DB_ONE,
};

/* Takes over the reference. */
static void put_json(struct db_params *p, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(17));
    db_put_text(p, text);
    free(text);
    json_decref(json);
}

/* What did not converge has no parameters that anybody may use. */
static void put_parameters(struct db_params *p, const struct fit_row *row)
{
    const struct fit_parameter *names = fit_model_parameters(row->model);
    struct text text = {0};
    fit_set_write(&row->set, row->model, &text);
    json_t *json = row->is_converged ? json_loads(text.data, 0, NULL) : json_object();
    text_free(&text);
    if (row->is_converged && row->has_standard_errors) {
        json_t *errors = json_object();
        for (size_t i = 0; i < ARRAY_LEN(row->standard_errors); i++) {
            json_object_set_new(errors, names[i].name, json_real(row->standard_errors[i]));
        }
        json_object_set_new(json, "standard_errors", errors);
    }
    put_json(p, json);
}

static void put_errors(struct db_params *p, const struct fit_row *row)
{
    json_t *json = json_object();
    for (size_t i = 0; i < row->error_count; i++) {
        json_object_set_new(json, row->errors[i].name, json_real(row->errors[i].value));
    }
    put_json(p, json);
}

void fit_write_row(struct db *db, const struct fit_row *row, int64_t fitted_us)
{
    struct db_params p = {0};
    db_put_text(&p, fit_model_name(row->model));
    db_put_time(&p, fitted_us);
    db_put_bool(&p, row->is_in_force);
    db_put_bool(&p, row->is_converged);
    db_put_text(&p, row->is_in_force ? NULL : row->why_not);
    db_put_int8(&p, row->observations);
    db_put_time(&p, row->from_us); /* INT64_MIN is DB_NO_TIME */
    db_put_time(&p, row->till_us);
    if (row->has_likelihood) {
        db_put_float8(&p, row->log_likelihood);
        db_put_int4(&p, row->iterations);
    } else {
        db_put_null(&p, DB_FLOAT8);
        db_put_null(&p, DB_INT4);
    }
    put_parameters(&p, row);
    put_errors(&p, row);
    db_query(db, &write_row, &p);
    db_params_free(&p);
}
