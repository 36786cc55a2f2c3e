/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_customer.h"

#include <string.h>

#include "common/base/text.h"

void plan_customer_scored(struct plan *p, int64_t customer, int64_t occurred_us, bool is_historical,
                          const struct rulebook_facts *facts, const struct zone *zone)
{
    char quarter[FOLLOW_UP_OCCURRENCE_SIZE];
    struct civil_time local;
    const char *topic;
    const struct plan_seed seed = {
        .trigger = FOLLOW_UP_ON_CHURN_RISK,
        .customer = customer,
        .subject = customer,
        .occurrence = quarter,
        .zone = zone,
        .anchor_us = occurred_us,
        .latest_us = INT64_MAX,
        .is_historical = is_historical,
    };
    zone_from_instant(zone, occurred_us, &local);
    (void)text_format(quarter, sizeof(quarter), "%04dQ%d", local.date.year,
                      (local.date.month + 2) / 3);
    for (size_t i = 0; (topic = plan_next_topic(p, FOLLOW_UP_ON_CHURN_RISK, &i));) {
        const struct rulebook_rule *r = rulebook_match(p->rules, topic, facts);
        if (r && !plan_find(p, topic, customer, quarter)) {
            (void)plan_add(p, r, &seed);
        }
    }
}

bool plan_customer_may_leave(const struct rulebook *rules, const struct rulebook_facts *facts)
{
    for (size_t i = 0; i < rulebook_rule_count(rules); i++) {
        const struct rulebook_measure *m = &rulebook_rule(rules, i)->measure;
        /* Comparisons with NAN are false. */
        if (rulebook_rule(rules, i)->trigger == FOLLOW_UP_ON_CHURN_RISK &&
            !(facts->score >= m->score_below) && !(facts->churn < m->churn_at_least)) {
            return true;
        }
    }
    return false;
}

static void end_silence(struct plan *p, struct follow_up *f, int64_t occurred_us)
{
    if (f->trigger == FOLLOW_UP_ON_SILENCE && occurred_us >= f->planned_us) {
        plan_end(p, f, FOLLOW_UP_NO_LONGER_TRUE, NULL);
    }
}

static bool is_called_back(const struct plan *p, const struct follow_up *f, int64_t ordered_us,
                           int64_t occurred_us)
{
    int64_t within_us = rulebook_limits(p->rules)->called_back_us;
    int64_t call_us = f->last_call_us > ordered_us ? f->last_call_us : ordered_us;
    return f->attempts > 0 && call_us != FOLLOW_UP_NEVER && occurred_us > call_us &&
           occurred_us - call_us <= within_us;
}

void plan_customer_spoke(struct plan *p, int64_t customer, int64_t occurred_us)
{
    for (size_t i = plan_index_first(&p->by_customer, customer); i != PLAN_INDEX_END;
         i = plan_index_next(&p->by_customer, i)) {
        struct follow_up *f = &p->list.items[i];
        end_silence(p, f, occurred_us);
        if (!is_called_back(p, f, plan_note_of(p, f)->ordered_us, occurred_us)) {
            continue;
        }
        if (followup_is_open(f->state)) {
            plan_end(p, f, FOLLOW_UP_CALLED_BACK, NULL);
            f->called_back_us = occurred_us;
        } else if (f->state == FOLLOW_UP_ORDERED && f->called_back_us == FOLLOW_UP_NEVER) {
            f->called_back_us = occurred_us;
            f->version++;
        }
    }
}

void plan_customer_erased(struct plan *p, int64_t customer)
{
    for (size_t i = plan_index_first(&p->by_customer, customer); i != PLAN_INDEX_END;
         i = plan_index_next(&p->by_customer, i)) {
        plan_end(p, &p->list.items[i], FOLLOW_UP_IS_ERASED, NULL);
    }
}

void plan_customer_improved(struct plan *p, const struct plan_customer_report *report,
                            const struct rulebook_facts *facts, const struct zone *zone)
{
    char occurrence[FOLLOW_UP_OCCURRENCE_SIZE];
    const char *topic;
    const struct plan_seed seed = {
        .trigger = FOLLOW_UP_ON_IMPROVEMENT,
        .customer = report->customer,
        .service_case = report->service_case,
        .subject = report->customer,
        .occurrence = occurrence,
        .branch = report->branch,
        .zone = zone,
        .anchor_us = report->shipped_us,
        .latest_us = INT64_MAX,
        .is_historical = report->is_historical,
    };
    (void)text_format(occurrence, sizeof(occurrence), "%lld", (long long)report->improvement);
    for (size_t i = 0; (topic = plan_next_topic(p, FOLLOW_UP_ON_IMPROVEMENT, &i));) {
        const struct rulebook_rule *r = rulebook_match(p->rules, topic, facts);
        if (r && !plan_find(p, topic, report->customer, occurrence)) {
            (void)plan_add(p, r, &seed);
        }
    }
}
