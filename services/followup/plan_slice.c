/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/plan_slice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/followup/plan_customer.h"
#include "services/followup/plan_events.h"

/* The longest texts of a candidate many times over. */
#define TEXT_BUDGET ((size_t)PLAN_SLICE_ROWS_MAX * 2048)

struct plan_slice *plan_slice_new(void)
{
    struct plan_slice *s = xcalloc(1, sizeof(*s));
    s->arena = arena_new(TEXT_BUDGET);
    plan_keys_init(&s->customers);
    plan_keys_init(&s->subjects);
    plan_keys_init(&s->none);
    return s;
}

void plan_slice_free(struct plan_slice *s)
{
    if (s) {
        arena_free(s->arena);
        plan_keys_free(&s->customers);
        plan_keys_free(&s->subjects);
        plan_keys_free(&s->none);
        free(s);
    }
}

/* ---- what */

static void choose_improvement(struct plan_slice *s, const struct db_rows *rows)
{
    s->is_improvement = true;
    for (size_t i = 0; i < db_row_count(rows) && s->place_count < PLAN_SLICE_PLACES_MAX; i++) {
        struct plan_improvement improvement;
        struct plan_round_place place;
        plan_round_store_get_open(rows, i, &place, &improvement);
        if (i > 0 && improvement.number != s->improvement.number) {
            return;
        }
        s->improvement = improvement;
        s->places[s->place_count++] = place;
    }
}

static int trigger_of(const struct rulebook *rules, const char *topic)
{
    for (size_t i = 0; i < rulebook_rule_count(rules); i++) {
        const struct rulebook_rule *r = rulebook_rule(rules, i);
        if (strcmp(r->topic, topic) == 0) {
            return r->trigger;
        }
    }
    return 0;
}

static void choose_day(struct plan_slice *s, const struct rulebook *rules,
                       const struct db_rows *rows)
{
    s->is_improvement = false;
    for (size_t i = 0; i < db_row_count(rows) && s->place_count < PLAN_SLICE_PLACES_MAX; i++) {
        struct plan_round_place place;
        const char *topic = plan_round_store_get_behind(rows, i, &place);
        if (i > 0 &&
            (place.planned_until != s->places[0].planned_until || strcmp(topic, s->topic) != 0)) {
            return;
        }
        (void)text_copy(s->topic, sizeof(s->topic), topic);
        s->trigger = trigger_of(rules, topic);
        s->day = civil_from_days(place.planned_until + 1);
        s->places[s->place_count++] = place;
    }
}

bool plan_slice_choose(struct plan_slice *s, const struct rulebook *rules,
                       const struct db_rows *improvements, const struct db_rows *behind)
{
    s->place_count = s->count = 0;
    if (db_row_count(improvements) > 0) {
        choose_improvement(s, improvements);
    } else {
        choose_day(s, rules, behind);
    }
    return s->place_count > 0;
}

/* ---- who */

bool plan_slice_put(const struct plan_slice *s, struct db *db, const struct rulebook *rules)
{
    struct plan_day_date dates[PLAN_DAY_DATES_MAX];
    struct plan_day_span spans[PLAN_DAY_SPANS_MAX];
    if (s->is_improvement) {
        plan_round_store_put_reporters(db, s->improvement.number, s->places, s->place_count,
                                       PLAN_SLICE_ROWS_MAX);
        return true;
    }
    if (!plan_day_is_on(rules, s->topic, s->day)) {
        return false;
    }
    switch (s->trigger) {
    case FOLLOW_UP_ON_BIRTHDAY:
        plan_round_store_put_birthdays(db, s->places, s->place_count, dates,
                                       plan_day_birthdays(s->day, dates), PLAN_SLICE_ROWS_MAX);
        return true;
    case FOLLOW_UP_ON_FESTIVAL:
        plan_round_store_put_everybody(db, s->places, s->place_count, PLAN_SLICE_ROWS_MAX);
        return true;
    case FOLLOW_UP_ON_SILENCE:
        plan_round_store_put_silent(db, s->places, s->place_count, spans,
                                    plan_day_spans(rules, s->topic, s->day, spans),
                                    PLAN_SLICE_ROWS_MAX);
        return true;
    case FOLLOW_UP_ON_SERVICE_DUE:
        plan_round_store_put_purchases(db, s->places, s->place_count, spans,
                                       plan_day_spans(rules, s->topic, s->day, spans),
                                       PLAN_SLICE_ROWS_MAX);
        return true;
    default:
        return false;
    }
}

/* A text that does not fit is not known: no rule that asks for it matches. */
static void keep_text(struct plan_slice *s, const char **text)
{
    *text = text_is_empty(*text) ? NULL : arena_copy_text(s->arena, *text);
}

void plan_slice_load(struct plan_slice *s, const struct db_rows *rows)
{
    arena_reset(s->arena);
    plan_keys_clear(&s->customers);
    plan_keys_clear(&s->subjects);
    s->count = 0;
    for (size_t i = 0; i < db_row_count(rows) && i < PLAN_SLICE_ROWS_MAX; i++) {
        struct plan_candidate *c = &s->candidates[s->count];
        if (s->is_improvement) {
            plan_round_store_get_reporter(rows, i, c, &s->reporters[s->count]);
            keep_text(s, &s->reporters[s->count].category);
        } else {
            plan_round_store_get_candidate(rows, i, c);
        }
        keep_text(s, &c->zone_name);
        keep_text(s, &c->tier);
        keep_text(s, &c->product);
        keep_text(s, &c->branch);
        plan_keys_add(&s->customers, c->customer);
        plan_keys_add(&s->subjects, c->number);
        s->count++;
    }
}

void plan_slice_put_rows(const struct plan_slice *s, struct db *db)
{
    plan_store_put_rows(db, &s->none, &s->customers, &s->subjects);
}

/* ---- plan */

static void plan_reporter(struct plan_slice *s, struct plan *p, size_t i)
{
    const struct plan_candidate *c = &s->candidates[i];
    const struct plan_reporter *r = &s->reporters[i];
    const struct rulebook_facts facts = {
        .trigger = FOLLOW_UP_ON_IMPROVEMENT,
        .kind = plan_event_kind(r->kind),
        .category = r->category,
        .product = c->product,
        .branch = c->branch,
        .tier = c->tier,
        .priority = r->priority,
        .score = (double)NAN,
        .churn = (double)NAN,
    };
    const struct plan_customer_report report = {
        .customer = c->customer,
        .service_case = r->service_case,
        .improvement = s->improvement.number,
        .shipped_us = s->improvement.shipped_us,
        .is_historical = s->improvement.is_historical,
        .branch = c->branch,
    };
    plan_customer_improved(p, &report, &facts, c->zone);
}

void plan_slice_plan(struct plan_slice *s, struct plan *p, struct zone_shelf *zones,
                     const struct branch_zones *branches)
{
    const char *usual = rulebook_limits(p->rules)->usual_zone;
    for (size_t i = 0; i < s->count; i++) {
        struct plan_candidate *c = &s->candidates[i];
        c->zone = zone_shelf_find(zones, c->zone_name);
        c->zone =
            c->zone ? c->zone : zone_shelf_find(zones, branch_zones_find(branches, c->branch));
        c->zone = c->zone ? c->zone : zone_shelf_find(zones, usual);
        if (s->is_improvement) {
            plan_reporter(s, p, i);
        } else {
            plan_day_candidate(p, s->topic, s->day, c);
        }
    }
}

/* A full slice ends in the bucket of its last row, and leaves what comes after it as it was. */
void plan_slice_put_done(const struct plan_slice *s, struct db *db, int64_t now_us)
{
    size_t done = s->place_count;
    int64_t after = 0;
    if (s->count == PLAN_SLICE_ROWS_MAX) {
        after = s->candidates[s->count - 1].number;
        done = 0;
        while (s->places[done++].bucket != identifier_bucket(after)) {
            if (done == s->place_count) {
                BUG("a round looked at a bucket that it was not asked about");
            }
        }
    }
    if (s->is_improvement) {
        plan_round_store_put_told(db, s->improvement.number, s->places, done, after, now_us);
    } else {
        plan_round_store_put_advance(db, s->topic, s->places, done, after);
    }
}
