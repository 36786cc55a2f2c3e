/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_forecast.h"

#include "services/intake/forecast.h"

/* False: there is nothing like it. */
static bool ask_like(const struct intake_work *w, const struct work_case *c,
                     const struct work_promise *p, struct forecast_question *q)
{
    struct standard_promise like;
    if (!p->is_due_fixed) {
        q->calendar = p->terms ? p->terms->calendar : NULL;
        q->within_us = p->target_us;
        return true;
    }
    const struct standard *version =
        w->shelf ? standard_shelf_find(w->shelf, c->standard_id) : NULL;
    if (!version || !standard_find_promise(version, c->rule, p->kind, c->branch, &like)) {
        return false;
    }
    q->calendar = like.calendar;
    q->within_us = calendar_between(like.calendar, p->made_us, p->made_us + p->target_us);
    return true;
}

void promise_forecast(const struct intake_work *w, const struct work_case *c,
                      struct work_promise *p)
{
    struct forecast_question q = {
        .kind = p->kind,
        .owner_team = c->owner_team ? c->owner_team : "",
        .made_us = p->made_us,
    };
    struct forecast_answer answer;
    if (!w->forecast || p->is_historical || p->replaces != 0 || !ask_like(w, c, p, &q) ||
        !forecast_ask(w->forecast, &q, &answer)) {
        return;
    }
    p->past_cases = answer.past_cases;
    p->chance = answer.chance;
    p->safe_us = answer.safe_us == CALENDAR_NEVER ? WORK_NO_TIME : answer.safe_us;
}
