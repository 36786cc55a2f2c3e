/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zone_days.c - when what is planned for a local time of each date is due, as the scheduler
 * computes it. f19_zones.py compares it with another reader of zone data.
 *
 *   zone_days FOLDER_A FOLDER_B FROM TO MINUTES ZONE...
 *
 * FROM and TO are years, MINUTES like "0,150,600". For each zone, time of day and date one line:
 *
 *   ZONE MINUTE DATE DUE CHAINED MOVED
 *
 * DUE with the data of FOLDER_A; CHAINED is the next one after the one before it, found from that
 * instant alone; MOVED is what was planned with A when the machine has got B. Instants are seconds
 * since 1970, the date is its number of days since then. NAIVE=1 in the environment adds 24 hours
 * to the instant before instead: the control.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/zone_shelf.h"
#include "common/domain/rulebook_due.h"

enum {
    FIRST_ZONE = 6,
    MINUTES_MAX = 32
};

struct span {
    int64_t first_day, end_day;
    int minutes[MINUTES_MAX];
    size_t minute_count;
    bool is_naive;
    char *b;
};

static void fail(const char *what, const char *text)
{
    (void)fprintf(stderr, "zone_days: %s: %s\n", what, text);
    exit(1);
}

static int64_t new_year(const char *year)
{
    return civil_to_days((struct civil_date){(int)strtol(year, NULL, 10), 1, 1});
}

static void read_minutes(struct span *s, const char *text)
{
    while (*text && s->minute_count < MINUTES_MAX) {
        char *end;
        s->minutes[s->minute_count++] = (int)strtol(text, &end, 10);
        text = *end == ',' ? end + 1 : end;
    }
}

static void enter(const char *folder)
{
    if (setenv("TZDIR", folder, 1) != 0) {
        fail("setenv", folder);
    }
}

/* The wall clock of each date, and both ways to its instant. */
static void plan(const struct span *s, const struct zone *z, int minute, int64_t *ret_local)
{
    const struct rulebook_rule rule = {.at_minute = minute, .window_us = DURATION_H};
    int64_t before_us = INT64_MIN;
    for (int64_t day = s->first_day; day < s->end_day; day++) {
        struct rulebook_moment on;
        struct rulebook_moment after;
        size_t i = (size_t)(day - s->first_day) * 3;
        rulebook_due_on(&rule, civil_from_days(day), z, &on);
        after = on;
        if (before_us != INT64_MIN) {
            rulebook_due_after(&rule, before_us + 1, z, &after);
        }
        if (s->is_naive && before_us != INT64_MIN) {
            on.due_us = after.due_us = before_us + DURATION_DAY;
        }
        before_us = on.due_us;
        ret_local[i] = on.local_due_us;
        ret_local[i + 1] = on.due_us;
        ret_local[i + 2] = after.due_us;
    }
}

static void print(const struct span *s, const char *name, int minute, const int64_t *planned,
                  const struct zone *moved)
{
    for (int64_t day = s->first_day; day < s->end_day; day++) {
        const int64_t *p = planned + (size_t)(day - s->first_day) * 3;
        (void)printf("%s %d %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", name, minute, day,
                     p[1] / DURATION_S, p[2] / DURATION_S,
                     rulebook_due_resolve(p[0], moved) / DURATION_S);
    }
}

/* As a process does whose machine gets other data: what was planned stays, and is resolved anew. */
static void zone(const struct span *s, const char *a, const char *name)
{
    size_t days = (size_t)(s->end_day - s->first_day);
    int64_t *planned = calloc(days * 3 * s->minute_count + 1, sizeof(*planned)); /* never 0 bytes */
    enter(a);
    struct zone_shelf *shelf = zone_shelf_new();
    const struct zone *z = zone_shelf_find(shelf, name);
    if (!z || !planned) {
        fail("no such zone", name);
    }
    for (size_t i = 0; i < s->minute_count; i++) {
        plan(s, z, s->minutes[i], planned + i * 3 * days);
    }
    enter(s->b);
    if (!zone_shelf_refresh(shelf)) {
        fail("the same release in", s->b);
    }
    z = zone_shelf_find(shelf, name);
    for (size_t i = 0; i < s->minute_count; i++) {
        print(s, name, s->minutes[i], planned + i * 3 * days, z);
    }
    zone_shelf_free(shelf);
    free(planned);
}

int main(int argc, char **argv)
{
    struct span s = {.first_day = 0};
    if (argc <= FIRST_ZONE) {
        fail("usage", "zone_days FOLDER_A FOLDER_B FROM TO MINUTES ZONE...");
    }
    s.b = argv[2];
    s.first_day = new_year(argv[3]);
    s.end_day = new_year(argv[4]);
    s.is_naive = getenv("NAIVE") != NULL;
    read_minutes(&s, argv[5]);
    for (int i = FIRST_ZONE; i < argc; i++) {
        zone(&s, argv[1], argv[i]);
    }
    return 0;
}
