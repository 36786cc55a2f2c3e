/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/points_fact.h"

#include <math.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/currency.h"

/* ---- names */

static const char *const subject_names[POINTS_SUBJECT_END + 1] = {
    [POINTS_OF_PURCHASE] = "purchase", [POINTS_OF_ANSWER] = "answer",
    [POINTS_OF_REFUND] = "refund",     [POINTS_OF_REDEMPTION] = "redemption",
    [POINTS_SUBJECT_END] = "unknown",
};

const char *points_subject_name(enum points_subject s)
{
    return subject_names[s];
}

enum points_subject points_subject_named(const char *name)
{
    for (int s = 1; s < POINTS_SUBJECT_END; s++) {
        if (strcmp(subject_names[s], name) == 0) {
            return (enum points_subject)s;
        }
    }
    return POINTS_SUBJECT_END;
}

/* ---- facts */

/* Whole points only, of refunds too: given back as a whole, 1.50 that earned 1 point takes back 1.
 * The tiny share makes up for rates such as 0.1 that no double holds. */
static int64_t points_of_money(int64_t amount_minor, const char *currency, double per_unit)
{
    double points = (double)amount_minor / pow(10.0, currency_digits(currency)) * per_unit;
    double whole = floor(points * (1.0 + 1e-12) + 1e-9);

    return whole < (double)POINTS_MAX ? (int64_t)whole : POINTS_MAX;
}

static bool counts(const struct points_policy *policy, const char *currency)
{
    return !text_is_empty(currency) &&
           (text_is_empty(policy->currency) || strcmp(currency, policy->currency) == 0);
}

static void of_money(struct points_fact *f, int64_t amount_minor, const char *currency,
                     const struct points_policy *policy)
{
    f->points = amount_minor > 0 && counts(policy, currency)
                    ? points_of_money(amount_minor, currency, policy->per_unit)
                    : 0;
}

bool points_fact_of(const Troth__V1__Event *event, const struct points_policy *policy,
                    struct points_fact *ret_fact)
{
    struct points_fact f = {
        .customer = event->customer,
        .is_reversal = event->is_reversal,
        .is_historical = event->is_historical,
        .at_us = event->occurred_us,
        .recorded_us = event->has_recorded_us ? event->recorded_us : event->occurred_us,
        .stream = event->stream,
        .seq = event->seq,
    };
    const Troth__V1__PurchaseMade *bought;
    const Troth__V1__RefundMade *back;

    /* NOLINTNEXTLINE(clang-diagnostic-switch-enum): the others say nothing about points */
    switch ((int)event->body_case) {
    case TROTH__V1__EVENT__BODY_PURCHASE_MADE:
        bought = event->purchase_made;
        f.of = POINTS_OF_PURCHASE;
        f.subject = bought->purchase;
        of_money(&f, bought->amount_minor, bought->currency, policy);
        break;
    case TROTH__V1__EVENT__BODY_REFUND_MADE:
        back = event->refund_made;
        f.of = POINTS_OF_REFUND;
        f.subject = back->refund;
        of_money(&f, back->amount_minor, back->currency, policy);
        break;
    case TROTH__V1__EVENT__BODY_SURVEY_ANSWERED:
        f.of = POINTS_OF_ANSWER;
        f.subject = event->survey_answered->answer;
        f.points = policy->per_answer;
        break;
    case TROTH__V1__EVENT__BODY_POINTS_SPENT:
        f.of = POINTS_OF_REDEMPTION;
        f.subject = event->points_spent->redemption;
        f.points = event->points_spent->points;
        break;
    default:
        return false;
    }
    if (f.points < (f.is_reversal ? 0 : 1) || f.points > POINTS_MAX || f.subject <= 0 ||
        f.customer <= 0) {
        return false;
    }
    *ret_fact = f;
    return true;
}
