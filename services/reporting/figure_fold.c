/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/figure_fold.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"

#define STATE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

/* A list that grows; each kind of item has its own. */
struct list {
    void *items;
    size_t count;
    size_t capacity;
};

struct figure_fold {
    struct list deltas;    /* struct figure_delta */
    struct list durations; /* struct figure_duration */
    struct list changes;   /* struct figure_promise: every change, as it came */
    struct list promises;  /* struct figure_promise: made by figure_fold_seal() */
};

struct figure_fold *figure_fold_new(void)
{
    return xcalloc(1, sizeof(struct figure_fold));
}

void figure_fold_free(struct figure_fold *f)
{
    if (f == NULL) {
        return;
    }
    free(f->deltas.items);
    free(f->durations.items);
    free(f->changes.items);
    free(f->promises.items);
    free(f);
}

void figure_fold_clear(struct figure_fold *f)
{
    f->deltas.count = f->durations.count = f->changes.count = f->promises.count = 0;
}

static void append(struct list *l, const void *item, size_t size)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity == 0 ? 64 : 2 * l->capacity;
        l->items = xreallocarray(l->items, l->capacity, size);
    }
    memcpy((char *)l->items + l->count * size, item, size);
    l->count++;
}

static int16_t lane_of(int64_t number)
{
    return (int16_t)(identifier_bucket(number) % LANE_COUNT);
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* ---- plain counts */

/* An event that takes back an earlier one counts the other way, on the same day. */
static int64_t sign_of(const Troth__V1__Event *event)
{
    return event->is_reversal ? -1 : 1;
}

static void count(struct figure_fold *f, const Troth__V1__Event *event, const char *measure,
                  const char *branch, int64_t sum)
{
    const struct figure_delta delta = {
        .lane = lane_of(event->customer),
        .at_us = event->occurred_us,
        .branch = or_empty(branch),
        .measure = measure,
        .count = sign_of(event),
        .sum = sign_of(event) * sum,
    };

    append(&f->deltas, &delta, sizeof(delta));
}

/* Whether a telephone rang; and whether the customer was there, who may not want to talk, or not
 * now. What is not in the table never rang: a mail, a number that there is not. */
static const struct {
    bool rang, reached;
} calls[] = {
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED] = {true,  true },
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_BUSY] = {true,  false},
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_NO_ANSWER] = {true,  false},
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_VOICEMAIL] = {true,  false},
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_REFUSED] = {true,  true },
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_WRONG_NUMBER] = {true,  false},
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_PARTLY_ANSWERED] = {true,  true },
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_MACHINE] = {true,  false},
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_CALL_BACK] = {true,  true },
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_LANGUAGE] = {true,  false},
    [TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_SENT] = {false, false},
};

static void count_call(struct figure_fold *f, const Troth__V1__Event *event)
{
    const Troth__V1__CallFinished *call = event->call_finished;
    size_t outcome = (size_t)call->outcome;
    if (outcome < ARRAY_LEN(calls) && calls[outcome].rang) {
        count(f, event, "calls_placed", call->branch, 0);
    }
    if (outcome < ARRAY_LEN(calls) && calls[outcome].reached) {
        count(f, event, "calls_reached", call->branch, 0);
    }
}

static void count_answer(struct figure_fold *f, const Troth__V1__Event *event)
{
    const Troth__V1__SurveyAnswered *answer = event->survey_answered;

    if (answer->instrument == TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT) {
        count(f, event, "csat", answer->branch, answer->value);
    } else if (answer->instrument == TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS) {
        /* 9 and 10 are promoters, 0 to 6 detractors. */
        int sign = answer->value >= 9 ? 1 : answer->value <= 6 ? -1 : 0;
        count(f, event, "nps", answer->branch, sign);
    }
}

/* ---- durations */

static void measure(struct figure_fold *f, const Troth__V1__Event *event, const char *name,
                    int64_t at_us, bool has_value)
{
    const Troth__V1__CaseChanged *changed = event->case_changed;
    const struct figure_duration duration = {
        .service_case = changed->service_case,
        .measure = name,
        .version = event->version,
        .at_us = at_us,
        .branch = or_empty(changed->branch),
        .has_value = has_value,
        .value_us = has_value ? at_us - changed->opened_us : 0,
    };

    append(&f->durations, &duration, sizeof(duration));
}

static bool is_settled(Troth__V1__CaseState state)
{
    return state == TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED ||
           state == TROTH__V1__CASE_STATE__CASE_STATE_CLOSED;
}

/* A part of the case's history was taken back: all of its durations are as the event says. */
static void measure_anew(struct figure_fold *f, const Troth__V1__Event *event)
{
    const Troth__V1__CaseChanged *changed = event->case_changed;

    measure(f, event, "first_response",
            changed->has_first_response_us ? changed->first_response_us : event->occurred_us,
            changed->has_first_response_us);
    measure(f, event, "resolution",
            changed->has_resolved_us ? changed->resolved_us : event->occurred_us,
            changed->has_resolved_us);
}

static void measure_case(struct figure_fold *f, const Troth__V1__Event *event)
{
    const Troth__V1__CaseChanged *changed = event->case_changed;

    if (!changed->has_service_case || !changed->has_opened_us || event->is_reversal) {
        return; /* what follows from taking one back is said by the correction after it */
    }
    if (changed->is_correction) {
        measure_anew(f, event);
        return;
    }
    if (changed->is_first_response && changed->has_first_response_us) {
        measure(f, event, "first_response", changed->first_response_us, true);
    }
    if (changed->from == changed->to) {
        return; /* a note, or the same said again */
    }
    if (changed->to == TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED) {
        measure(f, event, "resolution", event->occurred_us, true);
    } else if (is_settled(changed->from) && !is_settled(changed->to)) {
        measure(f, event, "resolution", event->occurred_us, false); /* open again */
    }
}

/* ---- promises */

/* A break stands, whatever became of the promise after it. */
static const enum promise_count counted_as[] = {
    [STATE(KEPT)] = PROMISE_COUNTED_KEPT,
    [STATE(BROKEN)] = PROMISE_COUNTED_BROKEN,
    [STATE(KEPT_LATE)] = PROMISE_COUNTED_BROKEN,
    [STATE(RENEGOTIATED_LATE)] = PROMISE_COUNTED_BROKEN,
    [STATE(WAIVED)] = PROMISE_COUNTED_WAIVED,
    [STATE(RENEGOTIATED)] = PROMISE_COUNTED_RENEGOTIATED,
};

static const char *const measures[] = {
    [PROMISE_COUNTED_KEPT] = "promises_kept",
    [PROMISE_COUNTED_BROKEN] = "promises_broken",
    [PROMISE_COUNTED_WAIVED] = "promises_waived",
    [PROMISE_COUNTED_RENEGOTIATED] = "promises_renegotiated",
};

static void note_promise(struct figure_fold *f, const Troth__V1__Event *event)
{
    const Troth__V1__PromiseChanged *changed = event->promise_changed;
    struct figure_promise promise = {
        .number = changed->promise,
        .version = changed->promise_version,
        .counted_as = PROMISE_NOT_COUNTED,
        .counted_us = event->occurred_us,
        .branch = or_empty(changed->branch),
        .is_changed = true,
    };

    if (!changed->has_promise || !changed->has_promise_version) {
        return;
    }
    if ((size_t)changed->to < ARRAY_LEN(counted_as)) {
        promise.counted_as = counted_as[changed->to];
    }
    if (promise.counted_as == PROMISE_COUNTED_KEPT && changed->has_done_us) {
        promise.counted_us = changed->done_us;
    } else if (promise.counted_as == PROMISE_COUNTED_BROKEN && changed->has_due_us) {
        promise.counted_us = changed->due_us;
    }
    append(&f->changes, &promise, sizeof(promise));
}

static void count_promise_made(struct figure_fold *f, const Troth__V1__Event *event)
{
    const Troth__V1__PromiseMade *made = event->promise_made;
    Troth__V1__Event at = *event;

    at.occurred_us = made->has_made_us ? made->made_us : event->occurred_us;
    count(f, &at, "promises_made", made->branch, 0);
}

/* ---- events */

void figure_fold_add(struct figure_fold *f, const Troth__V1__Event *event)
{
    switch ((int)event->body_case) {
    case TROTH__V1__EVENT__BODY_CASE_OPENED:
        count(f, event, "cases", event->case_opened->branch, 0);
        break;
    case TROTH__V1__EVENT__BODY_CASE_CHANGED:
        measure_case(f, event);
        break;
    case TROTH__V1__EVENT__BODY_PROMISE_MADE:
        count_promise_made(f, event);
        break;
    case TROTH__V1__EVENT__BODY_PROMISE_CHANGED:
        note_promise(f, event);
        break;
    case TROTH__V1__EVENT__BODY_SURVEY_ANSWERED:
        count_answer(f, event);
        break;
    case TROTH__V1__EVENT__BODY_PURCHASE_MADE:
        count(f, event, "purchases", event->purchase_made->branch, 0);
        break;
    case TROTH__V1__EVENT__BODY_FOLLOW_UP_PLANNED:
        count(f, event, "follow_ups_planned", event->follow_up_planned->branch, 0);
        break;
    case TROTH__V1__EVENT__BODY_CALL_FINISHED:
        count_call(f, event);
        break;
    default:
        break; /* no figure is made of it */
    }
}

/* ---- what the batch is about */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_promises(const void *a, const void *b)
{
    const struct figure_promise *left = a, *right = b;

    return compare_numbers(left->number, right->number);
}

static int compare_duration_keys(const struct figure_duration *a, const struct figure_duration *b)
{
    int order = compare_numbers(a->service_case, b->service_case);

    return order != 0 ? order : strcmp(a->measure, b->measure);
}

static int compare_durations(const void *a, const void *b)
{
    const struct figure_duration *left = a, *right = b;
    int order = compare_duration_keys(left, right);

    /* The newest first: it is the one that stays. */
    return order != 0 ? order : compare_numbers(right->version, left->version);
}

static void keep_newest_durations(struct list *l)
{
    struct figure_duration *items = l->items;
    size_t kept = 0;

    if (l->count > 0) {
        qsort(items, l->count, sizeof(*items), compare_durations);
    }
    for (size_t i = 0; i < l->count; i++) {
        if (kept == 0 || compare_duration_keys(&items[kept - 1], &items[i]) != 0) {
            items[kept++] = items[i];
        }
    }
    l->count = kept;
}

void figure_fold_seal(struct figure_fold *f)
{
    const struct figure_promise *changes = f->changes.items;

    keep_newest_durations(&f->durations);
    for (size_t i = 0; i < f->changes.count; i++) {
        const struct figure_promise unknown = {.number = changes[i].number, .branch = ""};
        append(&f->promises, &unknown, sizeof(unknown));
    }
    struct figure_promise *promises = f->promises.items;
    size_t kept = 0;
    if (f->promises.count > 0) {
        qsort(promises, f->promises.count, sizeof(*promises), compare_promises);
    }
    for (size_t i = 0; i < f->promises.count; i++) {
        if (kept == 0 || promises[kept - 1].number != promises[i].number) {
            promises[kept++] = promises[i];
        }
    }
    f->promises.count = kept;
}

size_t figure_fold_promises(struct figure_fold *f, struct figure_promise **ret_list)
{
    *ret_list = f->promises.items;
    return f->promises.count;
}

struct figure_promise *figure_fold_find_promise(struct figure_fold *f, int64_t number)
{
    const struct figure_promise key = {.number = number};

    if (f->promises.count == 0) {
        return NULL;
    }
    return bsearch(&key, f->promises.items, f->promises.count, sizeof(key), compare_promises);
}

/* ---- counting promises */

static void count_promise(struct figure_fold *f, const struct figure_promise *p, int by)
{
    struct figure_delta delta = {
        .lane = lane_of(p->number),
        .at_us = p->counted_us,
        .branch = p->branch,
        .measure = measures[p->counted_as],
        .count = by,
    };

    if (p->counted_as != PROMISE_NOT_COUNTED) {
        append(&f->deltas, &delta, sizeof(delta));
    }
}

void figure_fold_run(struct figure_fold *f)
{
    const struct figure_promise *changes = f->changes.items;

    for (size_t i = 0; i < f->changes.count; i++) {
        struct figure_promise *known = figure_fold_find_promise(f, changes[i].number);
        if (known == NULL || changes[i].version <= known->version) {
            continue;
        }
        count_promise(f, known, -1);
        count_promise(f, &changes[i], 1);
        *known = changes[i];
    }
}

size_t figure_fold_deltas(const struct figure_fold *f, const struct figure_delta **ret_list)
{
    *ret_list = f->deltas.items;
    return f->deltas.count;
}

size_t figure_fold_durations(const struct figure_fold *f, const struct figure_duration **ret_list)
{
    *ret_list = f->durations.items;
    return f->durations.count;
}
