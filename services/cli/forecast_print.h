/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_print.h - forecasts and how good they were, for people and as JSON. */
#ifndef TROTH_SERVICES_CLI_FORECAST_PRINT_H
#define TROTH_SERVICES_CLI_FORECAST_PRINT_H

#include <stdint.h>

#include "common/domain/standard.h"
#include "services/cli/calibration.h"
#include "services/cli/forecast_figures_store.h"

struct forecast_report {
    struct forecast_figures figures;
    struct standard *standard; /* in force; NULL: none can be read, then no targets are shown */
    struct calibration calibration;
    int64_t since_us;
};

void forecast_print_tables(const struct forecast_report *r);
void forecast_print_json(const struct forecast_report *r);

#endif
