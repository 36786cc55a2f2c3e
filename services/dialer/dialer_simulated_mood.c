/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_simulated_mood.h"

#include <string.h>

#include "intake.pb-c.h"

enum dialer_mood dialer_mood_of(const struct dialer_order *order)
{
    if (order->promises_broken > 0) {
        return DIALER_MOOD_LET_DOWN;
    }
    return order->promises_kept > 0 ? DIALER_MOOD_PLEASED : DIALER_MOOD_NEUTRAL;
}

int32_t dialer_mood_csat(enum dialer_mood mood, double chance)
{
    /* Cumulative shares of 1 to 4; the rest says 5. */
    static const double shares[][4] = {
        [DIALER_MOOD_NEUTRAL] = {0.05, 0.15, 0.40, 0.75},
        [DIALER_MOOD_PLEASED] = {0.02, 0.05, 0.15, 0.55},
        [DIALER_MOOD_LET_DOWN] = {0.30, 0.60, 0.85, 0.95},
    };
    int32_t csat = 1;
    while (csat < 5 && chance >= shares[mood][csat - 1]) {
        csat++;
    }
    return csat;
}

int32_t dialer_mood_nps(int32_t csat, double chance)
{
    /* Give or take: lowest and number of values by CSAT. */
    static const struct {
        int32_t low, count;
    } ranges[] = {
        {0, 4},
        {2, 4},
        {5, 3},
        {7, 3},
        {8, 3}
    };
    return ranges[csat - 1].low + (int32_t)(chance * ranges[csat - 1].count);
}

/* Whether the customer says that it is solved: the share by mood. */
static int32_t solved(enum dialer_mood mood, double chance)
{
    static const double shares[] = {
        [DIALER_MOOD_NEUTRAL] = 0.85,
        [DIALER_MOOD_PLEASED] = 0.95,
        [DIALER_MOOD_LET_DOWN] = 0.60,
    };
    return chance < shares[mood] ? 1 : 0;
}

/* satisfaction in [0, 1] on the item's scale, up to one step of it lower or higher. */
static int32_t on_scale(const struct dialer_item *item, double satisfaction, double chance)
{
    double width = (double)(item->high - item->low);
    double step = width < 10.0 ? 1.0 : width / 10.0;
    double value = (double)item->low + satisfaction * width + (2.0 * chance - 1.0) * step;
    int32_t rounded = (int32_t)(value + 0.5);
    if (rounded < item->low) {
        return item->low;
    }
    return rounded > item->high ? item->high : rounded;
}

static bool is_expectation(const struct dialer_item *item)
{
    static const char ending[] = "_expectation";
    size_t len = strlen(item->code);
    return len >= sizeof(ending) - 1 &&
           strcmp(item->code + len - (sizeof(ending) - 1), ending) == 0;
}

int32_t dialer_mood_value(const struct dialer_item *item, enum dialer_mood mood, int32_t csat,
                          double chance)
{
    switch (item->instrument) {
    case 0:
        return solved(mood, chance);
    case TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT:
        return csat;
    case TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS:
        return dialer_mood_nps(csat, chance);
    default:
        /* Everybody expects much, whatever is delivered. */
        return on_scale(item, is_expectation(item) ? 0.9 : (double)(csat - 1) / 4.0, chance);
    }
}
