/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/figure_cells.h"

#include <string.h>

#include "common/base/text.h"
#include "services/reporting/wire_read.h"

/* FigureRow and FigureCell of figure_sheet.proto. */
#define TAG_CELL      0x0aU
#define TAG_DIMENSION 0x08U
#define TAG_VALUE     0x12U
#define TAG_FIGURES   0x1aU

#define VARINT_BITS  7
#define VARINT_MORE  0x80U
#define VARINT_VALUE 0x7fU

static bool take_field(struct bytes *body, struct figure_cell *cell)
{
    uint64_t tag;
    uint64_t number;

    if (!wire_take_number(body, &tag)) {
        return false;
    }
    switch (tag) {
    case TAG_DIMENSION:
        if (!wire_take_number(body, &number) || number >= DIMENSION_COUNT) {
            return false;
        }
        cell->dimension = (enum figure_dimension)number;
        return true;
    case TAG_VALUE:
        return wire_take_bytes(body, &cell->value);
    case TAG_FIGURES:
        return wire_take_bytes(body, &cell->figures);
    default:
        return false;
    }
}

bool figure_cells_next(struct figure_cells *c, struct figure_cell *ret)
{
    struct bytes left = c->left;
    struct figure_cell cell = {.dimension = DIMENSION_ALL};
    struct bytes body;
    uint64_t tag;

    if (left.len == 0) {
        return false;
    }
    c->is_malformed =
        !wire_take_number(&left, &tag) || tag != TAG_CELL || !wire_take_bytes(&left, &body);
    while (!c->is_malformed && body.len > 0) {
        c->is_malformed = !take_field(&body, &cell);
    }
    if (c->is_malformed) {
        c->left.len = 0;
        return false;
    }
    cell.whole = (struct bytes){.data = c->left.data, .len = c->left.len - left.len};
    c->left = left;
    *ret = cell;
    return true;
}

bool figure_cell_is(const struct figure_cell *c, enum figure_dimension dimension, const char *value)
{
    return c->dimension == dimension &&
           (value == NULL || bytes_equal(c->value, bytes_of_text(value)));
}

const char *figure_cell_value(const struct figure_cell *c, char *ret_text, size_t size)
{
    if (c->value.len >= size) { /* rare: values are shorter than what they are copied to */
        (void)text_format(ret_text, size, "%.*s", (int)size, (const char *)c->value.data);
        return ret_text;
    }
    if (c->value.len > 0) {
        memcpy(ret_text, c->value.data, c->value.len);
    }
    ret_text[c->value.len] = '\0';
    return ret_text;
}

int figure_cell_compare(const struct figure_cell *c, enum figure_dimension dimension,
                        const char *value)
{
    size_t len = strlen(value);
    size_t common = c->value.len < len ? c->value.len : len;

    if (c->dimension != dimension) {
        return c->dimension < dimension ? -1 : 1;
    }
    int order = common > 0 ? memcmp(c->value.data, value, common) : 0;
    return order != 0 ? order : (c->value.len > len) - (c->value.len < len);
}

/* ---- writing */

static size_t size_of_number(size_t number)
{
    size_t size = 1;

    while (number >= VARINT_MORE) {
        number >>= VARINT_BITS;
        size++;
    }
    return size;
}

static uint8_t *put_number(uint8_t *to, size_t number)
{
    while (number >= VARINT_MORE) {
        *to++ = (uint8_t)((number & VARINT_VALUE) | VARINT_MORE);
        number >>= VARINT_BITS;
    }
    *to++ = (uint8_t)number;
    return to;
}

static uint8_t *put_bytes(uint8_t *to, uint8_t tag, struct bytes what)
{
    *to++ = tag;
    to = put_number(to, what.len);
    if (what.len > 0) {
        memcpy(to, what.data, what.len);
    }
    return to + what.len;
}

void figure_cells_put(struct buffer *row, enum figure_dimension dimension, const char *value,
                      struct bytes figures)
{
    struct bytes text = bytes_of_text(value);
    size_t len = 1 + size_of_number((size_t)dimension) + 1 + size_of_number(text.len) + text.len +
                 1 + size_of_number(figures.len) + figures.len;
    uint8_t *to = buffer_extend(row, 1 + size_of_number(len) + len);

    *to++ = TAG_CELL;
    to = put_number(to, len);
    *to++ = TAG_DIMENSION;
    to = put_number(to, (size_t)dimension);
    to = put_bytes(to, TAG_VALUE, text);
    (void)put_bytes(to, TAG_FIGURES, figures);
}
