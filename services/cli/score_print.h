/* SPDX-License-Identifier: Apache-2.0 */
/* score_print.h - scores for people: one explained, many in a table, the trust of groups. */
#ifndef TROTH_SERVICES_CLI_SCORE_PRINT_H
#define TROTH_SERVICES_CLI_SCORE_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "score.pb-c.h"

struct score_print {
    bool is_chinese;
    bool has_evidence; /* of one customer: the events behind each contribution too */
    bool is_best;      /* of many: what speaks most for each, else what speaks most against */
    FILE *out;
};

void score_print_one(const struct score_print *p, const Troth__V1__Score *s);

/* score_print_list.c */
void score_print_list(const struct score_print *p, const Troth__V1__ScoreReply *reply);
void score_print_groups(const struct score_print *p, Troth__V1__TrustGrouping grouping,
                        const Troth__V1__ScoreReply *reply);

#endif
