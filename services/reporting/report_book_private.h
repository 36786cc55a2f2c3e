/* SPDX-License-Identifier: Apache-2.0 */
/* report_book_private.h - how the pages of the book are written: report_book_*.c, put together by
 * report_book.c. */
#ifndef TROTH_REPORTING_REPORT_BOOK_PRIVATE_H
#define TROTH_REPORTING_REPORT_BOOK_PRIVATE_H

#include "services/reporting/report_book.h"
#include "services/reporting/report_column.h"

#define UNIT(name) TROTH__V1__FIGURE_UNIT__FIGURE_UNIT_##name
#define WORDS(english, zh)                                                                         \
    {                                                                                              \
        {                                                                                          \
            english, zh                                                                            \
        }                                                                                          \
    }
#define LESS_BETTER .is_less_better = true

#define COUNTS(...)          .formula = {.kind = FORMULA_COUNT, .of = {__VA_ARGS__}}
#define SUM_OF(measure)      .formula = {.kind = FORMULA_SUM, .of = {measure}}
#define QUANTILE(measure, q) .formula = {.kind = FORMULA_QUANTILE, .of = {measure}, .quantile = (q)}
#define MEAN_OF(measure)     .formula = {.kind = FORMULA_MEAN, .of = {measure}}
#define MEAN_WITH(measure, squares)                                                                \
    .formula = {.kind = FORMULA_MEAN, .of = {measure}, .by = {squares}}
#define SHARE_IN(measure) .formula = {.kind = FORMULA_SHARE_IN, .of = {measure}}
/* Both in brackets: SHARE((A), (A, B)). */
#define TERMS(...)                                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define SHARE(hits, all) .formula = {.kind = FORMULA_SHARE, .of = TERMS hits, .by = TERMS all}

#define BIT(name) (1U << DIMENSION_##name)
/* What figures of cases are counted by; the four of figure.h besides. */
#define BY_CASE                                                                                    \
    (BIT(BRANCH) | BIT(CHANNEL) | BIT(TEAM) | BIT(STAFF) | BIT(CATEGORY) | BIT(PRODUCT) |          \
     BIT(TIER) | BIT(PRIORITY) | BIT(CONTACT_KIND))
#define BY_PROMISE   (BY_CASE | BIT(PROMISE_KIND) | BIT(STANDARD))
#define BY_FOLLOW_UP (BIT(BRANCH) | BIT(CHANNEL) | BIT(RULE) | BIT(TRIGGER))

extern const struct report_kind report_timeliness, report_waiting, report_backlog,
    report_backlog_now, report_solving, report_complaints;
extern const struct report_kind report_promises, report_forecast, report_word, report_compensations;
extern const struct report_kind report_satisfaction, report_servqual, report_quadrant,
    report_evaluation, report_questions;
extern const struct report_kind report_follow_ups, report_reasons;
extern const struct report_kind report_movements, report_purchases;
extern const struct report_kind report_causes, report_factors, report_teams;
/* With tables of their own. */
extern const struct report_kind report_loyalty, report_value, report_recovery, report_words_rising,
    report_warnings, report_improvements, report_trainings, report_skills, report_standards;

#endif
