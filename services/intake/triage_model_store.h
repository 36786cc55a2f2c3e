/* SPDX-License-Identifier: Apache-2.0 */
/* triage_model_store.h - the models that tell what texts say. */
#ifndef TROTH_INTAKE_TRIAGE_MODEL_STORE_H
#define TROTH_INTAKE_TRIAGE_MODEL_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/domain/triage_model.h"
#include "common/runtime/db.h"

/* Columns of both answers; that of triage_model_store_ask_ids() has the first two. */
enum {
    TRIAGE_MODEL_PURPOSE,
    TRIAGE_MODEL_ID,
    TRIAGE_MODEL_BODY,
};

/* Each queues its statement. Of each purpose the one in force: */
void triage_model_store_ask_ids(struct db *db);
void triage_model_store_ask_models(struct db *db);

/* The model in that row of triage_model_store_ask_models(), which is the caller's; NULL, and a line
 * in the log, when it cannot be read or is for another purpose. */
struct triage_model *triage_model_store_open(const struct db_rows *rows, size_t row,
                                             enum triage_purpose purpose);

struct triage_new_model {
    enum triage_purpose purpose;
    const char *hash;
    struct bytes body;
    const char *report;
    bool is_active;
    int64_t trained_us;
};
/* One row with its id. */
void triage_model_store_add(struct db *db, const struct triage_new_model *m);

#endif
