/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_sums.h"

#include <stdlib.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "services/reporting/sheet_read.h"

/* ---- which */

static uint16_t plain(uint16_t code)
{
    return (uint16_t)(code & (REPORT_SETTLED - 1));
}

static size_t slot_of(const struct report_slots *slots, unsigned code)
{
    for (size_t i = 0; i < slots->count; i++) {
        if (slots->code[i] == code) {
            return i;
        }
    }
    return REPORT_SLOTS_MAX;
}

static void add_code(struct report_slots *slots, uint16_t code)
{
    const struct figure_measure_row *row = figure_measure_find((enum figure_measure)plain(code));

    if (slot_of(slots, code) < REPORT_SLOTS_MAX) {
        return;
    }
    if (slots->count == REPORT_SLOTS_MAX || row == NULL) {
        BUG("a column has an unknown measure, or there are too many");
    }
    slots->code[slots->count++] = code;
    slots->sheets |= 1u << row->sheet;
    slots->has_settled |= (code & REPORT_SETTLED) != 0;
    slots->has_earlier |= (code & REPORT_EARLIER) != 0;
}

static void add_terms(struct report_slots *slots, const uint16_t *terms)
{
    for (int i = 0; i < REPORT_TERMS_MAX && terms[i] != 0; i++) {
        add_code(slots, terms[i]);
    }
}

void report_slots_of(const struct report_column *columns, struct report_slots *ret_slots)
{
    *ret_slots = (struct report_slots){.count = 0};
    for (const struct report_column *c = columns; c->name != NULL; c++) {
        add_terms(ret_slots, c->formula.of);
        add_terms(ret_slots, c->formula.by);
        if (c->formula.kind == FORMULA_STOCK) {
            add_code(ret_slots, (uint16_t)(c->formula.of[0] + REPORT_EARLIER));
        }
    }
}

/* ---- adding */

void report_sums_free(struct report_sums *s)
{
    for (size_t i = 0; i < s->count; i++) {
        log_histogram_free(&s->list[i].histogram);
    }
    free(s->list);
    *s = (struct report_sums){.list = NULL};
}

struct report_sum *report_sums_at(struct report_sums *s, const struct report_slots *slots,
                                  size_t slot)
{
    if (s->list == NULL) {
        s->list = xcalloc(slots->count, sizeof(*s->list));
        s->count = slots->count;
    }
    return &s->list[slot];
}

const struct report_sum *report_sums_get(const struct report_sums *s,
                                         const struct report_slots *slots, uint16_t code)
{
    static const struct report_sum nothing;
    size_t slot = slot_of(slots, code);

    if (slot >= REPORT_SLOTS_MAX) {
        return NULL;
    }
    return s->list != NULL ? &s->list[slot] : &nothing;
}

static int add_figure(struct report_sums *s, const struct report_slots *slots, unsigned code,
                      const struct sheet_figure *f, struct err *err)
{
    size_t slot = slot_of(slots, code);

    if (slot >= REPORT_SLOTS_MAX) {
        return 0;
    }
    struct report_sum *to = report_sums_at(s, slots, slot);
    to->count = figure_plus(to->count, f->count);
    to->sum += f->sum;
    return log_histogram_add_packed(&to->histogram, f->histogram, err);
}

static int add_to_parts(struct report_sums *s, const struct report_slots *slots,
                        enum report_part part, const struct sheet_figure *f, struct err *err)
{
    const unsigned measure = (unsigned)f->measure;

    if (part == REPORT_BEFORE_RANGE) {
        return add_figure(s, slots, measure + REPORT_EARLIER, f, err);
    }
    if (add_figure(s, slots, measure, f, err) < 0) {
        return -1;
    }
    return part == REPORT_IN_RANGE_SETTLED ? add_figure(s, slots, measure + REPORT_SETTLED, f, err)
                                           : 0;
}

int report_sums_add_sheet(struct report_sums *s, const struct report_slots *slots,
                          enum report_part part, struct bytes packed, struct err *err)
{
    struct sheet_figures sheet = {.left = packed};
    struct sheet_figure figure;

    while (sheet_figures_next(&sheet, &figure)) {
        if (add_to_parts(s, slots, part, &figure, err) < 0) {
            return -1;
        }
    }
    return sheet.is_malformed ? err_set(err, "malformed", "a row of figures cannot be read") : 0;
}

void report_sums_merge(struct report_sums *to, const struct report_slots *slots,
                       const struct report_sums *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct report_sum *sum = report_sums_at(to, slots, i);
        sum->count = figure_plus(sum->count, from->list[i].count);
        sum->sum += from->list[i].sum;
        log_histogram_merge(&sum->histogram, &from->list[i].histogram);
    }
}

bool report_sums_is_empty(const struct report_sums *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->list[i].count != 0 || s->list[i].sum != 0) {
            return false;
        }
    }
    return true;
}
