/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_sums.h"

#include "common/base/log.h"
#include "figure_sheet.pb-c.h"
#include "services/reporting/figure_sums.h"

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
    for (size_t i = 0; i < REPORT_SLOTS_MAX; i++) {
        log_histogram_free(&s->slot[i].histogram);
        s->slot[i] = (struct report_sum){.count = 0};
    }
}

const struct report_sum *report_sums_get(const struct report_sums *s,
                                         const struct report_slots *slots, uint16_t code)
{
    size_t slot = slot_of(slots, code);

    return slot < REPORT_SLOTS_MAX ? &s->slot[slot] : NULL;
}

static int add_figure(struct report_sums *s, size_t slot, const Troth__Figure__MeasureSum *f,
                      struct err *err)
{
    const struct bytes histogram = {.data = f->histogram.data, .len = f->histogram.len};

    if (slot >= REPORT_SLOTS_MAX) {
        return 0;
    }
    s->slot[slot].count = figure_plus(s->slot[slot].count, f->count);
    s->slot[slot].sum = figure_plus(s->slot[slot].sum, f->sum);
    return histogram.len > 0 ? log_histogram_add_packed(&s->slot[slot].histogram, histogram, err)
                             : 0;
}

static int add_to_parts(struct report_sums *s, const struct report_slots *slots,
                        enum report_part part, const Troth__Figure__MeasureSum *f, struct err *err)
{
    const unsigned measure = (unsigned)f->measure;

    if (part == REPORT_BEFORE_RANGE) {
        return add_figure(s, slot_of(slots, measure + REPORT_EARLIER), f, err);
    }
    if (add_figure(s, slot_of(slots, measure), f, err) < 0) {
        return -1;
    }
    return part == REPORT_IN_RANGE_SETTLED
               ? add_figure(s, slot_of(slots, measure + REPORT_SETTLED), f, err)
               : 0;
}

int report_sums_add_sheet(struct report_sums *s, const struct report_slots *slots,
                          enum report_part part, struct bytes packed, struct err *err)
{
    Troth__Figure__FigureSheet *sheet =
        troth__figure__figure_sheet__unpack(NULL, packed.len, packed.data);
    int rc = sheet ? 0 : err_set(err, "malformed", "a row of figures cannot be read");

    for (size_t i = 0; rc == 0 && i < sheet->n_measures; i++) {
        rc = add_to_parts(s, slots, part, sheet->measures[i], err);
    }
    if (sheet) {
        troth__figure__figure_sheet__free_unpacked(sheet, NULL);
    }
    return rc;
}

void report_sums_merge(struct report_sums *to, const struct report_slots *slots,
                       const struct report_sums *from)
{
    for (size_t i = 0; i < slots->count; i++) {
        to->slot[i].count = figure_plus(to->slot[i].count, from->slot[i].count);
        to->slot[i].sum = figure_plus(to->slot[i].sum, from->slot[i].sum);
        log_histogram_merge(&to->slot[i].histogram, &from->slot[i].histogram);
    }
}

bool report_sums_is_empty(const struct report_sums *s, const struct report_slots *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        if (s->slot[i].count != 0 || s->slot[i].sum != 0) {
            return false;
        }
    }
    return true;
}
