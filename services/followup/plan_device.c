/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_device.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/followup/followup_step_store.h"

/* A forecast says another instant with every reading; only another day is worth writing. */
#define SLACK_US DURATION_DAY

static bool is_by_counter(const struct rulebook_measure *m)
{
    return m->every_km > 0 || m->every_usage > 0;
}

bool plan_device_has_rules(const struct rulebook *rules)
{
    for (size_t i = 0; i < rulebook_rule_count(rules); i++) {
        const struct rulebook_rule *r = rulebook_rule(rules, i);
        if (r->trigger == FOLLOW_UP_ON_SERVICE_DUE &&
            (r->measure.on_fault || is_by_counter(&r->measure))) {
            return true;
        }
    }
    return false;
}

/* The first rule of a topic that matches and is of that sort: by fault, or by a counter. */
static const struct rulebook_rule *match(const struct rulebook *rules, const char *topic,
                                         const struct rulebook_facts *facts, bool is_fault)
{
    for (size_t i = 0; i < rulebook_rule_count(rules); i++) {
        const struct rulebook_rule *r = rulebook_rule(rules, i);
        bool is_sort = is_fault ? r->measure.on_fault : is_by_counter(&r->measure);
        if (is_sort && strcmp(r->topic, topic) == 0 && rulebook_matches(r, facts, NULL)) {
            return r;
        }
    }
    return NULL;
}

/* ---- faults */

void plan_device_fault(struct plan *p, const struct plan_signal *s,
                       const struct rulebook_facts *facts, const struct zone *zone)
{
    char occurrence[FOLLOW_UP_OCCURRENCE_SIZE];
    const char *topic;
    const struct plan_seed seed = {
        .trigger = FOLLOW_UP_ON_SERVICE_DUE,
        .customer = s->customer,
        .subject = s->signal,
        .occurrence = occurrence,
        .zone = zone,
        .anchor_us = s->occurred_us,
        .latest_us = INT64_MAX,
        .is_historical = s->is_historical,
    };
    (void)text_format(occurrence, sizeof(occurrence), "fault %s",
                      s->fault_code ? s->fault_code : "");
    for (size_t i = 0; s->fault_code && (topic = plan_next_topic(p, seed.trigger, &i));) {
        const struct rulebook_rule *r = match(p->rules, topic, facts, true);
        if (r && !s->is_repeat && !plan_find(p, topic, s->signal, occurrence)) {
            struct rulebook_rule at_once = *r;
            at_once.measure.lead_us = 0; /* a fault is there already */
            (void)plan_add(p, &at_once, &seed);
        }
    }
    if (s->is_void) {
        plan_void(p, FOLLOW_UP_ON_SERVICE_DUE, s->signal);
    }
}

/* ---- counters */

int64_t plan_device_number(struct bytes device, int64_t customer)
{
    uint64_t n = bytes_hash64(device) & (uint64_t)(INT64_MAX - 0xff);
    return (int64_t)n | identifier_bucket(customer);
}

static bool forecast(const struct plan *p, const struct plan_device *d,
                     const struct rulebook_measure *m, struct usage_forecast *ret)
{
    bool is_km = m->every_km > 0;
    bool is_unit = d->usage_unit && m->usage_unit && strcmp(d->usage_unit, m->usage_unit) == 0;
    const struct usage_question q = {
        .readings = is_km ? d->km : d->usage,
        .count = is_km ? d->km_count : d->usage_count,
        .every = is_km ? m->every_km : m->every_usage,
        .now_us = p->now_us,
    };
    return (is_km || is_unit) && q.count > 0 && usage_forecast_make(&q, ret, NULL) == 0;
}

static int64_t service_of(const struct follow_up *f, const char *prefix)
{
    size_t len = strlen(prefix);
    int64_t n = 0;
    if (strncmp(f->occurrence, prefix, len) != 0 ||
        text_to_int64(f->occurrence + len, 1, INT64_MAX, &n) < 0) {
        return 0;
    }
    return n;
}

/* Follow-ups of earlier services of this device that nobody was called for: they are due now. */
static void hurry_reached(struct plan *p, const struct plan_seed *seed,
                          const struct rulebook_rule *r, const char *prefix,
                          const struct usage_forecast *next)
{
    for (size_t i = plan_index_first(&p->by_subject, seed->subject); i != PLAN_INDEX_END;
         i = plan_index_next(&p->by_subject, i)) {
        struct follow_up *f = &p->list.items[i];
        int64_t service = service_of(f, prefix);
        struct plan_seed now = *seed;
        now.slack_us = 0;
        now.anchor_us = next->newest_us + r->measure.lead_us;
        if (service > 0 && service < next->service && strcmp(f->topic, r->topic) == 0 &&
            f->due_us > p->now_us && plan_move(p, f, &now)) {
            plan_note_of(p, f)->step = FOLLOWUP_STEP_FORECAST;
            (void)text_copy(plan_note_of(p, f)->why, FOLLOW_UP_REASON_SIZE, "reached");
        }
    }
}

/* When it is reached, 8 times of 10: "reached 2026-09-21..2026-10-11", in the customer's zone. */
static void tell_forecast(struct plan *p, const struct follow_up *f,
                          const struct usage_forecast *next, const struct zone *zone)
{
    struct plan_note *note = plan_note_of(p, f);
    struct civil_time early;
    struct civil_time late;
    char until[FOLLOW_UP_REASON_SIZE] = "";
    zone_from_instant(zone, next->early_us, &early);
    if (next->late_us < USAGE_NEVER) {
        zone_from_instant(zone, next->late_us, &late);
        (void)text_format(until, sizeof(until), "%04d-%02d-%02d", late.date.year, late.date.month,
                          late.date.day);
    }
    note->step = FOLLOWUP_STEP_FORECAST;
    (void)text_format(note->why, sizeof(note->why), "reached %04d-%02d-%02d..%s", early.date.year,
                      early.date.month, early.date.day, until);
}

/* Not before now, however short the time that is left. */
static int64_t at_best(const struct plan *p, const struct rulebook_rule *r, int64_t likely_us)
{
    int64_t first_us = p->now_us + r->measure.lead_us;
    return likely_us > first_us ? likely_us : first_us;
}

void plan_device_used(struct plan *p, const struct plan_device *d,
                      const struct rulebook_facts *facts, const struct zone *zone)
{
    char occurrence[FOLLOW_UP_OCCURRENCE_SIZE];
    const char *topic;
    struct plan_seed seed = {
        .trigger = FOLLOW_UP_ON_SERVICE_DUE,
        .customer = d->customer,
        .subject = d->device,
        .occurrence = occurrence,
        .zone = zone,
        .latest_us = INT64_MAX,
        .slack_us = SLACK_US,
    };
    for (size_t i = 0; (topic = plan_next_topic(p, seed.trigger, &i));) {
        const struct rulebook_rule *r = match(p->rules, topic, facts, false);
        struct usage_forecast next;
        if (!r || !forecast(p, d, &r->measure, &next)) {
            continue;
        }
        const char *prefix = r->measure.every_km > 0 ? "km " : "usage ";
        (void)text_format(occurrence, sizeof(occurrence), "%s%lld", prefix,
                          (long long)next.service);
        hurry_reached(p, &seed, r, prefix, &next);
        seed.anchor_us = at_best(p, r, next.likely_us);
        struct follow_up *f = plan_find(p, topic, seed.subject, occurrence);
        bool is_other = f && f->due_us > p->now_us && plan_move(p, f, &seed);
        if (!f && next.likely_us < USAGE_NEVER) {
            f = plan_add(p, r, &seed);
            is_other = true;
        }
        if (is_other) {
            tell_forecast(p, f, &next, zone);
        }
    }
}
