/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_metrics.h"

static void register_times(struct metrics *m, struct followup_metrics *ret)
{
    ret->delay = metrics_histogram(m, "troth_followup_order_delay_seconds", NULL,
                                   "Business time from when an attempt was due to its order.",
                                   &metrics_long_time);
    ret->result = metrics_histogram(m, "troth_followup_order_duration_seconds", NULL,
                                    "Business time from an order to the commit of its outcome.",
                                    &metrics_long_time);
    ret->worklist = metrics_histogram(m, "troth_followup_worklist_answer_duration_seconds", NULL,
                                      "Time from a request for the worklist to its answer.",
                                      &metrics_answer_time);
    ret->dialers = metrics_gauge(m, "troth_followup_dialers_connected", NULL,
                                 "Dialers that said hello in the last 5 s.");
    ret->lines =
        metrics_gauge(m, "troth_followup_lines_free", NULL, "Calls more that they could take now.");
    static const char *const channels[FOLLOWUP_RESTING_CHANNELS] = {
        NULL, "channel=\"call\"", "channel=\"message\"", "channel=\"mail\""};
    for (int i = 1; i < FOLLOWUP_RESTING_CHANNELS; i++) {
        ret->resting[i] =
            metrics_gauge(m, "troth_followup_dialers_resting", channels[i],
                          "1: all connected dialers of a channel are outside their hours.");
    }
}

void followup_metrics_register(struct metrics *m, struct followup_metrics *ret)
{
    *ret = (struct followup_metrics){
        .planned = metrics_counter(m, "troth_followup_planned_total", NULL, "Follow-ups planned."),
        .claimed = metrics_counter(m, "troth_followup_claimed_total", NULL,
                                   "Follow-ups claimed for a call."),
        .ordered =
            metrics_counter(m, "troth_followup_ordered_total", NULL, "Dial orders committed."),
        .calls = metrics_counter(m, "troth_followup_calls_total", NULL,
                                 "Calls that ended with an outcome."),
        .listed =
            metrics_counter(m, "troth_followup_listed_total", NULL,
                            "Follow-ups that a person has to look at because of their order."),
        .questions = metrics_counter(m, "troth_followup_questions_total", NULL,
                                     "Questions to dialers about orders without a result."),
        .answers_taken = metrics_counter(m, "troth_followup_answers_total", "result=\"taken\"",
                                         "Answers that intake decided on."),
        .answers_rejected =
            metrics_counter(m, "troth_followup_answers_total", "result=\"rejected\"",
                            "Answers that intake decided on."),
        .failures = metrics_counter(m, "troth_followup_failures_total", NULL,
                                    "Conversations with the database that failed."),
        .missed_window =
            metrics_counter(m, "troth_followup_missed_total", "reason=\"window_passed\"",
                            "Follow-ups that were due and not held within their window."),
        .missed_nothing_permitted =
            metrics_counter(m, "troth_followup_missed_total", "reason=\"nothing_permitted\"",
                            "Follow-ups that were due and not held within their window."),
        .deferred = metrics_counter(m, "troth_followup_verdicts_total", "verdict=\"deferred\"",
                                    "What arbitration decided about due follow-ups."),
        .suppressed = metrics_counter(m, "troth_followup_verdicts_total", "verdict=\"suppressed\"",
                                      "What arbitration decided about due follow-ups."),
        .merged = metrics_counter(m, "troth_followup_verdicts_total", "verdict=\"merged\"",
                                  "What arbitration decided about due follow-ups."),
        .unreachable = metrics_counter(m, "troth_followup_verdicts_total", "verdict=\"listed\"",
                                       "What arbitration decided about due follow-ups."),
        .moved = metrics_counter(m, "troth_followup_moved_total", NULL,
                                 "Follow-ups that new time zone data moved to another instant."),
    };
    register_times(m, ret);
}
