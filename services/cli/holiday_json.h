/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holiday_json.h - the holidays of one year as holiday-cn and programs like it publish them:
 * { "year": 2026, "papers": ["https://..."], "days": [{"name", "date", "isOffDay"}] }.
 */
#ifndef TROTH_SERVICES_CLI_HOLIDAY_JSON_H
#define TROTH_SERVICES_CLI_HOLIDAY_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/text.h"

struct holiday {
    int64_t day;      /* since 1970-01-01 */
    const char *name; /* borrowed from the JSON */
    bool is_off;      /* else it is a make-up working day */
};

/* Start with {0}. */
struct holiday_year {
    json_t *json;
    int year;
    struct text papers;   /* their addresses with a blank between; without any the file's name */
    const char *title;    /* of the notice, the caller's to set; NULL: not known */
    struct holiday *days; /* ascending, each once; at least one */
    size_t count;
};

/* *ret is the caller's also after a failure. The days may begin in the December before the year,
 * which is where a notice's first holiday can begin. */
MUST_CHECK int holiday_year_read(const char *path, struct holiday_year *ret, struct err *err);
void holiday_year_free(struct holiday_year *y);

#endif
