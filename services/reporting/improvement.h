/* SPDX-License-Identifier: Apache-2.0 */
/* improvement.h - something that is done about a cause, as it stands in its table, and as JSON. */
#ifndef TROTH_REPORTING_IMPROVEMENT_H
#define TROTH_REPORTING_IMPROVEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/reporting/effect_judge.h"

#define IMPROVEMENT_NO_DAY  INT64_MIN
#define IMPROVEMENT_NO_TIME INT64_MIN

struct improvement {
    int64_t id;
    bool is_training;
    char title[257];
    char cause_measure[33];
    char category[129], product[129], branch[129], team[129], staff[65], skill[129], owner[129];
    double expectation;
    int64_t starts_on, ends_on; /* days since 1970-01-01; ends_on may be IMPROVEMENT_NO_DAY */
    int64_t announced_us;       /* IMPROVEMENT_NO_TIME: not yet */
    int64_t created_us;
    char created_by[65];
    char key[65]; /* of the request that made it; "": it had none. Neither read nor written as JSON
                   */
    int64_t version;
    bool has_effect;
    struct effect effect;
};

/* What an effect can be measured by; kind: what it is of. */
enum improvement_kind {
    IMPROVEMENT_COUNT,   /* "cases", "complaints" */
    IMPROVEMENT_ANSWERS, /* "csat" */
    IMPROVEMENT_KEPT,    /* "promises_kept" */
    IMPROVEMENT_MEDIAN,  /* "first_response", "resolution" */
    IMPROVEMENT_SKILL,   /* "skill": gap or answers of it */
};
/* -1: there is no such measure. */
int improvement_kind_of(const char *cause_measure);

/* Takes over what is set in the object; others stay. Returns 0, or -1 with err, code
 * request_invalid, the field named; a may then be changed in part. */
MUST_CHECK int improvement_read(const json_t *json, struct improvement *a, struct err *err);
/* Whether all of it goes together. */
MUST_CHECK int improvement_check(const struct improvement *a, struct err *err);

/* The key of a request, in the object or none. Returns 0, or -1 with err, as improvement_read(). */
MUST_CHECK int improvement_read_key(const json_t *json, struct improvement *a, struct err *err);
/* Whether b, which was read from JSON alone, says the same as a does. */
bool improvement_is_same(const struct improvement *a, const struct improvement *b);

json_t *improvement_write(const struct improvement *a, enum report_language language);

#endif
