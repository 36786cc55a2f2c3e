/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/clock_json.h"

#include <jansson.h>

#include "common/domain/identifier.h"
#include "services/cli/cli_table.h"

static void put_text(json_t *json, const char *name, const char *text)
{
    (void)json_object_set_new(json, name, text ? json_string(text) : json_null());
}

static void put_int(json_t *json, const char *name, int64_t value)
{
    (void)json_object_set_new(json, name, json_integer(value));
}

/* An instant that is not set, or never comes, is null. */
static void put_instant(json_t *json, const char *name, int64_t us)
{
    const bool is_set = us != HISTORY_NO_TIME && us != CLOCK_NEVER;

    (void)json_object_set_new(json, name, is_set ? json_integer(us) : json_null());
}

static void put_bool(json_t *json, const char *name, bool value)
{
    (void)json_object_set_new(json, name, json_boolean(value));
}

static json_t *events_to_json(const struct promise_history *h, const struct clock_view *v)
{
    json_t *list = json_array();

    for (size_t i = 0; i < h->entry_count; i++) {
        const struct promise_history_effect *e = &v->effects[i];
        json_t *json = json_object();

        put_instant(json, "occurred_us", e->entry->occurred_us);
        put_instant(json, "received_us", e->entry->received_us);
        put_text(json, "what", promise_history_entry_name(e->entry));
        put_text(json, "staff", e->entry->staff);
        put_text(json, "effect", clock_rules_effect_name(e->effect));
        put_text(json, "because", e->because);
        (void)json_array_append_new(list, json);
    }
    return list;
}

static json_t *rows_to_json(const struct clock_view *v)
{
    json_t *list = json_array();

    for (size_t i = 0; i < v->row_count; i++) {
        const struct clock_view_row *r = &v->rows[i];
        json_t *json = json_object();

        put_text(json, "kind", clock_interval_kind_name(r->kind));
        put_instant(json, "from_us", r->from_us);
        put_instant(json, "to_us", r->to_us);
        put_int(json, "working_us", r->working_us);
        put_bool(json, "is_late", r->is_late);
        put_text(json, "why", r->why);
        put_text(json, "notice", r->notice);
        (void)json_array_append_new(list, json);
    }
    return list;
}

/* What depends on the terms. */
static json_t *view_to_json(const struct promise_history *h, const struct clock_view *v)
{
    json_t *json = json_object();

    put_text(json, "rule", v->terms.rule);
    put_text(json, "calendar", v->calendar_name);
    put_text(json, "zone", v->zone_name);
    put_int(json, "target_us", v->terms.target_us);
    put_instant(json, "due_us", v->due_us);
    put_instant(json, "until_us", v->until_us);
    put_instant(json, "stopped_us", v->stopped_us);
    put_int(json, "counted_us", v->counted_us);
    put_int(json, "remaining_us", v->terms.target_us - v->counted_us);
    put_int(json, "paused_us", v->paused_us);
    put_int(json, "closed_us", v->closed_us);
    put_bool(json, "is_paused", v->is_paused);
    put_text(json, "verdict", clock_view_verdict(h, v));
    put_bool(json, "adds_up", clock_view_adds_up(v));
    (void)json_object_set_new(json, "intervals", rows_to_json(v));
    return json;
}

static json_t *steps_to_json(const struct promise_history *h)
{
    json_t *list = json_array();

    for (size_t i = 0; i < h->step_count; i++) {
        const struct promise_history_step *s = &h->steps[i];
        json_t *json = json_object();

        put_int(json, "step", s->step);
        put_int(json, "clock_version", s->clock_version);
        put_instant(json, "due_us", s->due_us);
        put_instant(json, "taken_us", s->taken_us);
        put_text(json, "tell", s->tell);
        (void)json_array_append_new(list, json);
    }
    return list;
}

static json_t *other_to_json(const struct promise_history *h, const struct clock_other *other)
{
    const bool has_clock = other->is_promised && !h->is_due_fixed;
    json_t *json = has_clock ? view_to_json(h, other->view) : json_object();

    put_text(json, "standard_file", other->path);
    put_text(json, "standard_hash", other->hash);
    put_text(json, "rule", other->view->terms.rule);
    put_bool(json, "is_promised", other->is_promised);
    put_bool(json, "needs_tier", other->needs_tier);
    put_bool(json, "needs_texts", other->needs_texts);
    return json;
}

void clock_json_print(const struct promise_history *h, const struct clock_view *v,
                      const struct clock_other *other, FILE *out)
{
    json_t *json = view_to_json(h, v);
    char text[CLI_NAME_SIZE];

    put_text(json, "promise", identifier_format(IDENTIFIER_PROMISE, h->promise, text));
    put_text(json, "case", identifier_format(IDENTIFIER_CASE, h->service_case, text));
    put_text(json, "kind", h->kind);
    put_text(json, "state", cli_enum_text(&troth__v1__promise_state__descriptor, h->state, text));
    put_int(json, "standard_id", h->standard_id);
    put_text(json, "standard_hash", h->standard_hash);
    put_text(json, "tzdata", h->standard_tzdata);
    put_bool(json, "is_void", h->is_void);
    put_int(json, "clock_version", h->clock_version);
    put_instant(json, "made_us", h->made_us);
    put_instant(json, "done_us", h->done_us);
    put_instant(json, "due_us_of_intake", h->due_us);
    put_instant(json, "counted_us_of_intake", h->counted_us);
    put_bool(json, "agrees", clock_view_agrees(h, v));
    (void)json_object_set_new(json, "events", events_to_json(h, v));
    (void)json_object_set_new(json, "steps", steps_to_json(h));
    if (other) {
        (void)json_object_set_new(json, "what_if", other_to_json(h, other));
    }
    cli_put_json(json, out);
}
