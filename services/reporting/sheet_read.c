/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/sheet_read.h"

#include "services/reporting/wire_read.h"

/* FigureSheet and MeasureSum of figure_sheet.proto. */
#define TAG_SUM       0x0aU
#define TAG_MEASURE   0x08U
#define TAG_COUNT     0x10U
#define TAG_LOW       0x18U
#define TAG_HISTOGRAM 0x22U
#define TAG_HIGH      0x28U

struct parts {
    uint64_t measure;
    int64_t low, high;
};

static bool take_field(struct bytes *body, struct sheet_figure *f, struct parts *p)
{
    uint64_t tag;

    if (!wire_take_number(body, &tag)) {
        return false;
    }
    switch (tag) {
    case TAG_MEASURE:
        return wire_take_number(body, &p->measure) && p->measure <= INT32_MAX;
    case TAG_COUNT:
        return wire_take_signed(body, &f->count);
    case TAG_LOW:
        return wire_take_signed(body, &p->low);
    case TAG_HISTOGRAM:
        return wire_take_bytes(body, &f->histogram);
    case TAG_HIGH:
        return wire_take_signed(body, &p->high);
    default:
        return false;
    }
}

bool sheet_figures_next(struct sheet_figures *s, struct sheet_figure *ret)
{
    struct sheet_figure figure = {.count = 0};
    struct parts parts = {.measure = 0};
    struct bytes body;
    uint64_t tag;

    if (s->left.len == 0) {
        return false;
    }
    s->is_malformed =
        !wire_take_number(&s->left, &tag) || tag != TAG_SUM || !wire_take_bytes(&s->left, &body);
    while (!s->is_malformed && body.len > 0) {
        s->is_malformed = !take_field(&body, &figure, &parts);
    }
    if (s->is_malformed) {
        s->left.len = 0;
        return false;
    }
    figure.measure = (enum figure_measure)parts.measure;
    figure.sum = figure_total_of(parts.low, parts.high);
    *ret = figure;
    return true;
}

int sheet_read(struct bytes packed, sheet_figure_fn *take, void *ctx, struct err *err)
{
    struct sheet_figures sheet = {.left = packed};
    struct sheet_figure figure;

    while (sheet_figures_next(&sheet, &figure)) {
        take(ctx, &figure);
    }
    return sheet.is_malformed ? err_set(err, "malformed", "not a sheet of figures") : 0;
}

struct wanted {
    enum figure_measure measure;
    int64_t count;
};

static void take_wanted(void *ctx, const struct sheet_figure *figure)
{
    struct wanted *w = ctx;

    if (figure->measure == w->measure) {
        w->count = figure_plus(w->count, figure->count);
    }
}

int64_t sheet_read_count(struct bytes packed, enum figure_measure measure)
{
    struct wanted w = {.measure = measure};

    return sheet_read(packed, take_wanted, &w, NULL) < 0 ? 0 : w.count;
}
