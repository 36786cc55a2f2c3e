/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_case.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/arbitration.h"

static bool is_of_case(const struct follow_up *f, int64_t service_case)
{
    return f->subject == service_case && f->trigger == FOLLOW_UP_ON_CASE_RESOLVED;
}

static int32_t resolution_of(const struct follow_up *f)
{
    int64_t n;
    return text_to_int64(f->occurrence, 0, INT32_MAX, &n) == 0 ? (int32_t)n : INT32_MAX;
}

/* That resolution is not there any more: nothing but taking back undoes one, or a reopening,
 * without counting one up. */
static bool is_taken_back(int32_t resolution, const struct plan_case_now *now)
{
    return now->is_known &&
           (now->reopened_count < resolution ||
            (now->reopened_count == resolution && now->resolved_us == FOLLOW_UP_NEVER));
}

static struct plan_seed seed_at(int64_t resolved_us, const struct zone *zone)
{
    return (struct plan_seed){
        .trigger = FOLLOW_UP_ON_CASE_RESOLVED,
        .anchor_us = resolved_us,
        .zone = zone,
        .latest_us = INT64_MAX,
    };
}

static void add_one(struct plan *p, const struct rulebook_rule *r, const struct plan_seed *seed,
                    bool is_back, bool is_open_again)
{
    struct follow_up *f = plan_add(p, r, seed);
    if (is_back) {
        plan_end(p, f, FOLLOW_UP_RECORD_VOID, NULL);
    } else if (is_open_again) {
        plan_end(p, f, FOLLOW_UP_CASE_REOPENED, NULL);
    }
}

void plan_case_resolved(struct plan *p, const struct plan_case_change *change,
                        const struct plan_case_now *now, const struct rulebook_facts *facts,
                        const struct zone *zone)
{
    struct plan_seed seed = seed_at(change->occurred_us, zone);
    bool is_back = is_taken_back(change->reopened_count, now);
    bool is_open_again = now->is_known && now->reopened_count > change->reopened_count;
    char occurrence[FOLLOW_UP_OCCURRENCE_SIZE];
    const char *topic;
    (void)text_format(occurrence, sizeof(occurrence), "%d", change->reopened_count);
    seed.customer = change->customer;
    seed.service_case = seed.subject = change->service_case;
    seed.case_version = change->version;
    seed.occurrence = occurrence;
    seed.branch = change->branch;
    seed.is_historical = change->is_historical;
    for (size_t i = 0; (topic = plan_next_topic(p, seed.trigger, &i));) {
        struct follow_up *f = plan_find(p, topic, seed.subject, occurrence);
        const struct rulebook_rule *r = f ? NULL : rulebook_match(p->rules, topic, facts);
        if (r) {
            add_one(p, r, &seed, is_back, is_open_again);
        } else if (f && plan_was_suppressed(f, FOLLOW_UP_REASON_VOID) && !is_back &&
                   !is_open_again) {
            plan_again(p, f, &seed); /* what was taken back may happen anew */
        }
    }
}

void plan_case_reopened(struct plan *p, const struct plan_case_change *change)
{
    for (size_t i = plan_index_first(&p->by_subject, change->service_case); i != PLAN_INDEX_END;
         i = plan_index_next(&p->by_subject, i)) {
        struct follow_up *f = &p->list.items[i];
        if (is_of_case(f, change->service_case) && resolution_of(f) < change->reopened_count) {
            plan_end(p, f, FOLLOW_UP_CASE_REOPENED, NULL);
        }
    }
}

static void follow(struct plan *p, struct follow_up *f, const struct plan_case_now *now,
                   const struct zone *zone)
{
    const struct plan_seed seed = seed_at(now->resolved_us, zone);
    if (is_taken_back(resolution_of(f), now)) {
        plan_end(p, f, FOLLOW_UP_RECORD_VOID, NULL);
    } else if (resolution_of(f) < now->reopened_count) {
        plan_end(p, f, FOLLOW_UP_CASE_REOPENED, NULL);
    } else if (plan_was_suppressed(f, FOLLOW_UP_REASON_VOID) ||
               plan_was_suppressed(f, ARBITRATION_CASE_REOPENED)) {
        plan_again(p, f, &seed);
    } else {
        (void)plan_move(p, f, &seed);
    }
}

void plan_case_corrected(struct plan *p, int64_t service_case, const struct plan_case_now *now,
                         const struct zone *zone)
{
    for (size_t i = plan_index_first(&p->by_subject, service_case);
         now->is_known && i != PLAN_INDEX_END; i = plan_index_next(&p->by_subject, i)) {
        if (is_of_case(&p->list.items[i], service_case)) {
            follow(p, &p->list.items[i], now, zone);
        }
    }
}
