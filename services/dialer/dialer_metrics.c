/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_metrics.h"

#include <stddef.h>

static void add_gauges(struct metrics *m, struct dialer_metrics *ret)
{
    ret->duration = metrics_histogram(m, "troth_dialer_call_duration_seconds", NULL,
                                      "Time from writing a call down, just before it is dialed, "
                                      "to its outcome.",
                                      &metrics_long_time);
    ret->lines = metrics_gauge(m, "troth_dialer_lines", NULL, "Calls at once that there may be.");
    ret->lines_busy = metrics_gauge(m, "troth_dialer_lines_busy", NULL, "Calls under way.");
    ret->untaken = metrics_gauge(m, "troth_dialer_results_waiting", NULL,
                                 "Results that no scheduler has committed yet.");
    ret->links_up = metrics_gauge(m, "troth_dialer_schedulers_connected", NULL,
                                  "Schedulers that answer our hellos.");
}

void dialer_metrics_register(struct metrics *m, struct dialer_metrics *ret)
{
    /* By the number of CallOutcome. */
    static const char *const labels[DIALER_METRICS_OUTCOMES] = {
        NULL,
        "outcome=\"answered\"",
        "outcome=\"busy\"",
        "outcome=\"no_answer\"",
        "outcome=\"voicemail\"",
        "outcome=\"refused\"",
        "outcome=\"wrong_number\"",
        "outcome=\"failed\"",
        "outcome=\"partly_answered\"",
        "outcome=\"machine\"",
        "outcome=\"call_back\"",
        "outcome=\"language\"",
        "outcome=\"invalid_number\"",
        "outcome=\"sent\"",
    };
    for (size_t i = 1; i < DIALER_METRICS_OUTCOMES; i++) {
        ret->outcomes[i] = metrics_counter(m, "troth_dialer_calls_total", labels[i],
                                           "Calls that ended, by outcome.");
    }
    ret->barred = metrics_counter(m, "troth_dialer_barred_total", NULL,
                                  "Answers that an order was never dialed and never will be.");
    add_gauges(m, ret);
}

void dialer_metrics_count(const struct dialer_metrics *m, int32_t outcome)
{
    if (outcome > 0 && outcome < DIALER_METRICS_OUTCOMES) {
        *m->outcomes[outcome] += 1;
    }
}
