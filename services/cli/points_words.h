/* SPDX-License-Identifier: Apache-2.0 */
/* points_words.h - the words of what `troth points` prints, in English and Chinese. Pure. */
#ifndef TROTH_SERVICES_CLI_POINTS_WORDS_H
#define TROTH_SERVICES_CLI_POINTS_WORDS_H

#include <stdbool.h>

enum points_label {
    POINTS_LABEL_BALANCE = 0, /* behind a number */
    POINTS_LABEL_EXPIRING,
    POINTS_LABEL_ELSEWHERE,
    POINTS_LABEL_NO_ENTRIES,
    /* Columns, as cli_table.h wants them. */
    POINTS_LABEL_TIME,
    POINTS_LABEL_POINTS,
    POINTS_LABEL_BALANCE_COLUMN,
    POINTS_LABEL_LEFT,
    POINTS_LABEL_UNTIL,
    POINTS_LABEL_WHAT,
    POINTS_LABEL_COUNT
};

const char *points_label(enum points_label label, bool is_chinese);

/* What happened, by PointsEntry's kind and reason; the kind itself where nothing better is known.
 */
const char *points_words(const char *kind, const char *reason, bool is_chinese);

#endif
