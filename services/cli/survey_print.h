/* SPDX-License-Identifier: Apache-2.0 */
/* survey_print.h - what `troth survey` shows: two tables in English or Chinese, or JSON. */
#ifndef TROTH_SERVICES_CLI_SURVEY_PRINT_H
#define TROTH_SERVICES_CLI_SURVEY_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "services/cli/survey_figures.h"
#include "services/cli/survey_store.h"

struct survey_print {
    const struct survey_question *question;
    bool is_chinese;
    FILE *out;
};

void survey_print_tables(const struct survey_print *p, const struct survey_report *r);
/* In full precision; figures that are not there are left out. Shares and scores are in [0, 1] and
 * [-1, 1]. */
void survey_print_json(const struct survey_print *p, const struct survey_report *r);

#endif
