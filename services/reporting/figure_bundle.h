/* SPDX-License-Identifier: Apache-2.0 */
/*
 * figure_bundle.h - all that one case, follow-up or answer adds to the figures: kept with it
 * (FigureBundle of figure_sheet.proto), so that the next look takes back exactly that. Pure.
 */
#ifndef TROTH_REPORTING_FIGURE_BUNDLE_H
#define TROTH_REPORTING_FIGURE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/base/zone.h"
#include "services/reporting/figure.h"

enum {
    FIGURE_ENTRY_VALUES_MAX = 4
};

struct figure_value {
    enum figure_dimension dimension;
    const char *value; /* borrowed */
};

struct figure_entry {
    enum figure_measure measure;
    int32_t day; /* since 1970-01-01, in the zone of the figures */
    int64_t count;
    int64_t sum; /* of FORM_DURATION and FORM_RATIO: the value itself, not below 0 */
    size_t value_count;
    struct figure_value values[FIGURE_ENTRY_VALUES_MAX]; /* in place of those of the bundle */
};

/* Starts with {0}. */
struct figure_bundle {
    const char *values[DIMENSION_COUNT]; /* of all entries; borrowed; NULL is "" */
    struct figure_entry *entries;
    size_t count, room;
    char **texts; /* made for it */
    size_t text_count, text_room;
};
void figure_bundle_clear(struct figure_bundle *b); /* keeps the memory */
void figure_bundle_free(struct figure_bundle *b);  /* {0} again */

/* Counts one, with sum 0. Valid until the next one is added. */
struct figure_entry *figure_bundle_add(struct figure_bundle *b, enum figure_measure measure,
                                       int32_t day);
/* value is borrowed; NULL is "". A fifth one is our bug. */
void figure_entry_set(struct figure_entry *e, enum figure_dimension dimension, const char *value);

/* The value that an entry counts for, "" when it has none. */
const char *figure_bundle_value(const struct figure_bundle *b, const struct figure_entry *e,
                                enum figure_dimension dimension);
/* A text that lives as long as the bundle's contents. */
const char *figure_bundle_text(struct figure_bundle *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts the entries into an order that depends on nothing but themselves: two bundles are compared
 * by one walk. */
void figure_bundle_sort(struct figure_bundle *b);
int figure_entry_compare(const struct figure_entry *a, const struct figure_entry *b);
/* Whether equal entries of both count for the same. */
bool figure_bundle_has_same_values(const struct figure_bundle *a, const struct figure_bundle *b);

void figure_bundle_pack(const struct figure_bundle *b, struct buffer *out);
/* Appends to an empty bundle; texts live in the arena. Returns 0, or -1 with err (malformed, or the
 * arena is exhausted): it is empty then. */
MUST_CHECK int figure_bundle_unpack(struct bytes packed, struct arena *arena,
                                    struct figure_bundle *ret, struct err *err);

/* Days since 1970-01-01. */
int32_t figure_day(const struct zone *zone, int64_t us);
int32_t figure_month(int32_t day); /* the first day of its month */

#endif
