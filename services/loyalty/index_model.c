/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/index_model.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/text.h"

#define BASE_POINTS           50.0
#define TRUST_POINTS          50.0 /* from certainly broken to certainly kept */
#define SATISFACTION_POINTS   7.5  /* per grade of CSAT */
#define RECOMMENDATION_POINTS 10.0

static const char *const names[CONTRIBUTION_COUNT] = {
    [CONTRIBUTION_BASE] = "base",
    [CONTRIBUTION_TRUST] = "trust",
    [CONTRIBUTION_SATISFACTION] = "satisfaction",
    [CONTRIBUTION_RECOMMENDATION] = "recommendation",
};

static int32_t hundredths_of(double points)
{
    return (int32_t)lround(points * 100.0);
}

struct loyalty_index index_of(const struct trust_account *account,
                              const struct satisfaction *answers)
{
    struct trust trust = trust_of_account(account);
    struct loyalty_index index;

    index.hundredths[CONTRIBUTION_BASE] = hundredths_of(BASE_POINTS);
    index.hundredths[CONTRIBUTION_TRUST] =
        hundredths_of((trust_expectation(trust) - 0.5) * TRUST_POINTS);
    index.hundredths[CONTRIBUTION_SATISFACTION] =
        hundredths_of((satisfaction_shrunk_csat(answers) - CSAT_PRIOR) * SATISFACTION_POINTS);
    index.hundredths[CONTRIBUTION_RECOMMENDATION] =
        hundredths_of(satisfaction_shrunk_nps(answers) * RECOMMENDATION_POINTS);
    return index;
}

double index_sum(const struct loyalty_index *index)
{
    int32_t sum = 0;

    for (int c = 0; c < CONTRIBUTION_COUNT; c++) {
        sum += index->hundredths[c];
    }
    return sum / 100.0;
}

double index_points(const struct loyalty_index *index, enum contribution c)
{
    return index->hundredths[c] / 100.0;
}

enum contribution index_moved_most(const struct loyalty_index *from, const struct loyalty_index *to)
{
    enum contribution most = CONTRIBUTION_BASE;
    int32_t distance = 0;

    for (int c = 0; c < CONTRIBUTION_COUNT; c++) {
        int32_t moved = abs(to->hundredths[c] - from->hundredths[c]);
        if (moved > distance) {
            distance = moved;
            most = (enum contribution)c;
        }
    }
    return most;
}

const char *contribution_name(enum contribution c)
{
    return names[c];
}

static void trust_because(const struct trust_account *a, char *ret_text)
{
    if (a->kept + a->kept_late + a->broken <= 0) {
        text_copy(ret_text, INDEX_BECAUSE_SIZE, "no promise has been kept or broken yet");
        return;
    }
    text_format(ret_text, INDEX_BECAUSE_SIZE,
                "%" PRId64 " kept, %" PRId64 " kept late, %" PRId64
                " broken: %.1f %% of promises are expected to be kept",
                a->kept, a->kept_late, a->broken, 100.0 * trust_expectation(trust_of_account(a)));
}

static void satisfaction_because(const struct satisfaction *s, char *ret_text)
{
    double mean;

    if (!satisfaction_csat_mean(s, &mean)) {
        text_copy(ret_text, INDEX_BECAUSE_SIZE, "no CSAT answer yet");
        return;
    }
    text_format(ret_text, INDEX_BECAUSE_SIZE,
                "%" PRId64
                " CSAT %s, mean %.2f; %.2f with the two answers of 3 that everybody is given",
                s->csat_count, s->csat_count == 1 ? "answer" : "answers", mean,
                satisfaction_shrunk_csat(s));
}

static void recommendation_because(const struct satisfaction *s, char *ret_text)
{
    double nps;

    if (!satisfaction_nps(s, &nps)) {
        text_copy(ret_text, INDEX_BECAUSE_SIZE, "no NPS answer yet");
        return;
    }
    text_format(ret_text, INDEX_BECAUSE_SIZE,
                "NPS %.0f from %" PRId64 " promoters, %" PRId64 " passives, %" PRId64
                " detractors; %.0f with the two passives that everybody is given",
                nps, s->nps_promoters, s->nps_passives, s->nps_detractors,
                100.0 * satisfaction_shrunk_nps(s));
}

const char *index_because(enum contribution c, const struct trust_account *account,
                          const struct satisfaction *answers, char ret_text[INDEX_BECAUSE_SIZE])
{
    switch (c) {
    case CONTRIBUTION_TRUST:
        trust_because(account, ret_text);
        break;
    case CONTRIBUTION_SATISFACTION:
        satisfaction_because(answers, ret_text);
        break;
    case CONTRIBUTION_RECOMMENDATION:
        recommendation_because(answers, ret_text);
        break;
    case CONTRIBUTION_BASE:
    case CONTRIBUTION_COUNT:
        text_copy(ret_text, INDEX_BECAUSE_SIZE, "where every customer starts");
        break;
    }
    return ret_text;
}
