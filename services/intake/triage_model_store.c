/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/triage_model_store.h"

#include "common/base/log.h"

#define IN_FORCE                                                                                   \
    " FROM intake.triage_model WHERE is_active ORDER BY purpose, id DESC" /* the newest of each */

static const struct db_query triage_model_ids = {
    "triage_model_ids", "SELECT DISTINCT ON (purpose) purpose, id" IN_FORCE, DB_ROWS};

static const struct db_query triage_model_bodies = {
    "triage_model_bodies", "SELECT DISTINCT ON (purpose) purpose, id, body" IN_FORCE, DB_ROWS};

static const struct db_query triage_model_add = {
    "triage_model_add",
    "INSERT INTO intake.triage_model (purpose, hash, body, report, is_active, trained_at)"
    " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    DB_ONE};

void triage_model_store_ask_ids(struct db *db)
{
    db_query(db, &triage_model_ids, NULL);
}

void triage_model_store_ask_models(struct db *db)
{
    db_query(db, &triage_model_bodies, NULL);
}

struct triage_model *triage_model_store_open(const struct db_rows *rows, size_t row,
                                             enum triage_purpose purpose)
{
    struct err err = ERR_NONE;
    struct triage_model *m = triage_model_read(db_get_bytes(rows, row, TRIAGE_MODEL_BODY), &err);
    if (m && triage_model_facts(m)->purpose != purpose) {
        (void)err_set(&err, "triage_model_invalid", "it is a model for another purpose");
        triage_model_free(m);
        m = NULL;
    }
    if (!m) {
        log_error("triage_model_unreadable", LOG_INT("id", db_get_int(rows, row, TRIAGE_MODEL_ID)),
                  LOG_ERR(&err));
    }
    return m;
}

void triage_model_store_add(struct db *db, const struct triage_new_model *m)
{
    struct db_params p = {0};
    db_put_text(&p, triage_purpose_name(m->purpose));
    db_put_text(&p, m->hash);
    db_put_bytes(&p, m->body);
    db_put_text(&p, m->report);
    db_put_bool(&p, m->is_active);
    db_put_time(&p, m->trained_us);
    db_query(db, &triage_model_add, &p);
    db_params_free(&p);
}
