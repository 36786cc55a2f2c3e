/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_settings.h"

#include <stddef.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/model/decay.h"
#include "intake.pb-c.h"

#define AT(field) offsetof(struct loyalty_settings, field)

/* name, type, default, min, max, reloads, field, help */
/* The columns are too wide for it. */
/* clang-format off */
const struct setting loyalty_settings[] = {
    {"intake_events",   SETTING_TEXT,  "",    NULL, NULL,   false, AT(intake_events),
     "PUB endpoints of intake, separated by blanks: they wake us. Empty: we look every poll."},
    {"intake_key_file", SETTING_TEXT,  "",    NULL, NULL,   false, AT(intake_key_file),
     "File with intake's public CURVE key; needed with intake_events."},
    {"batch_events",    SETTING_COUNT, "1024", "1", "4096", false, AT(batch_events),
     "Events applied, or customers looked at, in one transaction at most."},
    {"overall_window",  SETTING_DURATION, "1461d",  "1d",    "36525d", false, AT(overall_window_us),
     "How long trust, satisfaction, recommendation and purchases count: four years."},
    {"process_window",  SETTING_DURATION, "730d12h", "1d",   "36525d", false, AT(process_window_us),
     "How long count how cases went, effort, gaps, complaints and breaks: two years."},
    {"weight_left",     SETTING_REAL,  "0.1", "0.001", "0.99", false, AT(weight_left),
     "Share of its weight that a thing has left at the end of its window."},
    {"recent_half_life", SETTING_DURATION, "90d",  "1h",     "36525d", false, AT(recent_half_life_us),
     "Half-life of the recent mood, with which overall satisfaction is compared."},
    {"broken_weight",   SETTING_REAL,  "2.25", "0.1",  "100", false, AT(broken_weight),
     "A broken promise weighs that much more than a kept one."},
    {"word_weight",     SETTING_REAL,  "2",    "1",    "100", false, AT(word_weight),
     "A promise about which the customer gave a word weighs that much more."},
    {"cause_would_not", SETTING_REAL,  "1",    "0.01", "10",  false, AT(cause_would_not),
     "Weight of a break because the company would not."},
    {"cause_could_not", SETTING_REAL,  "0.5",  "0.01", "10",  false, AT(cause_could_not),
     "Weight of a break because the company could not."},
    {"cause_understood_differently", SETTING_REAL, "0.75", "0.01", "10", false, AT(cause_understood),
     "Weight of a break because the two understood different things."},
    {"late_zero",       SETTING_REAL,  "1",    "0.01", "100", false, AT(late_zero),
     "Kept late by this share of the time given: half kept, half broken."},
    {"tier_silver",     SETTING_REAL,  "60",   "0",    "100", false, AT(tier_silver),
     "Index at which tier silver begins."},
    {"tier_gold",       SETTING_REAL,  "75",   "0",    "100", false, AT(tier_gold),
     "Index at which tier gold begins."},
    {"tier_slack",      SETTING_REAL,  "5",    "0",    "50",  false, AT(tier_slack),
     "A tier is lost this far below its beginning."},
    {"churn_raised",    SETTING_REAL,  "0.3",  "0",    "1",   false, AT(churn_raised),
     "Probability of leaving at which the risk is raised."},
    {"churn_high",      SETTING_REAL,  "0.6",  "0",    "1",   false, AT(churn_high),
     "Probability of leaving at which the risk is high."},
    {"churn_slack",     SETTING_REAL,  "0.05", "0",    "0.5", false, AT(churn_slack),
     "A risk is over this far below its beginning."},
    {"trust_broken_below", SETTING_REAL, "0.4", "0",   "1",   false, AT(trust_broken_below),
     "Trust is broken when the expected share of kept promises falls below it."},
    {"trust_slack",     SETTING_REAL,  "0.05", "0",    "0.5", false, AT(trust_slack),
     "It is whole again this far above that."},
    {"points_per_unit", SETTING_REAL,  "1",    "0",    "1000", false, AT(points_per_unit),
     "Loyalty points for each whole unit of the currency that a customer pays; 0: none."},
    {"points_currency", SETTING_TEXT,  "",     NULL, NULL,    false, AT(points_currency),
     "Purchases in other currencies earn no points, as CNY. Empty: a unit of any earns the same."},
    {"points_per_answer", SETTING_COUNT, "0",  "0",    "1000000", false, AT(points_per_answer),
     "Loyalty points for each answer to a survey; 0: none."},
    {"points_last",     SETTING_DURATION, "730d", "0s", "36525d", false, AT(points_last_us),
     "How long points can be spent, from when they were earned; 0: for ever."},
    {.type = SETTING_END},
};
/* clang-format on */

static int check_half_life(const char *setting, double half_life_us, struct err *err)
{
    if (half_life_us < (double)(LOYALTY_HALF_LIFE_DAYS_MIN * DURATION_DAY)) {
        return err_set_field(err, "settings_invalid", setting,
                             "gives a half-life of %.1f days; at least %d are needed",
                             half_life_us / (double)DURATION_DAY, LOYALTY_HALF_LIFE_DAYS_MIN);
    }
    return 0;
}

/* A slip would take the points from everybody. */
static int check_currency(const char *code, struct err *err)
{
    size_t length = strlen(code);

    if (length != 0 && (length != 3 || strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)) {
        return err_set_field(err, "settings_invalid", "points_currency",
                             "needs a currency code of ISO 4217 such as CNY, or none");
    }
    return 0;
}

static int check_order(const struct loyalty_settings *s, struct err *err)
{
    if (s->tier_silver >= s->tier_gold) {
        return err_set_field(err, "settings_invalid", "tier_gold", "must be above tier_silver");
    }
    if (s->churn_raised >= s->churn_high) {
        return err_set_field(err, "settings_invalid", "churn_high", "must be above churn_raised");
    }
    return 0;
}

int loyalty_settings_policy(const struct loyalty_settings *s, struct score_policy *ret_policy,
                            struct err *err)
{
    struct score_policy policy = score_policy_default;
    double overall_us = decay_half_life_us(s->overall_window_us, s->weight_left);
    double process_us = decay_half_life_us(s->process_window_us, s->weight_left);
    double recent_us = (double)s->recent_half_life_us;

    if (check_half_life("overall_window", overall_us, err) < 0 ||
        check_half_life("process_window", process_us, err) < 0 ||
        check_half_life("recent_half_life", recent_us, err) < 0 || check_order(s, err) < 0 ||
        check_currency(s->points_currency, err) < 0) {
        return -1;
    }
    score_policy_set_half_lives(&policy, overall_us, process_us, recent_us);
    policy.broken_weight = s->broken_weight;
    policy.word_weight = s->word_weight;
    policy.cause_weight[TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_WOULD_NOT] = s->cause_would_not;
    policy.cause_weight[TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_COULD_NOT] = s->cause_could_not;
    policy.cause_weight[TROTH__V1__BREAK_CAUSE__BREAK_CAUSE_UNDERSTOOD_DIFFERENTLY] =
        s->cause_understood;
    policy.late_zero = s->late_zero;
    policy.tier_from[TIER_SILVER] = s->tier_silver;
    policy.tier_from[TIER_GOLD] = s->tier_gold;
    policy.tier_slack = s->tier_slack;
    policy.churn_from[CHURN_RAISED] = s->churn_raised;
    policy.churn_from[CHURN_HIGH] = s->churn_high;
    policy.churn_slack = s->churn_slack;
    policy.trust_broken_below = s->trust_broken_below;
    policy.trust_slack = s->trust_slack;
    *ret_policy = policy;
    return 0;
}

struct points_policy loyalty_settings_points(const struct loyalty_settings *s)
{
    struct points_policy policy = {
        .per_unit = s->points_per_unit,
        .per_answer = s->points_per_answer,
        .last_us = s->points_last_us,
    };

    (void)text_copy(policy.currency, sizeof(policy.currency), s->points_currency);
    return policy;
}
