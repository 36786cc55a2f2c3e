/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/agenda_script.h"

#include <string.h>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/followup/servqual_round.h"

/* What is being put together. */
struct writer {
    const struct questionnaire *q;
    const struct agenda *agenda;
    size_t language;
    struct arena *arena;
    bool is_full; /* the arena is used up */
    Troth__V1__DialItem **items;
    size_t item_count;
};

static void *take(struct writer *w, size_t size)
{
    void *room = arena_alloc(w->arena, size);
    w->is_full |= room == NULL;
    return room;
}

/* protobuf-c's texts are not const; it reads them only. */
static char *take_text(struct writer *w, const char *text)
{
    char *copy = arena_copy_text(w->arena, text);
    w->is_full |= copy == NULL;
    return copy;
}

/* ---- texts */

static const char *value_of(const struct agenda_reason *reason, enum questionnaire_about about)
{
    const char *const values[QUESTIONNAIRE_PLACEHOLDER_COUNT] = {
        [QUESTIONNAIRE_BRANCH] = reason->branch,
        [QUESTIONNAIRE_PROMISE] = reason->promise_kind,
        [QUESTIONNAIRE_CATEGORY] = reason->category,
    };
    return values[about];
}

/* The name that stands for a placeholder; at begins behind the brace. */
static const char *name_of(const struct writer *w, const struct agenda_reason *reason,
                           const char *at, size_t len)
{
    for (unsigned i = 0; i < QUESTIONNAIRE_PLACEHOLDER_COUNT; i++) {
        enum questionnaire_about about = (enum questionnaire_about)i;
        const char *name = questionnaire_about_name(about);
        if (strlen(name) == len && strncmp(name, at, len) == 0) {
            return questionnaire_name(w->q, about, value_of(reason, about), w->language);
        }
    }
    return ""; /* the reader lets no other one through */
}

static void append_text(struct writer *w, const struct agenda_reason *reason, const char *text,
                        struct text *ret)
{
    for (const char *at = text; *at;) {
        size_t plain = strcspn(at, "{");
        text_append_len(ret, at, plain);
        at += plain;
        if (*at == '{') {
            size_t len = strcspn(at + 1, "}");
            text_append(ret, name_of(w, reason, at + 1, len));
            at += len + 2;
        }
    }
}

static char *say(struct writer *w, const struct agenda_reason *reason,
                 const struct questionnaire_text *text)
{
    struct text t = {.data = NULL};
    append_text(w, reason, text->in[w->language], &t);
    char *said = take_text(w, text_or_empty(&t));
    text_free(&t);
    return said;
}

/* The line of a reason; of an improvement also the company's own words, as they were written; that
 * of an interview goes on with its guide, a line each. */
static char *say_reason(struct writer *w, const struct agenda_reason *reason,
                        const struct questionnaire_script *script)
{
    struct text t = {.data = NULL};
    append_text(w, reason, script->say.in[w->language], &t);
    if (reason->better[0]) {
        text_append(&t, " ");
        text_append(&t, reason->better);
    }
    for (size_t i = 0; i < script->guide_count; i++) {
        text_append(&t, "\n- ");
        append_text(w, reason, script->guides[i].in[w->language], &t);
    }
    char *said = take_text(w, text_or_empty(&t));
    text_free(&t);
    return said;
}

/* ---- items */

static bool has_item(const struct writer *w, const char *code)
{
    for (size_t i = 0; i < w->item_count; i++) {
        if (strcmp(w->items[i]->code, code) == 0) {
            return true;
        }
    }
    return false;
}

static Troth__V1__DialItem *add_item(struct writer *w, const struct agenda_reason *reason,
                                     const char *code, int low, int high)
{
    Troth__V1__DialItem *item = take(w, sizeof(*item));
    char *copy = take_text(w, code);
    if (w->is_full) {
        return NULL;
    }
    troth__v1__dial_item__init(item);
    item->code = copy;
    item->has_low = item->has_high = true;
    item->low = low;
    item->high = high;
    item->has_service_case = reason->service_case != 0;
    item->service_case = reason->service_case;
    w->items[w->item_count++] = item;
    return item;
}

static void add_question(struct writer *w, const struct agenda_reason *reason,
                         const struct questionnaire_ask *ask)
{
    const struct questionnaire_question *question = questionnaire_question(w->q, ask->question);
    if (w->item_count == AGENDA_ITEMS_MAX || has_item(w, question->code) ||
        (ask->only_if && !has_item(w, ask->only_if))) {
        return; /* what it depends on was left out: nobody could tell whether to ask */
    }
    Troth__V1__DialItem *item = add_item(w, reason, question->code, question->low, question->high);
    if (!item) {
        return;
    }
    item->question = say(w, reason, &question->text);
    item->has_instrument = question->instrument != 0;
    item->instrument = (Troth__V1__SurveyInstrument)question->instrument;
    if (ask->only_if) {
        item->only_if = take_text(w, ask->only_if);
        item->has_only_min = item->has_only_max = true;
        item->only_min = ask->only_min;
        item->only_max = ask->only_max;
    }
}

static void add_servqual_half(struct writer *w, const struct agenda_reason *reason, int number,
                              bool is_expectation)
{
    const struct questionnaire_item *source = questionnaire_item(w->q, number);
    char code[QUESTIONNAIRE_CODE_SIZE];
    (void)text_format(code, sizeof(code), "servqual_%d_%s", number,
                      is_expectation ? "expectation" : "perception");
    Troth__V1__DialItem *item =
        add_item(w, reason, code, QUESTIONNAIRE_SERVQUAL_LOW, QUESTIONNAIRE_SERVQUAL_HIGH);
    if (!item) {
        return;
    }
    item->question = say(w, reason, is_expectation ? &source->expectation : &source->perception);
    item->has_instrument = item->has_item = item->has_dimension = item->has_is_expectation = true;
    item->instrument = TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_SERVQUAL;
    item->item = number;
    item->dimension = (Troth__V1__ServqualDimension)source->dimension;
    item->is_expectation = is_expectation;
}

static void add_servqual(struct writer *w, const struct agenda_reason *reason)
{
    /* What does not depend on who was numbered first: the same history asks the same. */
    const int64_t of[] = {identifier_bucket(reason->customer), w->agenda->due_us};
    uint64_t seed = bytes_hash64((struct bytes){(const uint8_t *)of, sizeof(of)});
    int items[SERVQUAL_PER_CONTACT];
    size_t count = servqual_round_next(w->agenda->servqual_asked, seed, items);
    for (size_t i = 0; i < count && w->item_count + 2 <= AGENDA_ITEMS_MAX; i++) {
        add_servqual_half(w, reason, items[i], true);
        add_servqual_half(w, reason, items[i], false);
    }
}

static const struct questionnaire_script *script_of(const struct questionnaire *q,
                                                    const struct agenda_reason *reason)
{
    return q ? questionnaire_find_script(q, reason->script) : NULL;
}

/* Questions of all reasons first: they are about what the customer was called for. */
static void add_items(struct writer *w)
{
    const struct agenda *a = w->agenda;
    const struct agenda_reason *servqual = NULL;
    for (size_t i = 0; i < a->count && !w->is_full; i++) {
        const struct questionnaire_script *script = script_of(w->q, &a->reasons[i]);
        for (size_t k = 0; script && k < script->ask_count && !w->is_full; k++) {
            add_question(w, &a->reasons[i], &script->asks[k]);
        }
        if (script && script->has_servqual && !servqual) {
            servqual = &a->reasons[i];
        }
    }
    if (servqual && !w->is_full) {
        add_servqual(w, servqual);
    }
}

/* ---- reasons */

static Troth__V1__DialReason *new_reason(struct writer *w, const struct agenda_reason *reason)
{
    const struct questionnaire_script *script = script_of(w->q, reason);
    Troth__V1__DialReason *r = take(w, sizeof(*r));
    if (!r) {
        return NULL;
    }
    troth__v1__dial_reason__init(r);
    r->has_follow_up = r->has_trigger = r->has_purpose = true;
    r->follow_up = reason->follow_up;
    r->rule = take_text(w, reason->rule);
    r->trigger = (Troth__V1__FollowUpTrigger)reason->trigger;
    r->purpose = (Troth__V1__Purpose)reason->purpose;
    r->has_service_case = reason->service_case != 0;
    r->service_case = reason->service_case;
    r->has_promise = reason->promise != 0;
    r->promise = reason->promise;
    r->say = script ? say_reason(w, reason, script) : NULL;
    return r;
}

static void put_opening(struct writer *w, Troth__V1__DialOrder *order)
{
    const struct agenda_reason *leader = &w->agenda->reasons[0];
    const struct questionnaire_script *script = script_of(w->q, leader);
    if (w->q) {
        order->questionnaire = take_text(w, questionnaire_hash(w->q));
    }
    if (script) {
        order->opening = say(w, leader, &script->opening);
        order->closing = say(w, leader, &script->closing);
    }
}

int agenda_script_fill(const struct questionnaire *q, const struct agenda *a, const char *language,
                       struct arena *arena, Troth__V1__DialOrder *order, struct err *err)
{
    struct writer w = {.q = q, .agenda = a, .arena = arena};
    Troth__V1__DialOrder filled = *order;
    Troth__V1__DialReason **reasons = take(&w, a->count * sizeof(struct Troth__V1__DialReason *));
    w.items = take(&w, AGENDA_ITEMS_MAX * sizeof(struct Troth__V1__DialItem *));
    w.language = q ? questionnaire_language_for(q, language) : 0;
    for (size_t i = 0; i < a->count && !w.is_full; i++) {
        reasons[i] = new_reason(&w, &a->reasons[i]);
    }
    if (!w.is_full && q) {
        add_items(&w);
    }
    if (!w.is_full && a->count > 0) {
        put_opening(&w, &filled);
    }
    if (w.is_full) {
        return err_set(err, "order_too_large", "what is to be said takes too much memory");
    }
    filled.agenda = reasons;
    filled.n_agenda = a->count;
    filled.items = w.items;
    filled.n_items = w.item_count;
    if (troth__v1__dial_order__get_packed_size(&filled) > AGENDA_BYTES_MAX) {
        return err_set(err, "order_too_large", "what is to be said does not fit into a message");
    }
    *order = filled;
    return 0;
}

/* ---- answers */

static bool asks(const struct questionnaire *q, const struct questionnaire_script *script,
                 const char *code)
{
    for (size_t i = 0; i < script->ask_count; i++) {
        if (strcmp(questionnaire_question(q, script->asks[i].question)->code, code) == 0) {
            return true;
        }
    }
    return script->has_servqual && strncmp(code, "servqual_", strlen("servqual_")) == 0;
}

size_t agenda_script_reason_of(const struct questionnaire *q, const struct agenda *a,
                               const char *code)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct questionnaire_script *script = script_of(q, &a->reasons[i]);
        if (script && asks(q, script, code)) {
            return i;
        }
    }
    return 0;
}
