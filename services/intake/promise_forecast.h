/* SPDX-License-Identifier: Apache-2.0 */
/* promise_forecast.h - at the moment of promising: will it be kept, and what date would be safe?
 * Pure. */
#ifndef TROTH_INTAKE_PROMISE_FORECAST_H
#define TROTH_INTAKE_PROMISE_FORECAST_H

#include "services/intake/intake_work.h"

/*
 * Sets p->chance, p->safe_us and p->past_cases of a new promise whose due time is known, unless it
 * is not known: too few past cases, or there is nothing like it in the past:
 *   what a person gave    is like the standard's promises of that kind to such a case, with the
 *                         working time until the date; of a kind that the standard does not
 *                         promise, it is like nothing
 *   the second date of a renegotiated promise, and what is imported as history, have no forecast
 */
void promise_forecast(const struct intake_work *w, const struct work_case *c,
                      struct work_promise *p);

#endif
