/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_figures_store.h - the operator's questions about forecasts. All wait for the answer. */
#ifndef TROTH_SERVICES_CLI_FORECAST_FIGURES_STORE_H
#define TROTH_SERVICES_CLI_FORECAST_FIGURES_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/survival_curve.h"
#include "common/runtime/db.h"
#include "services/cli/calibration.h"

/* A curve in force: of a kind of promise, the team that owns the case, and a calendar. */
struct forecast_figure {
    char *kind, *owner_team, *calendar;
    int64_t computed_us; /* business time */
    int64_t past_cases, kept_cases;
    int64_t known_us; /* the curve says nothing about longer times; SURVIVAL_NEVER: no limit */
    struct survival_step *steps;
    size_t step_count;
};

struct forecast_figures {
    struct forecast_figure *rows; /* by kind, team, calendar */
    size_t count;
};

/* Adds to *figures, which starts {0} and ends with forecast_figures_free(), whatever this returns.
 */
MUST_CHECK int forecast_figures_store_read(struct db *db, struct forecast_figures *figures,
                                           struct err *err);
void forecast_figures_free(struct forecast_figures *figures);

/* Business time. */
MUST_CHECK int forecast_figures_store_now(struct db *db, int64_t *ret_now_us, struct err *err);

/* The text of the standard by which the newest case was decided; NULL: there is none yet. The
 * caller frees it. */
MUST_CHECK int forecast_figures_store_standard(struct db *db, char **ret_text, struct err *err);

/* Adds the promises with a forecast that were made since then in one bucket. */
MUST_CHECK int forecast_figures_store_outcomes(struct db *db, int16_t bucket, int64_t since_us,
                                               struct calibration *c, struct err *err);

#endif
