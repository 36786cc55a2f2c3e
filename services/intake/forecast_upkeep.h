/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast_upkeep.h - keeps the forecasts young: each hour of business time (forecast_every) one
 * process computes them anew, and each minute every process looks whether there are others than
 * those it has.
 *
 * As intake_upkeep.h, in small slices with pauses on the connections of the questions; and beside
 * it, because a count of orphans may take an hour. Nobody waits for a forecast.
 */
#ifndef TROTH_INTAKE_FORECAST_UPKEEP_H
#define TROTH_INTAKE_FORECAST_UPKEEP_H

#include <stdbool.h>

struct intake;
struct forecast_upkeep;

struct forecast_upkeep *forecast_upkeep_new(struct intake *in);
void forecast_upkeep_free(struct forecast_upkeep *u); /* NULL is fine */

/* Business time went on. */
void forecast_upkeep_tick(struct forecast_upkeep *u);
/* While we stop, no further slice is begun. */
bool forecast_upkeep_is_idle(const struct forecast_upkeep *u);

#endif
