/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_reply.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/model/beta_reputation.h"

Troth__V1__ScoreReply *score_reply_new(const char *request_id, const char *code, const char *text)
{
    Troth__V1__ScoreReply *reply = xcalloc(1, sizeof(*reply));

    troth__v1__score_reply__init(reply);
    reply->request_id = text_is_empty(request_id) ? NULL : xstrdup(request_id);
    reply->code = text_is_empty(code) ? NULL : xstrdup(code);
    reply->text = text_is_empty(text) ? NULL : xstrdup(text);
    return reply;
}

void score_reply_add_group(Troth__V1__ScoreReply *reply, const char *name, double weight,
                           double value, const int64_t counts[static 3])
{
    struct reputation trust = reputation_of_sums(weight, value);
    Troth__V1__GroupTrust *view = xcalloc(1, sizeof(*view));

    troth__v1__group_trust__init(view);
    view->name = xstrdup(name);
    view->has_trust = view->has_trust_uncertainty = true;
    view->trust = reputation_expectation(trust);
    view->trust_uncertainty = reputation_uncertainty(trust);
    view->has_kept = view->has_late = view->has_broken = true;
    view->kept = counts[0];
    view->late = counts[1];
    view->broken = counts[2];
    reply->groups = xreallocarray(reply->groups, reply->n_groups + 1, sizeof(void *));
    reply->groups[reply->n_groups++] = view;
}

void score_reply_add_text(Troth__V1__ScoreReply *reply, const char *more)
{
    struct text all = {.data = NULL};

    if (!text_is_empty(reply->text)) {
        text_appendf(&all, "%s; ", reply->text);
    }
    text_append(&all, more);
    free(reply->text);
    reply->text = all.data;
}

void score_reply_say_missing(Troth__V1__ScoreReply *reply, size_t unknown, size_t erased)
{
    char text[128];

    if (unknown > 0) {
        (void)text_format(text, sizeof(text), "%zu of them are no customers", unknown);
        score_reply_add_text(reply, text);
    }
    if (erased > 0) {
        (void)text_format(text, sizeof(text), "%zu of them are erased", erased);
        score_reply_add_text(reply, text);
    }
}

/* ---- making it fit */

static bool is_too_large(const Troth__V1__ScoreReply *reply, size_t max)
{
    return troth__v1__score_reply__get_packed_size(reply) > max;
}

static void keep(Troth__V1__Evidence **list, size_t *count, size_t max)
{
    while (*count > max) {
        troth__v1__evidence__free_unpacked(list[--*count], NULL);
    }
}

/* Returns how many are the most that any contribution has. */
static size_t keep_evidence(Troth__V1__ScoreReply *reply, size_t max)
{
    size_t most = 0;

    for (size_t i = 0; i < reply->n_scores; i++) {
        Troth__V1__Score *s = reply->scores[i];
        keep(s->complaints, &s->n_complaints, max);
        most = s->n_complaints > most ? s->n_complaints : most;
        for (size_t k = 0; k < s->n_contributions; k++) {
            keep(s->contributions[k]->evidence, &s->contributions[k]->n_evidence, max);
            most = s->contributions[k]->n_evidence > most ? s->contributions[k]->n_evidence : most;
        }
    }
    return most;
}

static void drop_text(char **text)
{
    free(*text);
    *text = NULL;
}

/* The contribution that moves the index furthest from where everybody starts; NULL: none does. */
static const Troth__V1__Contribution *weightiest(const Troth__V1__Score *s)
{
    const Troth__V1__Contribution *most = NULL;

    for (size_t k = 0; k < s->n_contributions; k++) {
        const Troth__V1__Contribution *c = s->contributions[k];
        if (c->points_min < c->points_max &&
            (most == NULL || fabs(c->points) > fabs(most->points))) {
            most = c;
        }
    }
    return most;
}

static void drop_sentences(Troth__V1__ScoreReply *reply, bool is_all)
{
    for (size_t i = 0; i < reply->n_scores; i++) {
        Troth__V1__Score *s = reply->scores[i];
        const Troth__V1__Contribution *kept = is_all ? NULL : weightiest(s);
        drop_text(&s->churn_because);
        for (size_t k = 0; k < s->n_contributions; k++) {
            if (s->contributions[k] != kept) {
                drop_text(&s->contributions[k]->because);
            }
        }
    }
}

void score_reply_fit(Troth__V1__ScoreReply *reply, size_t max)
{
    const char *left_out = NULL;
    /* The text takes room too. */
    size_t room = max > 256 ? max - 256 : 0;

    if (!is_too_large(reply, max)) {
        return;
    }
    for (size_t most = keep_evidence(reply, SIZE_MAX); most > 0 && is_too_large(reply, room);) {
        most = keep_evidence(reply, most - 1);
        left_out = "older evidence is left out: the reply would be too large";
    }
    for (int is_all = 0; is_all <= 1 && is_too_large(reply, room); is_all++) {
        drop_sentences(reply, is_all != 0);
        left_out = is_all != 0
                       ? "evidence and sentences are left out: the reply would be too large"
                       : "evidence and most sentences are left out: the reply would be too large";
    }
    while (reply->n_scores > 0 && is_too_large(reply, room)) {
        troth__v1__score__free_unpacked(reply->scores[--reply->n_scores], NULL);
        left_out = "evidence, sentences and the last scores are left out: the reply would be too"
                   " large";
    }
    if (left_out != NULL) {
        score_reply_add_text(reply, left_out);
    }
}
