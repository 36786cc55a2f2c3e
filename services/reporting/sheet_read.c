/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/sheet_read.h"

#include "figure_sheet.pb-c.h"

int sheet_read(struct bytes packed, sheet_figure_fn *take, void *ctx, struct err *err)
{
    Troth__Figure__FigureSheet *sheet =
        troth__figure__figure_sheet__unpack(NULL, packed.len, (const uint8_t *)packed.data);

    if (!sheet) {
        return err_set(err, "malformed", "not a sheet of figures");
    }
    for (size_t i = 0; i < sheet->n_measures; i++) {
        const Troth__Figure__MeasureSum *f = sheet->measures[i];
        const struct sheet_figure figure = {
            .measure = (enum figure_measure)f->measure,
            .count = f->count,
            .sum = f->sum,
            .histogram = {f->histogram.data, f->histogram.len},
        };
        take(ctx, &figure);
    }
    troth__figure__figure_sheet__free_unpacked(sheet, NULL);
    return 0;
}

struct wanted {
    enum figure_measure measure;
    int64_t count, sum;
};

static void take_wanted(void *ctx, const struct sheet_figure *figure)
{
    struct wanted *w = ctx;

    if (figure->measure == w->measure) {
        w->count += figure->count;
        w->sum += figure->sum;
    }
}

void sheet_read_one(struct bytes packed, enum figure_measure measure, int64_t *ret_count,
                    int64_t *ret_sum)
{
    struct wanted w = {.measure = measure};

    if (sheet_read(packed, take_wanted, &w, NULL) < 0) {
        w.count = w.sum = 0;
    }
    *ret_count = w.count;
    *ret_sum = w.sum;
}
