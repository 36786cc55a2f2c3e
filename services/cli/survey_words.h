/* SPDX-License-Identifier: Apache-2.0 */
/* survey_words.h - the words of what `troth survey` prints, in English and Chinese. Pure. */
#ifndef TROTH_SERVICES_CLI_SURVEY_WORDS_H
#define TROTH_SERVICES_CLI_SURVEY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/model/importance_performance.h"

enum survey_label {
    SURVEY_LABEL_ANSWERS_FROM = 0, /* before and between two times */
    SURVEY_LABEL_TO,
    SURVEY_LABEL_NONE,
    SURVEY_LABEL_COMPANY,
    SURVEY_LABEL_UNNAMED, /* the group of those whose case names none */
    SURVEY_LABEL_TOO_FEW,
    SURVEY_LABEL_MEAN,
    SURVEY_LABEL_WEIGHTED,
    /* Columns, as cli_table.h wants them; the first four in the order of enum survey_by. */
    SURVEY_LABEL_WHO,
    SURVEY_LABEL_BRANCH,
    SURVEY_LABEL_PRODUCT,
    SURVEY_LABEL_TEAM,
    SURVEY_LABEL_ANSWERS,
    SURVEY_LABEL_OF,
    SURVEY_LABEL_CSAT,
    SURVEY_LABEL_SATISFIED,
    SURVEY_LABEL_NPS,
    SURVEY_LABEL_CES,
    SURVEY_LABEL_DIMENSION,
    SURVEY_LABEL_EXPECTED,
    SURVEY_LABEL_PERCEIVED,
    SURVEY_LABEL_GAP,
    SURVEY_LABEL_ALPHA,
    SURVEY_LABEL_GRADE,
    SURVEY_LABEL_QUADRANT,
    /* Sentences below the tables. */
    SURVEY_LABEL_ABOUT_FEW,
    SURVEY_LABEL_ORDERED,
    SURVEY_LABEL_BY_NAME,
    SURVEY_LABEL_BEYOND,
    SURVEY_LABEL_ABOUT_ALPHA,
    SURVEY_LABEL_GIVEN, /* the next three in the order of enum survey_weighing */
    SURVEY_LABEL_ENTROPY,
    SURVEY_LABEL_EQUAL,
    SURVEY_LABEL_COUNT
};

/* An instrument goes before SURVEY_LABEL_ORDERED, a number behind SURVEY_LABEL_BEYOND. */
const char *survey_label(enum survey_label label, bool is_chinese);

const char *survey_dimension_word(size_t dimension, bool is_chinese); /* from 0 */
const char *survey_grade_word(size_t grade, bool is_chinese);         /* 1 to 7 */
const char *survey_quadrant_word(enum quadrant q, bool is_chinese);

#endif
