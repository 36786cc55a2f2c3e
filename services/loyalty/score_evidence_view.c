/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_evidence_view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/model/decay.h"

/* What one thing is, seen from its contribution. */
struct seen {
    const char *kind; /* NULL: it says nothing there */
    double value;
    bool has_weight;
    double weight;
};

/* ---- which contribution a measure is behind */

static enum contribution contribution_of(enum measure m)
{
    switch (m) {
    case MEASURE_TRUST:
        return CONTRIBUTION_TRUST;
    case MEASURE_SATISFACTION:
        return CONTRIBUTION_SATISFACTION;
    case MEASURE_EXPERIENCE:
        return CONTRIBUTION_EXPERIENCE;
    case MEASURE_RECOMMENDATION:
        return CONTRIBUTION_RECOMMENDATION;
    case MEASURE_EFFORT:
        return CONTRIBUTION_EFFORT;
    case MEASURE_GAP_TANGIBLES:
    case MEASURE_GAP_RELIABILITY:
    case MEASURE_GAP_RESPONSIVENESS:
    case MEASURE_GAP_ASSURANCE:
    case MEASURE_GAP_EMPATHY:
        return CONTRIBUTION_SERVICE_GAP;
    case MEASURE_PURCHASES:
    case MEASURE_REFUNDS:
        return CONTRIBUTION_PURCHASES;
    case MEASURE_LATE:
    case MEASURE_BROKEN:
    case MEASURE_PROMOTERS:
    case MEASURE_DETRACTORS:
    case MEASURE_COMPLAINTS:
    case MEASURE_RECENT:
    case MEASURE_END:
        break;
    }
    return CONTRIBUTION_COUNT; /* none */
}

static double weight_of(const struct score_evidence_behind *b, enum measure m, double weight,
                        int64_t at_us)
{
    return weight * decay_factor(b->policy->half_life_us[m], b->at_us - at_us);
}

/* ---- promises */

static const struct evidence *find(const struct score_evidence_behind *b, enum evidence_kind kind,
                                   const struct evidence *of)
{
    for (size_t i = 0; i < b->found->evidence_count; i++) {
        const struct score_evidence *e = &b->found->evidence[i];
        if (e->person == b->person && e->thing.customer == of->customer && e->thing.kind == kind &&
            e->thing.subject == of->subject) {
            return &e->thing;
        }
    }
    return NULL;
}

static const char *name_of_end(enum promise_end end)
{
    switch (end) {
    case PROMISE_END_KEPT:
        return "promise_kept";
    case PROMISE_END_LATE:
        return "promise_kept_late";
    case PROMISE_END_BROKEN:
        return "promise_broken";
    case PROMISE_END_NONE:
        break;
    }
    return NULL;
}

static struct seen see_promise(const struct score_evidence_behind *b,
                               const struct evidence *promise)
{
    struct share shares[SHARES_MAX];

    if (promise_end_of(promise, NULL) == PROMISE_END_NONE) {
        return (struct seen){.kind = NULL}; /* whatever was said of it: do not search */
    }
    const struct evidence *word = find(b, EVIDENCE_WORD, promise);
    struct seen seen = {.kind = name_of_end(promise_end_of(promise, word))};
    size_t count =
        shares_of_promise(b->policy, promise, word, find(b, EVIDENCE_CAUSE, promise), shares);

    for (size_t i = 0; i < count; i++) {
        if (shares[i].measure == MEASURE_TRUST) {
            seen.value = shares[i].value;
            seen.has_weight = true;
            seen.weight = weight_of(b, MEASURE_TRUST, shares[i].weight, shares[i].at_us);
        }
    }
    return seen;
}

/* Counts with its promise, if that has ended. */
static struct seen see_word(const struct score_evidence_behind *b, const struct evidence *word)
{
    const struct evidence *promise = find(b, EVIDENCE_PROMISE, word);

    if (word->is_void || promise == NULL || promise_end_of(promise, word) == PROMISE_END_NONE) {
        return (struct seen){.kind = NULL};
    }
    return (struct seen){.kind = word->value > 0 ? "confirmed" : "disputed",
                         .value = (double)word->value};
}

/* ---- all kinds */

static const char *const kind_names[EVIDENCE_END] = {
    [EVIDENCE_CSAT] = "csat",         [EVIDENCE_NPS] = "nps",
    [EVIDENCE_CES] = "ces",           [EVIDENCE_SERVQUAL] = "servqual",
    [EVIDENCE_PURCHASE] = "purchase", [EVIDENCE_REFUND] = "refund",
};

static bool is_about_case(const struct evidence *e)
{
    return (e->kind == EVIDENCE_CSAT || e->kind == EVIDENCE_CES) && e->service_case != 0 &&
           !e->is_void;
}

static struct seen see_answer(const struct score_evidence_behind *b, enum contribution c,
                              const struct evidence *e)
{
    struct seen seen = {.kind = NULL, .value = (double)e->value, .has_weight = true};
    struct share shares[SHARES_MAX];
    size_t count = shares_of_thing(e, shares);

    if (c == CONTRIBUTION_EXPERIENCE && is_about_case(e)) {
        seen.kind = kind_names[e->kind];
        seen.weight = weight_of(b, MEASURE_EXPERIENCE, 1, e->at_us);
        return seen;
    }
    for (size_t i = 0; i < count; i++) {
        if (contribution_of(shares[i].measure) == c) {
            seen.kind = kind_names[e->kind];
            seen.weight = weight_of(b, shares[i].measure, shares[i].weight, shares[i].at_us);
            seen.value = e->kind == EVIDENCE_SERVQUAL ? shares[i].value : seen.value;
        }
    }
    return seen;
}

static struct seen see(const struct score_evidence_behind *b, enum contribution c,
                       const struct evidence *e)
{
    if (e->kind == EVIDENCE_PROMISE || e->kind == EVIDENCE_WORD) {
        if (c != CONTRIBUTION_TRUST) {
            return (struct seen){.kind = NULL};
        }
        return e->kind == EVIDENCE_PROMISE ? see_promise(b, e) : see_word(b, e);
    }
    return see_answer(b, c, e);
}

/* ---- messages */

static char *position_of(const char *stream, int64_t customer, int64_t seq)
{
    struct text position = {.data = NULL};

    text_appendf(&position, "%s/%d/%" PRId64, stream, identifier_bucket(customer), seq);
    return position.data;
}

/* NULL: what it is about has no number that a person would read out. */
static char *subject_of(const struct evidence *e)
{
    char text[IDENTIFIER_TEXT_SIZE];

    if (e->kind == EVIDENCE_PROMISE || e->kind == EVIDENCE_WORD) {
        return xstrdup(identifier_format(IDENTIFIER_PROMISE, e->subject, text));
    }
    int64_t service_case = e->kind == EVIDENCE_COMPLAINT ? e->subject : e->service_case;
    return service_case == 0 ? NULL
                             : xstrdup(identifier_format(IDENTIFIER_CASE, service_case, text));
}

static Troth__V1__Evidence *view_of(const struct evidence *e, const struct seen *seen)
{
    Troth__V1__Evidence *view = xcalloc(1, sizeof(*view));

    troth__v1__evidence__init(view);
    view->kind = xstrdup(seen->kind);
    view->subject = subject_of(e);
    view->has_at_us = true;
    view->at_us = e->at_us;
    view->has_value = true;
    view->value = seen->value;
    view->event = position_of(e->stream, e->customer, e->seq);
    view->has_weight = seen->has_weight;
    view->weight = seen->weight;
    return view;
}

static void append(const struct score_evidence_behind *b, Troth__V1__Evidence ***list,
                   size_t *count, Troth__V1__Evidence *one)
{
    if (*list == NULL) {
        *list = xcalloc(b->max, sizeof(void *));
    }
    (*list)[(*count)++] = one;
}

size_t score_evidence_of(const struct score_evidence_behind *b, enum contribution c,
                         Troth__V1__Evidence ***ret_list)
{
    Troth__V1__Evidence **list = NULL;
    size_t count = 0;

    for (size_t i = 0; i < b->found->evidence_count && count < b->max; i++) {
        const struct score_evidence *e = &b->found->evidence[i];
        if (e->person != b->person) {
            continue;
        }
        struct seen seen = see(b, c, &e->thing);
        if (seen.kind != NULL) {
            append(b, &list, &count, view_of(&e->thing, &seen));
        }
    }
    *ret_list = list;
    return count;
}

size_t score_evidence_of_complaints(const struct score_evidence_behind *b,
                                    Troth__V1__Evidence ***ret_list)
{
    Troth__V1__Evidence **list = NULL;
    size_t count = 0;

    for (size_t i = 0; i < b->found->evidence_count && count < b->max; i++) {
        const struct evidence *e = &b->found->evidence[i].thing;
        struct share shares[SHARES_MAX];
        if (b->found->evidence[i].person != b->person || e->kind != EVIDENCE_COMPLAINT ||
            shares_of_thing(e, shares) == 0) {
            continue;
        }
        struct seen seen = {
            .kind = "complaint",
            .value = (double)e->value,
            .has_weight = true,
            .weight = weight_of(b, MEASURE_COMPLAINTS, 1, e->at_us),
        };
        append(b, &list, &count, view_of(e, &seen));
    }
    *ret_list = list;
    return count;
}

/* ---- moves */

static Troth__V1__IndexMove *view_of_move(const struct score_move *m)
{
    Troth__V1__IndexMove *view = xcalloc(1, sizeof(*view));
    char customer[IDENTIFIER_TEXT_SIZE];

    troth__v1__index_move__init(view);
    view->has_at_us = view->has_before = view->has_after = true;
    view->at_us = m->at_us;
    view->before = m->before_hundredths / 100.0;
    view->after = m->after_hundredths / 100.0;
    view->reason = xstrdup(m->reason);
    view->event = position_of(m->stream, m->customer, m->seq);
    view->customer_number = xstrdup(identifier_format(IDENTIFIER_CUSTOMER, m->customer, customer));
    return view;
}

size_t score_moves_of(const struct score_evidence_behind *b, Troth__V1__IndexMove ***ret_list)
{
    Troth__V1__IndexMove **list = NULL;
    size_t count = 0;

    for (size_t i = 0; i < b->found->move_count && count < b->max; i++) {
        if (b->found->moves[i].person != b->person) {
            continue;
        }
        if (list == NULL) {
            list = xcalloc(b->max, sizeof(void *));
        }
        list[count++] = view_of_move(&b->found->moves[i]);
    }
    *ret_list = list;
    return count;
}
