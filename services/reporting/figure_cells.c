/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/figure_cells.h"

#include <string.h>

/* The wire format of protobuf, as far as FigureRow and FigureCell need it: a tag is the number of
 * the field << 3, with 0 for a number and 2 for what has a length. */
#define TAG_CELL      0x0aU
#define TAG_DIMENSION 0x08U
#define TAG_VALUE     0x12U
#define TAG_FIGURES   0x1aU

#define VARINT_BYTES 5 /* lengths and dimensions are below 2^32 */
#define VARINT_BITS  7
#define VARINT_MORE  0x80U
#define VARINT_VALUE 0x7fU

static struct bytes after(struct bytes from, size_t count)
{
    return (struct bytes){.data = from.data + count, .len = from.len - count};
}

static bool take_number(struct bytes *from, size_t *ret)
{
    size_t value = 0;

    for (size_t i = 0; i < VARINT_BYTES && i < from->len; i++) {
        value |= (size_t)(from->data[i] & VARINT_VALUE) << (VARINT_BITS * i);
        if ((from->data[i] & VARINT_MORE) == 0) {
            *from = after(*from, i + 1);
            *ret = value;
            return true;
        }
    }
    return false;
}

static bool take_bytes(struct bytes *from, struct bytes *ret)
{
    size_t len;

    if (!take_number(from, &len) || len > from->len) {
        return false;
    }
    *ret = (struct bytes){.data = from->data, .len = len};
    *from = after(*from, len);
    return true;
}

static bool take_field(struct bytes *body, struct figure_cell *cell)
{
    size_t tag;
    size_t number;

    if (!take_number(body, &tag)) {
        return false;
    }
    switch (tag) {
    case TAG_DIMENSION:
        if (!take_number(body, &number) || number >= DIMENSION_COUNT) {
            return false;
        }
        cell->dimension = (enum figure_dimension)number;
        return true;
    case TAG_VALUE:
        return take_bytes(body, &cell->value);
    case TAG_FIGURES:
        return take_bytes(body, &cell->figures);
    default:
        return false;
    }
}

bool figure_cells_next(struct figure_cells *c, struct figure_cell *ret)
{
    struct bytes left = c->left;
    struct figure_cell cell = {.dimension = DIMENSION_ALL};
    struct bytes body;
    size_t tag;

    if (left.len == 0) {
        return false;
    }
    c->is_malformed = !take_number(&left, &tag) || tag != TAG_CELL || !take_bytes(&left, &body);
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
    size_t len = c->value.len < size ? c->value.len : size - 1;

    if (len > 0) {
        memcpy(ret_text, c->value.data, len);
    }
    ret_text[len] = '\0';
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
