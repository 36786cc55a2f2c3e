/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/rules_tally.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/xalloc.h"
#include "common/domain/arbitration.h"
#include "common/domain/calendar_parts.h"

enum { /* Channel */
    CALL = 1,
    PERSON = 4,
    DEFERS_MAX = 8, /* quiet hours, then a day without calls, ...: what is left then is missed */
};

enum fate {
    FATE_CALL = 1,
    FATE_MESSAGE,
    FATE_SUPPRESSED,
    FATE_MISSED,
    FATE_LISTED,
};

struct entry {
    struct rules_firing firing;
    enum fate fate;
    const char *reason; /* of suppressed */
    int64_t day;        /* on which it is held */
};

struct rules_tally {
    const struct rulebook *book;
    int64_t first_day, last_day;
    struct entry *entries;
    size_t count, capacity;
    /* of the one that is being added */
    const struct rules_happening *h;
    const struct zone *zone;
};

struct rules_tally *rules_tally_new(const struct rulebook *b, int64_t first_day, int64_t last_day)
{
    struct rules_tally *t = xcalloc(1, sizeof(*t));

    t->book = b;
    t->first_day = first_day;
    t->last_day = last_day;
    return t;
}

void rules_tally_free(struct rules_tally *t)
{
    if (t) {
        free(t->entries);
        free(t);
    }
}

/* ---- one follow-up */

static int64_t local_day(const struct zone *zone, int64_t us)
{
    struct civil_time local;

    zone_from_instant(zone, us, &local);
    return civil_to_days(local.date);
}

static void decide(const struct rules_tally *t, struct entry *e)
{
    const struct rulebook_rule *r = e->firing.rule;
    const struct rules_happening *h = t->h;
    struct arbitration_question q = {
        .now_us = e->firing.due_us,
        .due_us = e->firing.due_us,
        .window_end_us = e->firing.window_end_us,
        .purpose = r->purpose,
        .priority = r->priority,
        .channels = r->channels,
        .channel_count = r->channel_count,
        .do_not_call = h->do_not_call,
        .refusals = h->refusals,
        .consents = h->consents,
        .has_phone = h->has_phone,
        .has_email = h->has_email,
        .zone = t->zone,
        .last_refusal_us = INT64_MIN,
    };
    struct arbitration_verdict v = {.step = ARBITRATION_DEFER};

    for (int i = 0; i < DEFERS_MAX; i++) {
        arbitrate(rulebook_limits(t->book), &q, &v);
        if (v.step != ARBITRATION_DEFER) {
            break;
        }
        q.now_us = v.until_us;
    }
    e->day = local_day(t->zone, q.now_us);
    e->fate = FATE_MISSED;
    if (v.step == ARBITRATION_CALL) {
        e->fate = v.channel == CALL || v.channel == PERSON ? FATE_CALL : FATE_MESSAGE;
    } else if (v.step == ARBITRATION_SUPPRESS) {
        e->fate = FATE_SUPPRESSED;
        e->reason = v.reason;
    } else if (v.step == ARBITRATION_LIST) {
        e->fate = FATE_LISTED;
    }
}

static void add_entry(void *ctx, const struct rules_firing *firing)
{
    struct rules_tally *t = ctx;

    if (t->count == t->capacity) {
        t->capacity = t->capacity ? 2 * t->capacity : 256;
        t->entries = xreallocarray(t->entries, t->capacity, sizeof(*t->entries));
    }
    t->entries[t->count] = (struct entry){.firing = *firing};
    decide(t, &t->entries[t->count++]);
}

void rules_tally_add(struct rules_tally *t, const struct rulebook_rule *r,
                     const struct rules_happening *h, const struct zone *zone,
                     const int64_t range_us[2])
{
    if (rules_fire_takes(t->book, r, h, NULL)) {
        t->h = h;
        t->zone = zone;
        rules_fire(r, h, zone, range_us, add_entry, t);
    }
}

/* ---- each occurrence once */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_occurrence(const void *a, const void *b)
{
    const struct rules_firing *x = &((const struct entry *)a)->firing;
    const struct rules_firing *y = &((const struct entry *)b)->firing;
    int order = strcmp(x->rule->topic, y->rule->topic);

    order = order ? order : compare_numbers(x->subject, y->subject);
    order = order ? order : strcmp(x->occurrence, y->occurrence);
    order = order ? order : compare_numbers(x->due_us, y->due_us);
    return order ? order : compare_numbers(x->rule - y->rule, 0);
}

static bool is_same(const struct rules_firing *x, const struct rules_firing *y)
{
    return x->subject == y->subject && strcmp(x->occurrence, y->occurrence) == 0 &&
           strcmp(x->rule->topic, y->rule->topic) == 0;
}

static void drop_repeated(struct rules_tally *t, int64_t due_from_us)
{
    size_t kept = 0;
    const struct rules_firing *last = NULL;
    struct rules_firing copy;

    if (t->count > 0) {
        qsort(t->entries, t->count, sizeof(*t->entries), by_occurrence);
    }
    for (size_t i = 0; i < t->count; i++) {
        const bool is_new = !last || !is_same(last, &t->entries[i].firing);

        copy = t->entries[i].firing;
        last = &copy;
        if (is_new && copy.due_us >= due_from_us) {
            t->entries[kept++] = t->entries[i];
        }
    }
    t->count = kept;
}

/* ---- days */

/* The urgent one leads the call; of equals the one that was due first. */
static int by_day(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    int order = compare_numbers(x->day, y->day);

    order = order ? order : compare_numbers(x->fate, y->fate);
    order = order ? order : compare_numbers(x->firing.customer, y->firing.customer);
    order = order ? order : x->firing.rule->priority - y->firing.rule->priority;
    order = order ? order : compare_numbers(x->firing.due_us, y->firing.due_us);
    return order ? order : by_occurrence(a, b);
}

static void add(json_t *object, const char *name, json_int_t more)
{
    const json_int_t before = json_integer_value(json_object_get(object, name));

    json_object_set_new(object, name, json_integer(before + more));
}

static json_t *new_day(int64_t day)
{
    char text[CALENDAR_DAY_TEXT_SIZE];

    return json_pack("{s:s, s:i, s:i, s:i, s:b, s:{}}", "day", calendar_day_format(day, text),
                     "calls", 0, "merged", 0, "messages", 0, "is_over", 0, "rules");
}

static json_t *new_rule(const struct rulebook_rule *r)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:{}, s:n, s:i}", "rule", r->name,
                     "due", 0, "calls", 0, "merged", 0, "messages", 0, "missed", 0, "listed", 0,
                     "later", 0, "suppressed", "busiest_day", "busiest", 0);
}

static void count_held(json_t *rule, json_t *day, const struct entry *e, bool is_merged)
{
    const char *what = is_merged ? "merged" : e->fate == FATE_CALL ? "calls" : "messages";
    json_t *rules = json_object_get(day, "rules");
    const char *name = e->firing.rule->name;
    json_int_t on_day;

    add(rule, what, 1);
    add(day, what, 1);
    if (is_merged) {
        return;
    }
    add(rules, name, 1);
    on_day = json_integer_value(json_object_get(rules, name));
    if (on_day > json_integer_value(json_object_get(rule, "busiest"))) {
        json_object_set_new(rule, "busiest", json_integer(on_day));
        json_object_set(rule, "busiest_day", json_object_get(day, "day"));
    }
}

static void count_entry(const struct rules_tally *t, json_t *rules, json_t *days, size_t i)
{
    const struct entry *e = &t->entries[i];
    const struct entry *before = i > 0 ? &t->entries[i - 1] : NULL;
    json_t *rule = NULL;
    const bool is_merged = e->fate == FATE_CALL && before && before->fate == FATE_CALL &&
                           before->day == e->day && before->firing.customer == e->firing.customer;

    for (size_t k = 0; k < rulebook_rule_count(t->book); k++) {
        if (rulebook_rule(t->book, k) == e->firing.rule) {
            rule = json_array_get(rules, k);
        }
    }
    add(rule, "due", 1);
    if (e->fate == FATE_SUPPRESSED) {
        add(json_object_get(rule, "suppressed"), e->reason, 1);
    } else if (e->fate == FATE_MISSED) {
        add(rule, "missed", 1);
    } else if (e->fate == FATE_LISTED) {
        add(rule, "listed", 1);
    } else if (e->day > t->last_day || e->day < t->first_day) {
        add(rule, "later", 1);
    } else {
        count_held(rule, json_array_get(days, (size_t)(e->day - t->first_day)), e, is_merged);
    }
}

static void add_totals(json_t *all, int64_t capacity)
{
    json_int_t calls = 0, busiest = 0, over = 0;
    size_t i;
    json_t *day;

    json_array_foreach(json_object_get(all, "days"), i, day)
    {
        const json_int_t on_day = json_integer_value(json_object_get(day, "calls"));
        const bool is_over = capacity > 0 && on_day > capacity;

        calls += on_day;
        busiest = on_day > busiest ? on_day : busiest;
        over += is_over ? 1 : 0;
        json_object_set_new(day, "is_over", json_boolean(is_over));
    }
    json_object_set_new(all, "calls", json_integer(calls));
    json_object_set_new(all, "busiest", json_integer(busiest));
    json_object_set_new(all, "days_over", json_integer(over));
    json_object_set_new(all, "capacity", capacity > 0 ? json_integer(capacity) : json_null());
}

json_t *rules_tally_make(struct rules_tally *t, int64_t due_from_us, int64_t capacity)
{
    json_t *days = json_array();
    json_t *rules = json_array();
    char from[CALENDAR_DAY_TEXT_SIZE];
    char to[CALENDAR_DAY_TEXT_SIZE];
    json_t *all =
        json_pack("{s:s, s:s, s:o, s:o}", "from", calendar_day_format(t->first_day, from), "to",
                  calendar_day_format(t->last_day, to), "days", days, "rules", rules);

    for (int64_t day = t->first_day; day <= t->last_day; day++) {
        json_array_append_new(days, new_day(day));
    }
    for (size_t i = 0; i < rulebook_rule_count(t->book); i++) {
        json_array_append_new(rules, new_rule(rulebook_rule(t->book, i)));
    }
    drop_repeated(t, due_from_us);
    if (t->count > 0) {
        qsort(t->entries, t->count, sizeof(*t->entries), by_day);
    }
    for (size_t i = 0; i < t->count; i++) {
        count_entry(t, rules, days, i);
    }
    add_totals(all, capacity);
    return all;
}
