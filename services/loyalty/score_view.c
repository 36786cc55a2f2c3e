/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "event.pb-c.h"

Troth__V1__ScoreReply *score_reply_new(const char *request_id, const char *code, const char *text)
{
    Troth__V1__ScoreReply *reply = xcalloc(1, sizeof(*reply));

    troth__v1__score_reply__init(reply);
    reply->request_id = text_is_empty(request_id) ? NULL : xstrdup(request_id);
    reply->code = text_is_empty(code) ? NULL : xstrdup(code);
    reply->text = text_is_empty(text) ? NULL : xstrdup(text);
    return reply;
}

/* ---- evidence */

static const char *promise_kind(int32_t state)
{
    if (state == TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT) {
        return "promise_kept";
    }
    return state == TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT_LATE ? "promise_kept_late"
                                                                      : "promise_broken";
}

static double promise_grade(int32_t state)
{
    if (state == TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT) {
        return TRUST_GRADE_KEPT;
    }
    return state == TROTH__V1__PROMISE_STATE__PROMISE_STATE_KEPT_LATE ? TRUST_GRADE_LATE
                                                                      : TRUST_GRADE_BROKEN;
}

static char *subject_of(const struct evidence *e)
{
    char text[IDENTIFIER_TEXT_SIZE];

    if (e->kind == EVIDENCE_PROMISE) {
        return xstrdup(identifier_format(IDENTIFIER_PROMISE, e->subject, text));
    }
    /* An answer without a case is about the customer as a whole. */
    return e->service_case == 0
               ? NULL
               : xstrdup(identifier_format(IDENTIFIER_CASE, e->service_case, text));
}

static Troth__V1__Evidence *evidence_view(const struct evidence *e)
{
    Troth__V1__Evidence *view = xcalloc(1, sizeof(*view));
    bool is_promise = e->kind == EVIDENCE_PROMISE;
    struct text position = {.data = NULL};

    troth__v1__evidence__init(view);
    if (is_promise) {
        view->kind = xstrdup(promise_kind(e->value));
    } else {
        view->kind = xstrdup(e->kind == EVIDENCE_CSAT ? "csat" : "nps");
    }
    view->subject = subject_of(e);
    view->has_at_us = true;
    view->at_us = e->at_us;
    view->has_value = true;
    view->value = is_promise ? promise_grade(e->value) : e->value;
    text_appendf(&position, "%s/%d/%" PRId64, e->stream, identifier_bucket(e->customer), e->seq);
    view->event = position.data;
    return view;
}

/* ---- scores */

static bool is_behind(enum contribution c, enum evidence_kind kind)
{
    switch (kind) {
    case EVIDENCE_PROMISE:
        return c == CONTRIBUTION_TRUST;
    case EVIDENCE_CSAT:
        return c == CONTRIBUTION_SATISFACTION;
    case EVIDENCE_NPS:
        return c == CONTRIBUTION_RECOMMENDATION;
    }
    return false;
}

static Troth__V1__Contribution *contribution_view(enum contribution c,
                                                  const struct loyalty_customer *customer,
                                                  const struct evidence *evidence, size_t count)
{
    Troth__V1__Contribution *view = xcalloc(1, sizeof(*view));
    char because[INDEX_BECAUSE_SIZE];

    troth__v1__contribution__init(view);
    view->name = xstrdup(contribution_name(c));
    view->has_points = true;
    view->points = index_points(&customer->index, c);
    view->because = xstrdup(index_because(c, &customer->account, &customer->answers, because));
    view->evidence = xcalloc(SCORE_EVIDENCE_MAX, sizeof(void *));
    for (size_t i = 0; i < count && view->n_evidence < SCORE_EVIDENCE_MAX; i++) {
        if (evidence[i].customer == customer->number && is_behind(c, evidence[i].kind)) {
            view->evidence[view->n_evidence++] = evidence_view(&evidence[i]);
        }
    }
    return view;
}

static void fill_figures(Troth__V1__Score *view, const struct loyalty_customer *c)
{
    struct trust trust = trust_of_account(&c->account);

    view->has_csat_mean = satisfaction_csat_mean(&c->answers, &view->csat_mean);
    view->has_csat_count = true;
    view->csat_count = (int32_t)c->answers.csat_count;
    view->has_nps = satisfaction_nps(&c->answers, &view->nps);
    view->has_nps_count = true;
    view->nps_count = (int32_t)satisfaction_nps_count(&c->answers);
    view->has_trust = true;
    view->trust = trust_expectation(trust);
    view->has_trust_uncertainty = true;
    view->trust_uncertainty = trust_uncertainty(trust);
    view->has_promises_kept = true;
    view->promises_kept = (int32_t)c->account.kept;
    view->has_promises_broken = true;
    view->promises_broken = (int32_t)(c->account.kept_late + c->account.broken);
}

static Troth__V1__Score *score_view(const struct score_row *row, const struct evidence *evidence,
                                    size_t count)
{
    const struct loyalty_customer *c = &row->customer;
    Troth__V1__Score *view = xcalloc(1, sizeof(*view));
    char number[IDENTIFIER_TEXT_SIZE];

    troth__v1__score__init(view);
    view->customer_number = xstrdup(identifier_format(IDENTIFIER_CUSTOMER, c->number, number));
    view->has_index = true;
    view->index = index_sum(&c->index);
    view->contributions = xcalloc(CONTRIBUTION_COUNT, sizeof(void *));
    for (int i = 0; i < CONTRIBUTION_COUNT; i++) {
        view->contributions[view->n_contributions++] =
            contribution_view((enum contribution)i, c, evidence, count);
    }
    fill_figures(view, c);
    view->has_index_before = row->has_index_before;
    view->index_before = row->index_before;
    view->has_merged_count = row->merged_count > 0;
    view->merged_count = row->merged_count;
    view->has_changed_us = c->changed_us != INT64_MIN;
    view->changed_us = view->has_changed_us ? c->changed_us : 0;
    return view;
}

void score_reply_add(Troth__V1__ScoreReply *reply, const struct score_row *row,
                     const struct evidence *evidence, size_t count)
{
    reply->scores = xreallocarray(reply->scores, reply->n_scores + 1, sizeof(void *));
    reply->scores[reply->n_scores++] = score_view(row, evidence, count);
}

/* ---- making it fit */

static bool is_too_large(const Troth__V1__ScoreReply *reply, size_t max)
{
    return troth__v1__score_reply__get_packed_size(reply) > max;
}

static void keep_evidence(Troth__V1__ScoreReply *reply, size_t per_contribution)
{
    for (size_t i = 0; i < reply->n_scores; i++) {
        for (size_t k = 0; k < reply->scores[i]->n_contributions; k++) {
            Troth__V1__Contribution *c = reply->scores[i]->contributions[k];
            while (c->n_evidence > per_contribution) {
                troth__v1__evidence__free_unpacked(c->evidence[--c->n_evidence], NULL);
            }
        }
    }
}

static void set_text(Troth__V1__ScoreReply *reply, const char *text)
{
    free(reply->text);
    reply->text = xstrdup(text);
}

void score_reply_fit(Troth__V1__ScoreReply *reply, size_t max)
{
    if (is_too_large(reply, max)) {
        set_text(reply, "older evidence is left out: the reply would be too large");
    }
    for (size_t keep = SCORE_EVIDENCE_MAX; keep > 0 && is_too_large(reply, max);) {
        keep_evidence(reply, --keep);
    }
    if (is_too_large(reply, max)) {
        set_text(reply, "evidence and the last scores are left out: the reply would be too large");
    }
    while (reply->n_scores > 0 && is_too_large(reply, max)) {
        troth__v1__score__free_unpacked(reply->scores[--reply->n_scores], NULL);
    }
}
