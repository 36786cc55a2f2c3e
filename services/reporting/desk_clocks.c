/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_clocks.c - where the time of each promise of a case went, and why: the same intervals that
 * `troth clock` shows, for they are made by the same functions from the same rows.
 *
 * 1. which promises the case has
 * 2. each one's history, in one reading
 * 3. the standards they were made under are read once each; nothing is stored
 */
#include <string.h>

#include "common/base/arena.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/clock_translate.h"
#include "common/domain/clock_view.h"
#include "common/domain/identifier.h"
#include "common/runtime/message_field.h"
#include "common/store/promise_history_store.h"
#include "services/reporting/desk_store.h"
#include "services/reporting/desk_visit.h"

enum {
    /* Of one promise, and of all together: a case that is open for years has every night. */
    INTERVALS_MOST = 1000,
    INTERVALS_OF_ALL = 5000,
};
#define ARENA_BYTES ((size_t)64 << 20)

struct clocks {
    int64_t promises[DESK_PROMISES];
    size_t count;
    bool has_more;
    /* Each standard is read once: promises of a case have mostly the same few. */
    struct {
        struct standard *standard;
        int32_t id;
    } read[DESK_PROMISES];
    size_t read_count;
};

static void free_clocks(void *data)
{
    struct clocks *c = data;

    for (size_t i = 0; i < c->read_count; i++) {
        standard_free(c->read[i].standard);
    }
    free(c);
}

/* ---- as JSON */

static void put_text(json_t *json, const char *name, const char *text)
{
    if (!text_is_empty(text)) {
        (void)json_object_set_new(json, name, json_string(text));
    }
}

static void put_int(json_t *json, const char *name, int64_t value)
{
    (void)json_object_set_new(json, name, json_integer(value));
}

/* An instant that is not set, or never comes, is left out. */
static void put_instant(json_t *json, const char *name, int64_t us)
{
    if (us != HISTORY_NO_TIME && us != CLOCK_NEVER) {
        put_int(json, name, us);
    }
}

static void put_bool(json_t *json, const char *name, bool value)
{
    (void)json_object_set_new(json, name, json_boolean(value));
}

static json_t *interval_to_json(const struct clock_view_row *r, const char *language)
{
    json_t *json = json_object();
    char words[CLOCK_WORDS_SIZE];

    put_text(json, "kind", clock_interval_kind_name(r->kind));
    put_instant(json, "from_us", r->from_us);
    put_instant(json, "to_us", r->to_us);
    put_int(json, "working_us", r->working_us);
    put_bool(json, "is_counted", r->kind == CLOCK_INTERVAL_COUNTED);
    put_bool(json, "is_late", r->is_late);
    put_text(json, "why", r->why);
    put_text(json, "words", clock_translate(language, r->why, words));
    put_text(json, "notice", r->notice);
    return json;
}

/* The newest of them. */
static void put_intervals(json_t *json, const struct clock_view *v, size_t most,
                          const char *language)
{
    json_t *list = json_array();
    const size_t left_out = v->row_count > most ? v->row_count - most : 0;

    for (size_t i = left_out; i < v->row_count; i++) {
        (void)json_array_append_new(list, interval_to_json(&v->rows[i], language));
    }
    (void)json_object_set_new(json, "intervals", list);
    if (left_out > 0) {
        put_int(json, "intervals_left_out", (int64_t)left_out);
    }
}

static json_t *steps_to_json(const struct promise_history *h, const char *language)
{
    json_t *list = json_array();
    char words[CLOCK_WORDS_SIZE];

    for (size_t i = 0; i < h->step_count; i++) {
        const struct promise_history_step *s = &h->steps[i];
        json_t *json = json_object();

        put_instant(json, "at_us", s->taken_us);
        put_instant(json, "due_us", s->due_us);
        put_int(json, "percent", s->step);
        put_text(json, "words", clock_translate_step(language, s->step, s->tell, words));
        (void)json_array_append_new(list, json);
    }
    return list;
}

/* What happened, and what each thing did to this clock. */
static json_t *events_to_json(const struct promise_history *h, const struct clock_view *v,
                              const char *language)
{
    json_t *list = json_array();
    char words[CLOCK_WORDS_SIZE];
    const size_t begin = h->entry_count > INTERVALS_MOST ? h->entry_count - INTERVALS_MOST : 0;

    for (size_t i = begin; i < h->entry_count; i++) {
        const struct promise_history_effect *e = &v->effects[i];
        json_t *json = json_object();

        put_instant(json, "at_us", e->entry->occurred_us);
        put_text(json, "what", promise_history_entry_name(e->entry));
        put_text(json, "what_words",
                 clock_translate(language, promise_history_entry_name(e->entry), words));
        put_text(json, "staff", e->entry->staff);
        put_text(json, "effect", clock_rules_effect_name(e->effect));
        put_text(json, "words", clock_translate(language, e->because, words));
        (void)json_array_append_new(list, json);
    }
    return list;
}

static void put_state(json_t *json, int state)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&troth__v1__promise_state__descriptor, state);
    char text[64];

    if (value) {
        (void)text_copy(text, sizeof(text),
                        message_enum_short_name(&troth__v1__promise_state__descriptor, value));
        for (char *c = text; *c; c++) {
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
        }
        put_text(json, "state", text);
    }
}

static json_t *clock_to_json(const struct promise_history *h, const struct clock_view *v,
                             size_t most, const char *language)
{
    json_t *json = json_object();
    char number[IDENTIFIER_TEXT_SIZE];

    put_text(json, "promise_number", identifier_format(IDENTIFIER_PROMISE, h->promise, number));
    put_text(json, "kind", h->kind);
    put_state(json, h->state);
    put_text(json, "verdict", clock_view_verdict(h, v));
    put_instant(json, "made_us", h->made_us);
    put_instant(json, "due_us", v->due_us);
    put_instant(json, "done_us", h->done_us);
    put_instant(json, "until_us", v->until_us);
    put_instant(json, "stopped_us", v->stopped_us);
    put_int(json, "target_us", v->terms.target_us);
    put_int(json, "counted_us", v->counted_us);
    put_int(json, "paused_us", v->paused_us);
    put_int(json, "closed_us", v->closed_us);
    put_bool(json, "is_paused", v->is_paused);
    put_text(json, "rule", v->terms.rule);
    put_text(json, "calendar", v->calendar_name);
    put_text(json, "zone", v->zone_name);
    put_intervals(json, v, most, language);
    (void)json_object_set_new(json, "steps", steps_to_json(h, language));
    (void)json_object_set_new(json, "events", events_to_json(h, v, language));
    return json;
}

/* ---- 3 */

/* NULL with err when it cannot be read; borrowed. */
static const struct standard *standard_of(struct clocks *c, const struct promise_history *h,
                                          struct err *err)
{
    char name[64];

    for (size_t i = 0; i < c->read_count; i++) {
        if (c->read[i].id == h->standard_id) {
            return c->read[i].standard;
        }
    }
    if (!h->standard_text) {
        (void)err_set(err, "standard_unknown", "the standard it was made under is not stored");
        return NULL;
    }
    (void)text_format(name, sizeof(name), "standard %d", (int)h->standard_id);
    struct standard *standard = standard_parse(h->standard_text, name, err);
    if (standard) {
        c->read[c->read_count].standard = standard; /* at most one for each promise */
        c->read[c->read_count++].id = h->standard_id;
    }
    return standard;
}

/* Without a clock it says why there is none. */
static json_t *explain(struct desk_visit *v, const struct db_rows *const *rows, int64_t promise,
                       struct arena *arena)
{
    struct clocks *c = v->data;
    struct promise_history h = {.arena = arena};
    struct err err = ERR_NONE;
    struct clock_terms terms;
    struct clock_view view;
    char number[IDENTIFIER_TEXT_SIZE];
    const size_t share = INTERVALS_OF_ALL / (c->count > 0 ? c->count : 1);
    const struct standard *standard = NULL;

    if (promise_history_store_take(rows, promise, &h, &err) == 0) {
        standard = standard_of(c, &h, &err);
    }
    if (!standard) {
        return json_pack("{sssss[]s[]}", "promise_number",
                         identifier_format(IDENTIFIER_PROMISE, promise, number), "trouble",
                         err.text, "intervals", "steps");
    }
    clock_terms_of_promise(&h, standard, &terms);
    clock_view_make(&h, &terms, &view);
    json_t *json =
        clock_to_json(&h, &view, share < INTERVALS_MOST ? share : INTERVALS_MOST, v->language);
    clock_view_free(&view);
    return json;
}

static void take_histories(struct desk_visit *v, const struct db_reply *reply)
{
    const struct clocks *c = v->data;
    struct arena *arena = arena_new(ARENA_BYTES);
    json_t *list = json_array();
    json_t *json = json_object();

    for (size_t i = 0; i < c->count; i++) {
        (void)json_array_append_new(
            list, explain(v, reply->rows + i * PROMISE_HISTORY_SETS, c->promises[i], arena));
        arena_reset(arena);
    }
    arena_free(arena);
    (void)json_object_set_new(json, "clocks", list);
    put_int(json, "now_us", service_now_us(v->desk->reporting->service));
    if (c->has_more) {
        (void)json_object_set_new(json, "left_out", json_pack("[s]", "clocks"));
    }
    desk_visit_answer(v, json);
}

/* ---- 1 and 2 */

static void take_promises(struct desk_visit *v, const struct db_reply *reply)
{
    const struct db_rows *promises = reply->rows[1];
    struct clocks *c = v->data;
    int64_t customer;
    bool is_erased;

    if (!desk_store_take_owner(reply->rows[0], &customer, &is_erased)) {
        desk_visit_fail(v, "case_unknown", "there is no such case");
        return;
    }
    c->has_more = db_row_count(promises) > DESK_PROMISES;
    for (size_t i = 0; i < db_row_count(promises) && i < DESK_PROMISES; i++) {
        c->promises[c->count++] = db_get_int(promises, i, 0);
        promise_history_store_ask(v->talk, c->promises[i]);
    }
    if (c->count == 0) {
        desk_visit_answer(v, json_pack("{s[]}", "clocks"));
    } else {
        desk_visit_read_on(v, take_histories);
    }
}

static void ask_promises(struct desk_visit *v, struct db *db)
{
    desk_store_put_owner(db, v->service_case);
    desk_store_put_promises(db, v->service_case);
}

void desk_clocks(void *ctx, const struct web_request *request, struct http_exchange *exchange)
{
    struct err err = ERR_NONE;
    int64_t number;
    struct desk_visit *v;

    if (identifier_parse(IDENTIFIER_CASE, request->rest, &number, &err) < 0) {
        web_answer_error(exchange, "case_unknown", err.text);
        return;
    }
    v = desk_visit_begin(ctx, request, exchange);
    if (v) {
        v->service_case = number;
        v->data = xcalloc(1, sizeof(struct clocks));
        v->free_data = free_clocks;
        desk_visit_read(v, ask_promises, take_promises);
    }
}
