/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/model_words.h"

#include <string.h>

/* The columns are too wide for it. */
/* clang-format off */
const struct model_words model_words[] = {
    {"purchases", "how often each customer will buy, and who is gone (BG/NBD, in days)",
     "purchases count as they were made, faded; who is gone is told by the usual interval",
     "troth model fit", "r alpha a b"},
    {"spend", "what a customer spends on a day with a purchase (Gamma-Gamma, in minor units)",
     "no value is foretold",
     "troth model fit", "p q gamma currency"},
    {"churn", "how likely a customer leaves within half a year (logistic regression)",
     "the documented rule tells it, and the score says so",
     "troth model train",
     "intercept complaints broken silence gone falling dissatisfaction distrust value "
     "calibration_intercept calibration_slope is_by_alive"},
    {"averages", "what few answers are drawn towards: the means of all customers",
     "few answers are drawn towards the middles of their scales",
     "troth model fit", "csat nps_share ces gap experience"},
    {"rfm", "bounds of the quintiles of recency (days), frequency and money",
     "customers are not put into quintiles",
     "troth model fit",
     "recency_1 recency_2 recency_3 recency_4 frequency_1 frequency_2 frequency_3 frequency_4 "
     "money_1 money_2 money_3 money_4"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct holdout_words holdout_words[] = {
    {"held_days", "days that were kept aside"},
    {"held_customers", "customers whose purchases in them were foretold"},
    {"expected_mean", "purchases foretold, each customer"},
    {"actual_mean", "purchases made, each customer"},
    {"mean_error", "foretold less made"},
    {"mean_absolute_error", "off by, each customer"},
    {"correlation", "of foretold and made"},
    {"learned", "observations learned from"},
    {"calibrated", "observations calibrated on"},
    {"told", "observations only told"},
    {"told_share", "of these told to leave"},
    {"left_share", "of these left"},
    {"auc", "chance to tell one who left from one who stayed"},
    {"brier", "mean square error"},
    {"brier_of_share", "the same when all are told the same"},
    {"rule_brier", "the same by the rule"},
    {"rule_auc", "chance to tell them apart by the rule"},
    {"log_loss", "mean -ln of what was told for what came"},
    {"calibration_error", "told and come apart by, in tenths of probability"},
    {NULL, NULL},
};
/* clang-format on */

const struct model_words *model_words_of(const char *name)
{
    for (const struct model_words *w = model_words; w->name; w++) {
        if (strcmp(w->name, name) == 0) {
            return w;
        }
    }
    return NULL;
}
