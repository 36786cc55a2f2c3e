/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/figure_sums.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "figure_sheet.pb-c.h"
#include "services/reporting/figure_cells.h"
#include "services/reporting/sheet_read.h"

#define SMALLEST_ROOM 2

void figure_sums_free(struct figure_sums *s)
{
    for (size_t i = 0; i < s->count; i++) {
        log_histogram_free(&s->list[i].histogram);
    }
    free(s->list);
    *s = (struct figure_sums){0};
}

struct figure_sum *figure_sums_of(struct figure_sums *s, enum figure_measure measure)
{
    size_t at = s->count;

    /* They mostly come in order: the place is near the end. */
    while (at > 0 && s->list[at - 1].measure >= measure) {
        if (s->list[--at].measure == measure) {
            return &s->list[at];
        }
    }
    if (s->count == s->room) {
        s->room = s->room == 0 ? SMALLEST_ROOM : s->room + s->room / 2;
        s->list = xreallocarray(s->list, s->room, sizeof(*s->list));
    }
    memmove(s->list + at + 1, s->list + at, (s->count - at) * sizeof(*s->list));
    s->list[at] = (struct figure_sum){.measure = measure};
    s->count++;
    return &s->list[at];
}

int64_t figure_plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* No sum of ours comes near; a row that is not ours may say anything, and is still added up. */
#define HIGH_MAX ((int64_t)1 << 32)

figure_total figure_total_of(int64_t low, int64_t high)
{
    high = high > HIGH_MAX ? HIGH_MAX : high < -HIGH_MAX ? -HIGH_MAX : high;
    return (figure_total)high * ((figure_total)1 << 64) + low;
}

void figure_total_split(figure_total total, int64_t *ret_low, int64_t *ret_high)
{
    const int64_t low = (int64_t)(uint64_t)total;

    *ret_high = (int64_t)((total - low) >> 64);
    *ret_low = low;
}

void figure_sums_merge(struct figure_sums *to, const struct figure_sums *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct figure_sum *sum = figure_sums_of(to, from->list[i].measure);
        sum->count = figure_plus(sum->count, from->list[i].count);
        sum->sum += from->list[i].sum;
        log_histogram_merge(&sum->histogram, &from->list[i].histogram);
    }
}

/* ---- packed */

int figure_sums_add_packed(struct figure_sums *s, struct bytes packed, struct err *err)
{
    struct sheet_figures sheet = {.left = packed};
    struct sheet_figure figure;

    while (sheet_figures_next(&sheet, &figure)) {
        struct figure_sum *to = figure_sums_of(s, figure.measure);
        to->count = figure_plus(to->count, figure.count);
        to->sum += figure.sum;
        if (log_histogram_add_packed(&to->histogram, figure.histogram, err) < 0) {
            return -1;
        }
    }
    return sheet.is_malformed ? err_set(err, "malformed", "the packed figures are not ours") : 0;
}

int figure_sums_add_cell(struct figure_sums *s, struct bytes row, enum figure_dimension dimension,
                         const char *value, struct err *err)
{
    struct figure_cells cells = {.left = row};
    struct figure_cell cell;

    while (figure_cells_next(&cells, &cell)) {
        if (figure_cell_is(&cell, dimension, value)) {
            return figure_sums_add_packed(s, cell.figures, err);
        }
    }
    return cells.is_malformed ? err_set(err, "malformed", "a row of figures is not ours") : 0;
}

static bool is_nothing(const struct figure_sum *s)
{
    return s->count == 0 && s->sum == 0 && s->histogram.size == 0 && s->histogram.zeros == 0;
}

static void pack_measure(const struct figure_sum *s, struct buffer *room,
                         Troth__Figure__MeasureSum *to)
{
    troth__figure__measure_sum__init(to);
    to->has_measure = true;
    to->measure = (int32_t)s->measure;
    to->has_count = s->count != 0;
    to->count = s->count;
    figure_total_split(s->sum, &to->sum, &to->sum_high);
    to->has_sum = to->sum != 0;
    to->has_sum_high = to->sum_high != 0;
    log_histogram_pack(&s->histogram, room);
}

void figure_sums_pack(const struct figure_sums *s, struct buffer *out)
{
    Troth__Figure__FigureSheet sheet = TROTH__FIGURE__FIGURE_SHEET__INIT;
    Troth__Figure__MeasureSum measures[MEASURE_END];
    Troth__Figure__MeasureSum *list[MEASURE_END];
    size_t ends[MEASURE_END];
    struct buffer room = {0};

    for (size_t i = 0; i < s->count && sheet.n_measures < MEASURE_END; i++) {
        if (!is_nothing(&s->list[i])) {
            size_t at = sheet.n_measures++;
            pack_measure(&s->list[i], &room, &measures[at]);
            list[at] = &measures[at];
            ends[at] = room.len;
        }
    }
    /* The buffer has moved as it grew: only now do the histograms lie still. */
    for (size_t i = 0, begin = 0; i < sheet.n_measures; begin = ends[i++]) {
        measures[i].has_histogram = ends[i] > begin;
        measures[i].histogram = (ProtobufCBinaryData){
            .data = ends[i] > begin ? room.data + begin : NULL, .len = ends[i] - begin};
    }
    sheet.measures = list;
    size_t len = troth__figure__figure_sheet__get_packed_size(&sheet);
    if (len > 0) {
        troth__figure__figure_sheet__pack(&sheet, buffer_extend(out, len));
    }
    buffer_free(&room);
}
