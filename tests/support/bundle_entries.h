/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle_entries.h - the entries of a bundle of figures, worked out by hand, as text.
 *
 * A line of what is expected is one entry: measure, day (d0 is 2026-11-21 in Shanghai), x the count
 * unless it is 1, the sum (of durations in minutes), and the dimensions that are the entry's own.
 */
#ifndef TROTH_TESTS_SUPPORT_BUNDLE_ENTRIES_H
#define TROTH_TESTS_SUPPORT_BUNDLE_ENTRIES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/zone.h"
#include "services/reporting/figure_bundle.h"

/* 2026-11-21T00:00 in Shanghai. */
#define BEGIN_US          INT64_C(1795190400000000)
#define DAY_0             20778
#define AT(minutes)       (BEGIN_US + (int64_t)(minutes)*DURATION_MIN)
#define HOURS(h, minutes) AT((h)*60 + (minutes))

static struct zone *zone;

static inline int set_up(void **state)
{
    struct err err = ERR_NONE;

    zone = zone_open("Asia/Shanghai", &err);
    return zone == NULL ? -1 : 0;
}

static inline int tear_down(void **state)
{
    zone_free(zone);
    return 0;
}

static inline void write_entry(struct text *to, const struct figure_entry *e)
{
    const struct figure_measure_row *m = figure_measure_find(e->measure);

    text_appendf(to, "%s d%d", m->name, (int)e->day - DAY_0);
    if (e->count != 1) {
        text_appendf(to, " x%d", (int)e->count);
    }
    if (m->form == FORM_DURATION) {
        text_appendf(to, " %lldm", (long long)(e->sum / DURATION_MIN));
    } else if (m->form != FORM_COUNT) {
        text_appendf(to, " %lld", (long long)e->sum);
    }
    for (size_t i = 0; i < e->value_count; i++) {
        text_appendf(to, " %s=%s", figure_dimension_name(e->values[i].dimension),
                     e->values[i].value);
    }
    text_append(to, "\n");
}

/* Entries of measures of which the name is in about (parted by blanks), or all of them. */
static inline bool is_about(const char *about, const char *name)
{
    const char *found = about;
    size_t len = strlen(name);

    while (about != NULL && (found = strstr(found, name)) != NULL) {
        bool begins = found == about || found[-1] == ' ';
        if (begins && (found[len] == ' ' || found[len] == '\0')) {
            return true;
        }
        found += len;
    }
    return about == NULL;
}

static inline void assert_bundle(const struct figure_bundle *b, const char *about, const char *want)
{
    struct text found = {0};

    for (size_t i = 0; i < b->count; i++) {
        if (is_about(about, figure_measure_find(b->entries[i].measure)->name)) {
            write_entry(&found, &b->entries[i]);
        }
    }
    assert_string_equal(text_or_empty(&found), want);
    text_free(&found);
}

#endif
