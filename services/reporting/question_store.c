/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/question_store.h"

#include "common/base/log.h"

static const struct db_query questionnaire = {
    .name = "question_in_force",
    .sql = "SELECT CASE WHEN hash = $1 THEN NULL ELSE body END"
           " FROM followup.questionnaire_version_public"
           " ORDER BY first_used_at DESC, id DESC LIMIT 1",
    .shape = DB_OPTIONAL,
};

void question_store_put(struct db *db, const char *known_hash)
{
    struct db_params p = {.count = 0};

    db_put_text(&p, known_hash);
    db_query(db, &questionnaire, &p);
    db_params_free(&p);
}

struct questionnaire *question_store_take(const struct db_rows *rows)
{
    struct err err = ERR_NONE;

    if (db_row_count(rows) == 0 || db_is_null(rows, 0, 0)) {
        return NULL;
    }
    struct questionnaire *q = questionnaire_parse(db_get_text(rows, 0, 0), "questionnaire", &err);
    if (!q) {
        log_warning("questionnaire_unreadable", LOG_ERR(&err));
    }
    return q;
}
