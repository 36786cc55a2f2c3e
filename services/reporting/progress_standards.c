/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_standards.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"

enum {
    PLACES = 200 /* as many as a round of forecasts has cases */
};

struct progress_standards {
    struct {
        int32_t id; /* 0: free */
        struct standard *standard;
    } places[PLACES];
    size_t next;
};

struct progress_standards *progress_standards_new(void)
{
    return xcalloc(1, sizeof(struct progress_standards));
}

void progress_standards_free(struct progress_standards *s)
{
    if (s) {
        for (size_t i = 0; i < PLACES; i++) {
            standard_free(s->places[i].standard);
        }
        free(s);
    }
}

static size_t place_of(const struct progress_standards *s, int32_t id)
{
    size_t place = 0;

    while (place < PLACES && s->places[place].id != id) {
        place++;
    }
    return place;
}

bool progress_standards_knows(const struct progress_standards *s, int32_t id)
{
    return place_of(s, id) < PLACES;
}

void progress_standards_add(struct progress_standards *s, int32_t id, const char *text)
{
    struct err err = ERR_NONE;

    if (id == 0 || progress_standards_knows(s, id)) {
        return;
    }
    struct standard *standard = standard_parse(text, "standard", &err);
    if (!standard) {
        log_warning("standard_unreadable", LOG_INT("standard", id), LOG_ERR(&err));
    }
    standard_free(s->places[s->next].standard);
    s->places[s->next].standard = standard;
    s->places[s->next].id = id;
    s->next = (s->next + 1) % PLACES;
}

bool progress_standards_calendar(const struct progress_standards *s, int32_t id, const char *rule,
                                 const char *branch, const struct calendar **ret_calendar)
{
    size_t place = place_of(s, id);
    struct standard_promise promise;

    if (place == PLACES || !s->places[place].standard ||
        !standard_find_promise(s->places[place].standard, rule, "resolution", branch, &promise)) {
        return false;
    }
    *ret_calendar = promise.calendar;
    return true;
}
