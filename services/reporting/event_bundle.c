/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/event_bundle.h"

#include <math.h>
#include <string.h>

#include "common/base/compiler.h"

#define INDEX_FAR 1e6 /* an index is 0 to 100; from here on differences might not fit */

/* Hundredths of an index; what is none is 0. */
static int64_t hundredths(double index)
{
    return fabs(index) < INDEX_FAR ? llround(index * 100) : 0;
}

/* The place of a name in an order; -1: none. */
static int place_of(const char *name, const char *const *order, int count)
{
    for (int i = 0; name != NULL && i < count; i++) {
        if (strcmp(order[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static void add_move(struct figure_bundle *to, enum figure_measure measure, int32_t day,
                     const char *before, const char *after)
{
    figure_entry_set(figure_bundle_add(to, measure, day), DIMENSION_MOVE,
                     figure_bundle_text(to, "%s>%s", before, after));
}

static void add_tier(struct figure_bundle *to, int32_t day, const Troth__V1__TierChanged *moved)
{
    static const char *const tiers[] = {"bronze", "silver", "gold"};
    int before = place_of(moved->before, tiers, ARRAY_LEN(tiers));
    int after = place_of(moved->after, tiers, ARRAY_LEN(tiers));

    if (before >= 0 && after >= 0 && before != after) {
        add_move(to, after > before ? MEASURE_TIER_UP : MEASURE_TIER_DOWN, day, moved->before,
                 moved->after);
    }
}

static void add_churn(struct figure_bundle *to, int32_t day,
                      const Troth__V1__ChurnRiskChanged *moved)
{
    static const char *const levels[] = {"low", "raised", "high"};
    int before = place_of(moved->before, levels, ARRAY_LEN(levels));
    int after = place_of(moved->after, levels, ARRAY_LEN(levels));

    if (before >= 0 && after > before) {
        add_move(to, MEASURE_CHURN_RAISED, day, moved->before, moved->after);
    }
}

static void add_index(struct figure_bundle *to, int32_t day, const Troth__V1__ScoreChanged *moved)
{
    int64_t by = hundredths(moved->index_after) - hundredths(moved->index_before);

    if (by != 0) {
        struct figure_entry *e =
            figure_bundle_add(to, by > 0 ? MEASURE_INDEX_ROSE : MEASURE_INDEX_FELL, day);
        e->sum = by > 0 ? by : -by;
        figure_entry_set(e, DIMENSION_REASON, moved->reason);
    }
}

static void add_purchase(struct figure_bundle *to, int32_t day,
                         const Troth__V1__PurchaseMade *purchase)
{
    to->values[DIMENSION_BRANCH] = purchase->branch;
    to->values[DIMENSION_PRODUCT] = purchase->product;
    to->values[DIMENSION_CURRENCY] = purchase->currency;
    (void)figure_bundle_add(to, MEASURE_PURCHASES, day);
    figure_bundle_add(to, MEASURE_REVENUE, day)->sum = purchase->amount_minor;
}

static void add_refund(struct figure_bundle *to, int32_t day, const Troth__V1__RefundMade *refund)
{
    to->values[DIMENSION_BRANCH] = refund->branch;
    to->values[DIMENSION_CURRENCY] = refund->currency;
    figure_bundle_add(to, MEASURE_REFUNDS, day)->sum = refund->amount_minor;
}

void event_bundle_make(const Troth__V1__Event *event, const struct zone *zone,
                       struct figure_bundle *ret)
{
    int32_t day = figure_day(zone, event->occurred_us);

    switch ((int)event->body_case) {
    case TROTH__V1__EVENT__BODY_PURCHASE_MADE:
        add_purchase(ret, day, event->purchase_made);
        break;
    case TROTH__V1__EVENT__BODY_REFUND_MADE:
        add_refund(ret, day, event->refund_made);
        break;
    case TROTH__V1__EVENT__BODY_TIER_CHANGED:
        add_tier(ret, day, event->tier_changed);
        break;
    case TROTH__V1__EVENT__BODY_SCORE_CHANGED:
        add_index(ret, day, event->score_changed);
        break;
    case TROTH__V1__EVENT__BODY_CHURN_RISK_CHANGED:
        add_churn(ret, day, event->churn_risk_changed);
        break;
    case TROTH__V1__EVENT__BODY_TRUST_BROKEN:
        (void)figure_bundle_add(ret, MEASURE_TRUST_BROKEN, day);
        break;
    default:
        break; /* it says which case, follow-up or answer to look at, or nothing */
    }
}
