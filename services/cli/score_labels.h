/* SPDX-License-Identifier: Apache-2.0 */
/* score_labels.h - the words of what `troth score` prints, in English and Chinese. Pure. */
#ifndef TROTH_SERVICES_CLI_SCORE_LABELS_H
#define TROTH_SERVICES_CLI_SCORE_LABELS_H

#include <stdbool.h>

enum score_label {
    SCORE_LABEL_INDEX = 0, /* above one customer */
    SCORE_LABEL_OF_100,
    SCORE_LABEL_TIER,
    SCORE_LABEL_AS_OF,
    SCORE_LABEL_TRUST,
    SCORE_LABEL_UNCERTAINTY,
    SCORE_LABEL_KEPT,
    SCORE_LABEL_BROKEN,
    SCORE_LABEL_CHURN,
    SCORE_LABEL_SATISFACTION,
    SCORE_LABEL_OF_5,
    SCORE_LABEL_ANSWER_ONE,
    SCORE_LABEL_ANSWERS,
    SCORE_LABEL_VALUE,
    SCORE_LABEL_EXPECTED,
    SCORE_LABEL_WORTH,
    SCORE_LABEL_ALIVE,
    SCORE_LABEL_MERGED,
    SCORE_LABEL_MERGED_ONE,
    SCORE_LABEL_MERGED_MANY,
    SCORE_LABEL_REPLAY,
    SCORE_LABEL_REPLAY_AGREES,
    SCORE_LABEL_REPLAY_DIFFERS,
    SCORE_LABEL_SUM,
    SCORE_LABEL_SUM_OF_ALL,
    SCORE_LABEL_MOVES,
    SCORE_LABEL_EVIDENCE,
    SCORE_LABEL_NO_SCORES,
    SCORE_LABEL_NO_GROUPS,
    SCORE_LABEL_COMPANY,
    /* Columns. */
    SCORE_LABEL_POINTS,
    SCORE_LABEL_FROM,
    SCORE_LABEL_BECAUSE,
    SCORE_LABEL_TIME,
    SCORE_LABEL_BEFORE,
    SCORE_LABEL_AFTER,
    SCORE_LABEL_MOVE,
    SCORE_LABEL_REASON,
    SCORE_LABEL_EVENT,
    SCORE_LABEL_KIND,
    SCORE_LABEL_SUBJECT,
    SCORE_LABEL_ANSWER,
    SCORE_LABEL_WEIGHT,
    SCORE_LABEL_CUSTOMER,
    SCORE_LABEL_INDEX_COLUMN,
    SCORE_LABEL_TIER_COLUMN,
    SCORE_LABEL_CHURN_COLUMN,
    SCORE_LABEL_TRUST_COLUMN,
    SCORE_LABEL_WHY,
    SCORE_LABEL_WHO,
    SCORE_LABEL_BRANCH,
    SCORE_LABEL_TEAM,
    SCORE_LABEL_PROMISE_KIND,
    SCORE_LABEL_UNCERTAINTY_COLUMN,
    SCORE_LABEL_KEPT_COLUMN,
    SCORE_LABEL_LATE_COLUMN,
    SCORE_LABEL_BROKEN_COLUMN,
    SCORE_LABEL_COUNT
};

/* Of columns with figures the Chinese word too begins with '>': cli_table.h. */
const char *score_label(enum score_label label, bool is_chinese);

/* A word of the wire ("service_gap", "promise_kept", "gold") as people say it; itself where nothing
 * better is known. */
const char *score_word(const char *word, bool is_chinese);

#endif
