/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_view.h"

#include <math.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/model/rfm.h"
#include "services/loyalty/score_evidence_view.h"
#include "services/loyalty/score_words.h"

#define DIMENSION_COUNT 5
#define INDEX_MAX       100.0

static double mean_of(const struct account *a, enum measure m)
{
    return a->sums[m].weight > 0 ? a->sums[m].value / a->sums[m].weight : 0;
}

static int32_t count_of(const struct account *a, enum measure m)
{
    return (int32_t)a->sums[m].count;
}

/* ---- contributions */

/* In points, as score_model.h has them. */
static const struct {
    double min, max;
} ranges[CONTRIBUTION_COUNT] = {
    [CONTRIBUTION_BASE] = {50,  50},
      [CONTRIBUTION_TRUST] = {-18, 18},
    [CONTRIBUTION_SATISFACTION] = {-8,  8 },
      [CONTRIBUTION_EXPERIENCE] = {-6,  6 },
    [CONTRIBUTION_RECOMMENDATION] = {-6,  6 },
      [CONTRIBUTION_EFFORT] = {-2,  2 },
    [CONTRIBUTION_SERVICE_GAP] = {-4,  4 },
      [CONTRIBUTION_PURCHASES] = {0,   6 },
};

static Troth__V1__Contribution *contribution_view(const struct score_explained *x,
                                                  const struct score_evidence_behind *behind,
                                                  enum contribution c)
{
    Troth__V1__Contribution *view = xcalloc(1, sizeof(*view));
    struct text because = {.data = NULL};

    troth__v1__contribution__init(view);
    view->name = xstrdup(contribution_name(c));
    view->has_points = view->has_points_min = view->has_points_max = true;
    view->points = x->score->hundredths[c] / 100.0;
    view->points_min = ranges[c].min;
    view->points_max = ranges[c].max;
    score_words_because(x, c, &because);
    view->because = because.data;
    view->n_evidence = score_evidence_of(behind, c, &view->evidence);
    return view;
}

/* ---- figures */

static void fill_answers(Troth__V1__Score *view, const struct account *a)
{
    double gaps = 0;
    int dimensions = 0;

    view->has_csat_count = view->has_nps_count = true;
    view->csat_count = count_of(a, MEASURE_RECENT);
    view->has_csat_mean = view->csat_count > 0;
    view->csat_mean = mean_of(a, MEASURE_RECENT);
    view->nps_count = count_of(a, MEASURE_RECOMMENDATION);
    view->has_nps = view->nps_count > 0;
    view->nps = 100 * mean_of(a, MEASURE_RECOMMENDATION);
    for (int i = 0; i < DIMENSION_COUNT; i++) {
        enum measure m = (enum measure)(MEASURE_GAP_TANGIBLES + i);
        view->servqual_items += count_of(a, m);
        dimensions += count_of(a, m) > 0;
        gaps += mean_of(a, m);
    }
    view->has_servqual_items = view->has_servqual_gap = dimensions > 0;
    view->servqual_gap = dimensions > 0 ? gaps / dimensions : 0;
}

static void fill_trust(Troth__V1__Score *view, const struct account *a, const struct score *s)
{
    int32_t late = count_of(a, MEASURE_LATE), broken = count_of(a, MEASURE_BROKEN);

    view->has_trust = view->has_trust_uncertainty = true;
    view->trust = s->trust;
    view->trust_uncertainty = s->trust_uncertainty;
    view->has_promises_kept = view->has_promises_broken = true;
    view->promises_kept = count_of(a, MEASURE_TRUST) - late - broken;
    view->promises_broken = late + broken;
}

/* All that was spent, as the cuts were fitted. */
static double money_spent(const struct account *a)
{
    double bought = mean_of(a, MEASURE_PURCHASES) * count_of(a, MEASURE_PURCHASES);
    double refunded = mean_of(a, MEASURE_REFUNDS) * count_of(a, MEASURE_REFUNDS);

    return bought - refunded;
}

static char *rfm_text(const struct account *a, const struct fit_set *fits, int64_t at_us)
{
    struct fit_set cuts = *fits; /* rfm_of() takes them writable */
    double days = (double)(at_us - a->last_purchase_us) / (double)DURATION_DAY;
    struct rfm rfm = rfm_of(cuts.rfm_cuts, fmax(days, 0), a->purchase_days, money_spent(a));
    char text[16];

    (void)text_format(text, sizeof(text), "%d%d%d", rfm.recency, rfm.frequency, rfm.money);
    return xstrdup(text);
}

static void fill_value(Troth__V1__Score *view, const struct score_viewing *v,
                       const struct account *a, const struct score *s)
{
    const struct fit_set *fits = v->fits;

    view->has_alive = s->has_alive;
    view->alive = s->alive;
    view->has_expected_purchases = s->has_alive;
    view->expected_purchases = s->expected_purchases;
    view->has_expected_value_minor = s->has_alive && s->expected_value_minor > 0;
    view->expected_value_minor =
        view->has_expected_value_minor ? llround(s->expected_value_minor) : 0;
    if (a->currency[0] != '\0' && strcmp(a->currency, SEVERAL_CURRENCIES) != 0) {
        view->currency = xstrdup(a->currency);
    }
    if (fits->has_rfm && a->purchase_days > 0 && strcmp(fits->rfm_currency, a->currency) == 0) {
        view->rfm = rfm_text(a, fits, v->at_us);
    }
}

static void fill_churn(Troth__V1__Score *view, const struct score_explained *x,
                       const struct standing *standing)
{
    struct text because = {.data = NULL};

    view->has_churn = true;
    view->churn = x->score->churn;
    view->churn_level = xstrdup(churn_level_name(standing->churn_level));
    score_words_churn(x, &because);
    view->churn_because = because.data;
    view->tier = xstrdup(tier_name(standing->tier));
}

static void fill_times(Troth__V1__Score *view, const struct score_viewing *v,
                       const struct score_person *p)
{
    view->has_index_before = p->fall_hundredths < 0;
    view->index_before = fmin(view->index - p->fall_hundredths / 100.0, INDEX_MAX);
    view->has_merged_count = p->merged_count > 0;
    view->merged_count = p->merged_count;
    view->has_changed_us = p->changed_us != INT64_MIN;
    view->changed_us = view->has_changed_us ? p->changed_us : 0;
    view->has_evaluated_us = p->evaluated_us != INT64_MIN;
    view->evaluated_us = view->has_evaluated_us ? p->evaluated_us : 0;
    view->has_next_change_us = p->next_change_us != INT64_MAX;
    view->next_change_us = view->has_next_change_us ? p->next_change_us : 0;
    view->has_as_of_us = true;
    view->as_of_us = v->at_us;
}

/* ---- all of it */

static Troth__V1__Score *score_view(const struct score_viewing *v, const struct score_person *p)
{
    const struct score score = score_at(&p->account, v->policy, v->fits, v->at_us);
    const struct standing standing = standing_after(p->standing, &score, v->policy);
    const struct score_explained x = {.account = &p->account,
                                      .score = &score,
                                      .policy = v->policy,
                                      .fits = v->fits,
                                      .at_us = v->at_us,
                                      .is_chinese = v->is_chinese};
    const struct score_evidence_behind behind = {.found = v->found,
                                                 .policy = v->policy,
                                                 .person = p->number,
                                                 .at_us = v->at_us,
                                                 .max = v->evidence_max};
    Troth__V1__Score *view = xcalloc(1, sizeof(*view));
    char number[IDENTIFIER_TEXT_SIZE];

    troth__v1__score__init(view);
    view->customer_number = xstrdup(identifier_format(IDENTIFIER_CUSTOMER, p->number, number));
    view->has_index = true;
    view->index = score_index(&score);
    view->contributions = xcalloc(CONTRIBUTION_COUNT, sizeof(void *));
    for (int i = 0; i < CONTRIBUTION_COUNT; i++) {
        view->contributions[view->n_contributions++] =
            contribution_view(&x, &behind, (enum contribution)i);
    }
    fill_answers(view, &p->account);
    fill_trust(view, &p->account, &score);
    fill_value(view, v, &p->account, &score);
    fill_churn(view, &x, &standing);
    fill_times(view, v, p);
    view->n_history = score_moves_of(&behind, &view->history);
    view->n_complaints = score_evidence_of_complaints(&behind, &view->complaints);
    return view;
}

void score_view_add(Troth__V1__ScoreReply *reply, const struct score_viewing *v,
                    const struct score_person *person)
{
    reply->scores = xreallocarray(reply->scores, reply->n_scores + 1, sizeof(void *));
    reply->scores[reply->n_scores++] = score_view(v, person);
}
