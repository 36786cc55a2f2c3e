/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast.h - the chance that a promise will be kept, from how long such promises took: of the
 * same kind, owner team and calendar. Pure.
 *
 * Time is the counted time of their clocks (working time, without pauses). There is no falling back
 * to a broader group: where too little is known, the answer is that it is not known.
 */
#ifndef TROTH_INTAKE_FORECAST_H
#define TROTH_INTAKE_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/domain/calendar.h"
#include "common/domain/survival_curve.h"

#define FORECAST_CASES_MIN  30  /* with fewer it is not known */
#define FORECAST_SAFE_SHARE 0.8 /* what "safe" means */

struct forecast_key {
    const char *kind;
    const char *owner_team;
    const char *calendar; /* its name */
};
/* As strcmp(). */
int forecast_key_compare(const struct forecast_key *a, const struct forecast_key *b);

struct forecast_curve {
    struct forecast_key key;
    int32_t past_cases;
    int32_t kept_cases; /* of them: done, however late */
    int64_t known_us;   /* it says nothing about longer times; SURVIVAL_NEVER: no limit */
    const struct survival_step *steps;
    size_t step_count;
};

struct forecast; /* the curves in force */

struct forecast *forecast_new(void);
void forecast_free(struct forecast *f); /* NULL is fine */

/* Copies the curve. A group that is there already is replaced. */
void forecast_add(struct forecast *f, const struct forecast_curve *curve);
/* f becomes fresh, which ends: whoever holds f need not know. */
void forecast_replace(struct forecast *f, struct forecast *fresh);
size_t forecast_count(const struct forecast *f);

struct forecast_question {
    const char *kind;
    const char *owner_team;
    const struct calendar *calendar; /* NULL: every hour counts */
    int64_t made_us;
    int64_t within_us; /* working time */
};

struct forecast_answer {
    int32_t past_cases;
    double chance;   /* that it is done within that time */
    int64_t safe_us; /* instant by which FORECAST_SAFE_SHARE are done; CALENDAR_NEVER: not known */
};

/* False: not known. Allocates nothing. */
bool forecast_ask(const struct forecast *f, const struct forecast_question *q,
                  struct forecast_answer *ret);

#endif
