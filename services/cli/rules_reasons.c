/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_reasons.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/calendar_parts.h"
#include "common/domain/identifier.h"
#include "common/domain/rulebook_terms.h"
#include "common/domain/rulebook_words.h"

/* Birthdays and festivals come once a year, a lunar one within 13 months. */
#define AHEAD_US (400 * DURATION_DAY)
#define BACK_US  (370 * DURATION_DAY) /* a window is shorter */
/* The scheduler and the command line may name an occurrence by different days. */
#define SAME_DAY_US (36 * DURATION_H)

enum {
    WHY_TEXT_SIZE = 128
};

enum why_rank { /* of reasons at one instant the one that says most is told, else the newest */
    WHY_NOTHING = 0,
    WHY_PAST,
    WHY_CONDITION,
    WHY_OTHER_RULE,
};

struct reason {
    json_t *follow_ups;
    bool has_next;
    struct rules_firing next; /* the first that is not planned yet */
    struct arbitration_verdict verdict;
    enum why_rank rank;
    int64_t why_at_us; /* of what happened: the newest counts */
    char why[WHY_TEXT_SIZE];
};

struct known {
    char topic[RULEBOOK_NAME_SIZE], occurrence[RULES_OCCURRENCE_SIZE];
    int64_t subject, due_us;
};

struct rules_reasons {
    const struct rulebook *book;
    struct rules_standing standing;
    struct reason *reasons; /* one for each rule */
    struct known *known;
    size_t known_count;
    /* of what is being added */
    const struct rules_happening *h;
    const struct zone *zone;
    struct reason *to;
    int64_t last_due_us; /* INT64_MIN: it was never due */
    bool is_planned;
};

struct rules_reasons *rules_reasons_new(const struct rulebook *b,
                                        const struct rules_standing *standing)
{
    struct rules_reasons *r = xcalloc(1, sizeof(*r));

    r->book = b;
    r->standing = *standing;
    r->reasons = xcalloc(rulebook_rule_count(b), sizeof(*r->reasons));
    for (size_t i = 0; i < rulebook_rule_count(b); i++) {
        r->reasons[i].follow_ups = json_array();
        r->reasons[i].why_at_us = INT64_MIN;
    }
    return r;
}

void rules_reasons_free(struct rules_reasons *r)
{
    if (r) {
        for (size_t i = 0; i < rulebook_rule_count(r->book); i++) {
            json_decref(r->reasons[i].follow_ups);
        }
        free(r->reasons);
        free(r->known);
        free(r);
    }
}

static struct reason *reason_of(const struct rules_reasons *r, const struct rulebook_rule *rule)
{
    return &r->reasons[rule - rulebook_rule(r->book, 0)];
}

/* ---- what has fired */

void rules_reasons_add_fired(struct rules_reasons *r, const struct rules_fired *f)
{
    const struct rulebook_rule *rule = rulebook_find(r->book, f->rule);
    char number[IDENTIFIER_TEXT_SIZE];
    struct known *known;

    r->known = xreallocarray(r->known, r->known_count + 1, sizeof(*r->known));
    known = &r->known[r->known_count++];
    *known = (struct known){.subject = f->subject, .due_us = f->due_us};
    (void)text_copy(known->topic, sizeof(known->topic), f->topic);
    (void)text_copy(known->occurrence, sizeof(known->occurrence), f->occurrence);
    if (rule) {
        json_array_append_new(reason_of(r, rule)->follow_ups,
                              json_pack("{s:s, s:s, s:s, s:I}", "number",
                                        identifier_format(IDENTIFIER_FOLLOW_UP, f->number, number),
                                        "state", f->state, "reason", f->reason, "due_us",
                                        (json_int_t)f->due_us));
    }
}

/* A device has a number of its own there: its services are known by their occurrence. */
static bool is_planned(const struct rules_reasons *r, const struct rules_firing *f)
{
    for (size_t i = 0; i < r->known_count; i++) {
        const struct known *k = &r->known[i];
        const int64_t apart_us =
            k->due_us > f->due_us ? k->due_us - f->due_us : f->due_us - k->due_us;
        const bool is_same = strcmp(k->occurrence, f->occurrence) == 0;

        if (strcmp(k->topic, f->rule->topic) == 0 &&
            (r->h->source == RULES_READINGS
                 ? is_same
                 : k->subject == f->subject && (is_same || apart_us <= SAME_DAY_US))) {
            return true;
        }
    }
    return false;
}

/* ---- what would fire */

static void arbitrate_next(const struct rules_reasons *r, struct reason *to)
{
    const struct rules_standing *s = &r->standing;
    const struct rulebook_rule *rule = to->next.rule;
    const int64_t now_us = to->next.due_us > s->now_us ? to->next.due_us : s->now_us;
    const bool is_now = now_us == s->now_us;
    const struct arbitration_question q = {
        .now_us = now_us,
        .due_us = to->next.due_us,
        .window_end_us = to->next.window_end_us,
        .purpose = rule->purpose,
        .priority = rule->priority,
        .channels = rule->channels,
        .channel_count = rule->channel_count,
        .is_erased = s->is_erased,
        .do_not_call = r->h->do_not_call,
        .refusals = r->h->refusals,
        .consents = r->h->consents,
        .has_phone = r->h->has_phone,
        .has_email = r->h->has_email,
        .zone = r->zone,
        .last_refusal_us = s->last_refusal_us,
        /* What counts now need not count when it is due. */
        .orders_day = is_now ? s->orders_day : 0,
        .orders_week = now_us < s->frees_week_us ? s->orders_week : 0,
        .orders_month = now_us < s->frees_month_us ? s->orders_month : 0,
        .budget_frees_day_us = s->frees_day_us,
        .budget_frees_week_us = s->frees_week_us,
        .budget_frees_month_us = s->frees_month_us,
        .has_open_complaint = s->has_open_complaint,
        .has_broken_promise = s->has_broken_promise,
    };

    arbitrate(rulebook_limits(r->book), &q, &to->verdict);
}

static void on_firing(void *ctx, const struct rules_firing *f)
{
    struct rules_reasons *r = ctx;

    r->last_due_us = f->due_us > r->last_due_us ? f->due_us : r->last_due_us;
    if (is_planned(r, f)) {
        r->is_planned = true;
        return;
    }
    if (f->window_end_us <= r->standing.now_us ||
        (r->to->has_next && r->to->next.due_us <= f->due_us)) {
        return;
    }
    r->to->has_next = true;
    r->to->next = *f;
    arbitrate_next(r, r->to);
}

/* ---- why not */

static void set_why(struct reason *to, enum why_rank rank, int64_t at_us, const char *why)
{
    if (to->rank == WHY_NOTHING || at_us > to->why_at_us ||
        (at_us == to->why_at_us && rank >= to->rank)) {
        to->rank = rank;
        to->why_at_us = at_us;
        (void)text_copy(to->why, sizeof(to->why), why);
    }
}

/* "tier": what the rule asks for, "tier gold". */
static void describe_why(const struct rulebook_rule *rule, const char *why,
                         char ret_text[WHY_TEXT_SIZE])
{
    struct text t = {.data = NULL};

    for (unsigned i = 0; i < RULEBOOK_CONDITION_COUNT; i++) {
        if (strcmp(rulebook_term_name((enum rulebook_term)i), why) == 0) {
            rulebook_term_describe(rule, (enum rulebook_term)i, &t);
        }
    }
    (void)text_format(ret_text, WHY_TEXT_SIZE, t.len > 0 ? "not %s" : "%s is tried before it",
                      t.len > 0 ? t.data : why);
    text_free(&t);
}

static void tell_past(struct rules_reasons *r, int64_t at_us)
{
    char day[CALENDAR_DAY_TEXT_SIZE];
    char why[WHY_TEXT_SIZE];
    struct civil_time local;

    if (r->last_due_us != INT64_MIN && !r->is_planned) {
        zone_from_instant(r->zone, r->last_due_us, &local);
        (void)text_format(why, sizeof(why), "was due on %s, and was not planned then",
                          calendar_day_format(civil_to_days(local.date), day));
        set_why(r->to, WHY_PAST, at_us, why);
    }
}

void rules_reasons_add(struct rules_reasons *r, const struct rulebook_rule *rule,
                       const struct rules_happening *h, const struct zone *zone)
{
    const int64_t now_us = r->standing.now_us;
    const bool is_ahead = h->source == RULES_CUSTOMERS || h->source == RULES_READINGS;
    const int64_t range_us[2] = {now_us - (is_ahead ? rule->window_us : BACK_US),
                                 now_us + AHEAD_US};
    char why[RULES_WHY_SIZE];
    char text[WHY_TEXT_SIZE];

    r->h = h;
    r->zone = zone;
    r->to = reason_of(r, rule);
    r->last_due_us = INT64_MIN;
    r->is_planned = false;
    if (rules_fire_takes(r->book, rule, h, why)) {
        rules_fire(rule, h, zone, range_us, on_firing, r);
        tell_past(r, h->at_us);
        return;
    }
    describe_why(rule, why, text);
    set_why(r->to, strncmp(why, "rule ", 5) == 0 ? WHY_OTHER_RULE : WHY_CONDITION, h->at_us, text);
}

/* ---- telling */

static json_t *next_json(const struct reason *reason)
{
    static const char *const steps[] = {"", "call", "merge", "defer", "suppress", "miss", "list"};
    const struct arbitration_verdict *v = &reason->verdict;
    const bool is_call = v->step == ARBITRATION_CALL;
    json_t *next =
        json_pack("{s:I, s:I, s:s, s:s?, s:s?, s:n}", "due_us", (json_int_t)reason->next.due_us,
                  "window_end_us", (json_int_t)reason->next.window_end_us, "step", steps[v->step],
                  "reason", is_call ? NULL : v->reason, "channel",
                  is_call ? rulebook_word(RULEBOOK_CHANNELS, v->channel) : NULL, "until_us");

    if (reason->next.early_us != DB_NO_TIME) {
        json_object_set_new(next, "early_us", json_integer(reason->next.early_us));
        json_object_set_new(next, "late_us",
                            reason->next.late_us < USAGE_NEVER ? json_integer(reason->next.late_us)
                                                               : json_null());
    }
    if (v->step == ARBITRATION_DEFER) {
        json_object_set_new(next, "until_us", json_integer(v->until_us));
    }
    return next;
}

json_t *rules_reasons_make(const struct rules_reasons *r)
{
    json_t *all = json_array();

    for (size_t i = 0; i < rulebook_rule_count(r->book); i++) {
        const struct rulebook_rule *rule = rulebook_rule(r->book, i);
        const struct reason *reason = &r->reasons[i];
        const bool is_told = reason->has_next || json_array_size(reason->follow_ups) > 0;
        const char *why =
            reason->rank == WHY_NOTHING ? "nothing of that kind happened" : reason->why;

        json_array_append_new(all, json_pack("{s:s, s:s, s:O, s:o, s:s?}", "rule", rule->name,
                                             "trigger", follow_up_trigger_name(rule->trigger),
                                             "follow_ups", reason->follow_ups, "next",
                                             reason->has_next ? next_json(reason) : json_null(),
                                             "why_not", is_told ? NULL : why));
    }
    return all;
}
