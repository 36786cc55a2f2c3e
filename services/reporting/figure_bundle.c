/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/figure_bundle.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "figure_sheet.pb-c.h"

#define SMALLEST_ROOM 32
#define TEXT_SIZE     512 /* two of the longest texts of a case, and what parts them */

void figure_bundle_clear(struct figure_bundle *b)
{
    for (size_t i = 0; i < b->text_count; i++) {
        free(b->texts[i]);
    }
    memset(b->values, 0, sizeof(b->values));
    b->count = b->text_count = 0;
}

void figure_bundle_free(struct figure_bundle *b)
{
    figure_bundle_clear(b);
    free(b->entries);
    free(b->texts);
    *b = (struct figure_bundle){0};
}

struct figure_entry *figure_bundle_add(struct figure_bundle *b, enum figure_measure measure,
                                       int32_t day)
{
    if (b->count == b->room) {
        b->room = b->room == 0 ? SMALLEST_ROOM : 2 * b->room;
        b->entries = xreallocarray(b->entries, b->room, sizeof(*b->entries));
    }
    b->entries[b->count] = (struct figure_entry){.measure = measure, .day = day, .count = 1};
    return &b->entries[b->count++];
}

void figure_entry_set(struct figure_entry *e, enum figure_dimension dimension, const char *value)
{
    if (e->value_count == FIGURE_ENTRY_VALUES_MAX) {
        BUG("too many values of a figure_entry");
    }
    e->values[e->value_count++] =
        (struct figure_value){.dimension = dimension, .value = value != NULL ? value : ""};
}

const char *figure_bundle_value(const struct figure_bundle *b, const struct figure_entry *e,
                                enum figure_dimension dimension)
{
    for (size_t i = 0; i < e->value_count; i++) {
        if (e->values[i].dimension == dimension) {
            return e->values[i].value;
        }
    }
    return b->values[dimension] != NULL ? b->values[dimension] : "";
}

const char *figure_bundle_text(struct figure_bundle *b, const char *fmt, ...)
{
    char text[TEXT_SIZE];
    va_list args;

    va_start(args, fmt);
    (void)text_vformat(text, sizeof(text), fmt, args);
    va_end(args);
    if (b->text_count == b->text_room) {
        b->text_room = b->text_room == 0 ? SMALLEST_ROOM : 2 * b->text_room;
        b->texts = xreallocarray(b->texts, b->text_room, sizeof(*b->texts));
    }
    b->texts[b->text_count] = xstrdup(text);
    return b->texts[b->text_count++];
}

/* ---- comparing */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_values(const struct figure_value *a, const struct figure_value *b)
{
    int order = compare_numbers((int64_t)a->dimension, (int64_t)b->dimension);

    return order != 0 ? order : strcmp(a->value, b->value);
}

int figure_entry_compare(const struct figure_entry *a, const struct figure_entry *b)
{
    int order = compare_numbers((int64_t)a->measure, (int64_t)b->measure);

    order = order != 0 ? order : compare_numbers(a->day, b->day);
    order = order != 0 ? order : compare_numbers(a->sum, b->sum);
    order = order != 0 ? order : compare_numbers(a->count, b->count);
    order = order != 0 ? order : compare_numbers((int64_t)a->value_count, (int64_t)b->value_count);
    for (size_t i = 0; order == 0 && i < a->value_count; i++) {
        order = compare_values(&a->values[i], &b->values[i]);
    }
    return order;
}

static int compare_entries(const void *a, const void *b)
{
    return figure_entry_compare(a, b);
}

void figure_bundle_sort(struct figure_bundle *b)
{
    if (b->count > 1) {
        qsort(b->entries, b->count, sizeof(*b->entries), compare_entries);
    }
}

static bool is_same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

bool figure_bundle_has_same_values(const struct figure_bundle *a, const struct figure_bundle *b)
{
    for (size_t i = 0; i < DIMENSION_COUNT; i++) {
        if (!is_same_text(a->values[i], b->values[i])) {
            return false;
        }
    }
    return true;
}

/* ---- packed */

/* Protobuf writes through lists of pointers: one block holds all of them. */
struct packing {
    Troth__Figure__BundleEntry *entries;
    Troth__Figure__BundleEntry **entry_list;
    Troth__Figure__BundleValue *values;
    Troth__Figure__BundleValue **value_list;
    size_t value_count;
};

static void pack_value(struct packing *p, enum figure_dimension dimension, const char *value)
{
    Troth__Figure__BundleValue *to = &p->values[p->value_count];

    troth__figure__bundle_value__init(to);
    to->has_dimension = true;
    to->dimension = (int32_t)dimension;
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): packing does not write to it */
    to->value = (char *)(uintptr_t)value;
    p->value_list[p->value_count++] = to;
}

static void pack_entry(struct packing *p, const struct figure_entry *e,
                       Troth__Figure__BundleEntry *to)
{
    troth__figure__bundle_entry__init(to);
    to->has_measure = to->has_day = true;
    to->measure = (int32_t)e->measure;
    to->day = e->day;
    to->has_count = e->count != 1;
    to->count = e->count;
    to->has_sum = e->sum != 0;
    to->sum = e->sum;
    to->values = p->value_list + p->value_count;
    to->n_values = e->value_count;
    for (size_t i = 0; i < e->value_count; i++) {
        pack_value(p, e->values[i].dimension, e->values[i].value);
    }
}

static void free_packing(struct packing *p)
{
    free(p->entries);
    free(p->entry_list);
    free(p->values);
    free(p->value_list);
}

void figure_bundle_pack(const struct figure_bundle *b, struct buffer *out)
{
    Troth__Figure__FigureBundle bundle = TROTH__FIGURE__FIGURE_BUNDLE__INIT;
    size_t value_room = DIMENSION_COUNT + b->count * FIGURE_ENTRY_VALUES_MAX;
    struct packing p = {
        .entries = xcalloc(b->count + 1, sizeof(*p.entries)),
        .entry_list = xcalloc(b->count + 1, sizeof(Troth__Figure__BundleEntry *)),
        .values = xcalloc(value_room, sizeof(*p.values)),
        .value_list = xcalloc(value_room, sizeof(Troth__Figure__BundleValue *)),
    };

    for (unsigned i = 0; i < DIMENSION_COUNT; i++) {
        if (b->values[i] != NULL && b->values[i][0] != '\0') {
            pack_value(&p, (enum figure_dimension)i, b->values[i]);
        }
    }
    bundle.values = p.value_list;
    bundle.n_values = p.value_count;
    for (size_t i = 0; i < b->count; i++) {
        pack_entry(&p, &b->entries[i], &p.entries[i]);
        p.entry_list[i] = &p.entries[i];
    }
    bundle.entries = p.entry_list;
    bundle.n_entries = b->count;
    size_t len = troth__figure__figure_bundle__get_packed_size(&bundle);
    if (len > 0) {
        troth__figure__figure_bundle__pack(&bundle, buffer_extend(out, len));
    }
    free_packing(&p);
}

static bool take_values(Troth__Figure__BundleValue *const *from, size_t count,
                        struct figure_entry *e)
{
    if (count > FIGURE_ENTRY_VALUES_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (from[i]->dimension < 0 || from[i]->dimension >= DIMENSION_COUNT) {
            return false;
        }
        figure_entry_set(e, (enum figure_dimension)from[i]->dimension, from[i]->value);
    }
    return true;
}

/* Whether it can be counted: a histogram takes no value below 0. */
static bool is_countable(const struct figure_entry *e)
{
    const struct figure_measure_row *m = figure_measure_find(e->measure);

    return m != NULL && (e->sum >= 0 || m->form == FORM_COUNT || m->form == FORM_SUM);
}

static bool take_bundle(const Troth__Figure__FigureBundle *from, struct figure_bundle *to)
{
    for (size_t i = 0; i < from->n_values; i++) {
        int32_t dimension = from->values[i]->dimension;
        if (dimension < 0 || dimension >= DIMENSION_COUNT) {
            return false;
        }
        to->values[dimension] = from->values[i]->value;
    }
    for (size_t i = 0; i < from->n_entries; i++) {
        const Troth__Figure__BundleEntry *e = from->entries[i];
        struct figure_entry *entry = figure_bundle_add(to, (enum figure_measure)e->measure, e->day);
        entry->count = e->has_count ? e->count : 1;
        entry->sum = e->sum;
        if (!is_countable(entry) || !take_values(e->values, e->n_values, entry)) {
            return false;
        }
    }
    return true;
}

int figure_bundle_unpack(struct bytes packed, struct arena *arena, struct figure_bundle *ret,
                         struct err *err)
{
    Troth__Figure__FigureBundle *bundle =
        troth__figure__figure_bundle__unpack(arena_allocator(arena), packed.len, packed.data);

    if (bundle == NULL || !take_bundle(bundle, ret)) {
        figure_bundle_clear(ret);
        return err_set(err, "malformed", "the packed bundle of figures is not ours");
    }
    return 0;
}

/* ---- days */

int32_t figure_day(const struct zone *zone, int64_t us)
{
    /* The offset is added to the rest of the day: at the ends of time it would not fit elsewhere.
     */
    const int64_t rest_us = us % DURATION_DAY + (int64_t)zone_offset_s(zone, us) * DURATION_S;
    const int64_t day = us / DURATION_DAY + rest_us / DURATION_DAY;

    return (int32_t)(rest_us % DURATION_DAY < 0 ? day - 1 : day);
}

int32_t figure_month(int32_t day)
{
    struct civil_date date = civil_from_days(day);

    return day - (int32_t)(date.day - 1);
}
