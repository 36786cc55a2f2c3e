/* SPDX-License-Identifier: Apache-2.0 */
/* model_fit_store.h - the operator's questions about fitted models. All wait for the answer. */
#ifndef TROTH_SERVICES_CLI_MODEL_FIT_STORE_H
#define TROTH_SERVICES_CLI_MODEL_FIT_STORE_H

#include <stdint.h>

#include <jansson.h>

#include "common/base/err.h"
#include "common/runtime/db.h"

/* Each gives a list of fits, freed by the caller, or NULL with err: objects with id, model,
 * fitted_at, is_in_force, is_converged, why_not, observations, from, till, log_likelihood,
 * iterations, parameters, holdout; what is not known is null. */

/* Of each model the newest fit, and the newest that is in force, the older first. */
json_t *model_fit_store_current(struct db *db, struct err *err);
/* Of one model the newest, these first. */
json_t *model_fit_store_last(struct db *db, const char *model, int64_t count, struct err *err);
/* All after the fit with this number, in order. */
json_t *model_fit_store_since(struct db *db, int64_t id, struct err *err);

/* 0: there is none. */
MUST_CHECK int model_fit_store_newest(struct db *db, int64_t *ret_id, struct err *err);

#endif
