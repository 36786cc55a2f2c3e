/* SPDX-License-Identifier: Apache-2.0 */
/* A row of figures, walked as it lies: whole, cut, wrong. */
#include "services/reporting/figure_cells.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "tests/support/writable.h"

/* A copy that ends where its memory ends, so that who reads on is seen. */
static struct bytes exact(const void *data, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    assert_non_null(copy);
    if (len > 0) {
        memcpy(copy, data, len);
    }
    return (struct bytes){.data = copy, .len = len};
}

static void forget(struct bytes copy)
{
    free(writable(copy.data));
}

static bool is_inside(struct bytes part, struct bytes whole)
{
    return part.len == 0 ||
           (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

/* How many cells there are before the end or what is wrong; each lies in the row behind the one
 * before it. */
static size_t walk(struct bytes row, bool *ret_is_malformed)
{
    struct figure_cells cells = {.left = row};
    const struct figure_cell nothing = {.dimension = DIMENSION_COUNT};
    struct figure_cell cell = nothing;
    size_t count = 0;
    size_t len = 0;

    while (figure_cells_next(&cells, &cell)) {
        assert_ptr_equal(cell.whole.data, row.data + len);
        assert_true(is_inside(cell.value, cell.whole) && is_inside(cell.figures, cell.whole));
        assert_true((unsigned)cell.dimension < DIMENSION_COUNT);
        len += cell.whole.len;
        cell = nothing;
        count++;
    }
    assert_memory_equal(&cell, &nothing, sizeof(cell)); /* untouched at the end */
    assert_true(cells.is_malformed || len == row.len);
    *ret_is_malformed = cells.is_malformed;
    assert_false(figure_cells_next(&cells, &cell)); /* and it stays so */
    assert_true(cells.is_malformed == *ret_is_malformed);
    return count;
}

/* Lengths on both sides of where their varints grow, also that of the whole cell. */
static void cells_of_all_lengths_are_read_as_they_were_put(void **state)
{
    static const size_t lengths[] = {0,     1,     2,     121,   122,     123,    124,   125,
                                     126,   127,   128,   129,   16376,   16377,  16378, 16379,
                                     16380, 16383, 16384, 16385, 2097151, 2097152};
    char value[200];
    uint8_t *figures = calloc(1, 2097152);
    struct buffer row = {0};
    size_t begin[2 * ARRAY_LEN(lengths) + 1] = {0};
    size_t count = 0;

    for (size_t i = 0; i < 2 * ARRAY_LEN(lengths); i++) {
        const size_t len = lengths[i / 2];
        memset(value, 'v', sizeof(value));
        value[i % 2 == 0 || len >= sizeof(value) ? 0 : len] = '\0';
        figure_cells_put(&row, (enum figure_dimension)(i % DIMENSION_COUNT), value,
                         (struct bytes){figures, len});
        begin[++count] = row.len;
    }
    struct figure_cells cells = {
        .left = {row.data, row.len}
    };
    struct figure_cell cell;
    for (size_t i = 0; i < count; i++) {
        const size_t len = lengths[i / 2];
        assert_true(figure_cells_next(&cells, &cell));
        assert_int_equal(cell.dimension, i % DIMENSION_COUNT);
        assert_int_equal(cell.value.len, i % 2 == 0 || len >= sizeof(value) ? 0 : len);
        assert_int_equal(cell.figures.len, len);
        assert_ptr_equal(cell.whole.data, row.data + begin[i]);
        assert_int_equal(cell.whole.len, begin[i + 1] - begin[i]);
    }
    assert_false(figure_cells_next(&cells, &cell));
    assert_false(cells.is_malformed);
    buffer_free(&row);
    free(figures);
}

/* Three cells, and where each ends. */
static void make_row(struct buffer *row, size_t ret_ends[3])
{
    static const uint8_t figures[140] = {1, 2, 3};
    static const struct {
        enum figure_dimension dimension;
        const char *value;
        size_t len;
    } cells[3] = {
        {DIMENSION_ALL,     "",       3  },
        {DIMENSION_STAFF,   "ann",    140},
        {DIMENSION_PRODUCT, "机油", 0  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        figure_cells_put(row, cells[i].dimension, cells[i].value,
                         (struct bytes){figures, cells[i].len});
        ret_ends[i] = row->len;
    }
}

static void a_row_that_was_cut_ends_early_and_says_so(void **state)
{
    struct buffer row = {0};
    size_t ends[3];

    make_row(&row, ends);
    for (size_t len = 0; len <= row.len; len++) {
        const int whole = (len >= ends[0]) + (len >= ends[1]) + (len >= ends[2]);
        const bool is_end = len == 0 || len == ends[0] || len == ends[1] || len == ends[2];
        struct bytes cut = exact(row.data, len);
        bool is_malformed;
        assert_int_equal(walk(cut, &is_malformed), whole);
        assert_true(is_malformed == !is_end);
        forget(cut);
    }
    buffer_free(&row);
}

static void a_row_with_a_wrong_byte_is_never_left(void **state)
{
    struct buffer row = {0};
    size_t ends[3];
    bool is_malformed;

    make_row(&row, ends);
    struct bytes wrong = exact(row.data, row.len);
    uint8_t *data = writable(wrong.data);
    for (size_t i = 0; i < row.len; i++) {
        for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
            data[i] = (uint8_t)byte;
            (void)walk(wrong, &is_malformed);
        }
        data[i] = row.data[i];
    }
    forget(wrong);
    buffer_free(&row);
}

/* The columns are too wide for it. */
/* clang-format off */
static const struct {
    const char *name;
    const char *wire;
    size_t len, cells;
    bool is_malformed;
} wires[] = {
    {"nothing", "", 0, 0, false},
    {"a cell without a field", "\x0a\x00", 2, 1, false},
    {"a length of five bytes", "\x0a\x82\x80\x80\x80\x00\x08\x04", 8, 1, false},
    {"a number of five bytes", "\x0a\x06\x08\x84\x80\x80\x80\x00", 8, 1, false},
    {"a tag of five bytes", "\x8a\x80\x80\x80\x00\x00", 6, 1, false},
    {"a length of eleven bytes", "\x0a\x82\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x08\x04", 14, 0, true},
    {"a number of eleven bytes", "\x0a\x0c\x08\x84\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 14, 0, true},
    {"a length of 2^64 - 1", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x08\x04", 13, 0, true},
    {"a dimension below 0", "\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13, 0, true},
    {"a length that never ends", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11, 0, true},
    {"the largest length of five bytes", "\x0a\xff\xff\xff\xff\x7f\x08\x04", 8, 0, true},
    {"a length of 2^32 - 1", "\x0a\xff\xff\xff\xff\x0f\x08\x04", 8, 0, true},
    {"the last dimension", "\x0a\x02\x08\x16", 4, 1, false},
    {"a dimension behind the last", "\x0a\x02\x08\x17", 4, 0, true},
    {"a dimension of 2^32", "\x0a\x06\x08\x80\x80\x80\x80\x10", 8, 0, true},
    {"a value longer than its cell but not than the row", "\x0a\x04\x08\x04\x12\x02xx", 8, 0, true},
    {"figures longer than their cell", "\x0a\x02\x1a\x01\x0a\x00", 6, 0, true},
    {"a field that nobody knows", "\x0a\x02\x20\x01", 4, 0, true},
    {"a value that is a number", "\x0a\x02\x10\x01", 4, 0, true},
    {"a dimension with a length", "\x0a\x03\x0a\x01\x04", 5, 0, true},
    {"a cell that is a number", "\x08\x01", 2, 0, true},
    {"a good cell, then another field", "\x0a\x02\x08\x04\x12\x00", 6, 1, true},
    {"a good cell, then half a tag", "\x0a\x02\x08\x04\x8a", 5, 1, true},
};
/* clang-format on */

static void what_is_no_row_of_ours_is_malformed(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(wires); i++) {
        struct bytes row = exact(wires[i].wire, wires[i].len);
        bool is_malformed;
        size_t count = walk(row, &is_malformed);
        if (count != wires[i].cells || is_malformed != wires[i].is_malformed) {
            fail_msg("%s: %zu cells%s", wires[i].name, count, is_malformed ? ", malformed" : "");
        }
        forget(row);
    }
}

static struct figure_cell cell_of(enum figure_dimension dimension, const char *value)
{
    return (struct figure_cell){.dimension = dimension, .value = bytes_of_text(value)};
}

static void a_value_that_does_not_fit_is_cut_at_a_code_point(void **state)
{
    static const struct {
        const char *value;
        size_t size;
        const char *text;
    } cases[] = {
        {"ann",               4, "ann"              },
        {"ann",               3, "an"               },
        {"ann",               1, ""                 },
        {"",                  1, ""                 },
        {"机油",            7, "机油"           },
        {"机油",            6, "机"              },
        {"机油",            5, "机"              },
        {"机油",            4, "机"              },
        {"机油",            3, ""                 },
        {"a\xf0\x9f\x9a\x97", 5, "a"                },
        {"a\xf0\x9f\x9a\x97", 6, "a\xf0\x9f\x9a\x97"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct figure_cell cell = cell_of(DIMENSION_PRODUCT, "");
        cell.value = exact(cases[i].value, strlen(cases[i].value));
        char *text = malloc(cases[i].size);
        assert_non_null(text);
        assert_ptr_equal(figure_cell_value(&cell, text, cases[i].size), text);
        assert_string_equal(text, cases[i].text);
        free(text);
        forget(cell.value);
    }
    char text[8] = "before";
    assert_string_equal(
        figure_cell_value(&(struct figure_cell){.dimension = DIMENSION_ALL}, text, sizeof(text)),
        "");
}

static void a_cell_is_told_by_dimension_and_whole_value(void **state)
{
    const struct figure_cell ann = cell_of(DIMENSION_STAFF, "ann");
    const struct figure_cell none = {.dimension = DIMENSION_STAFF}; /* as read: data NULL */

    assert_true(figure_cell_is(&ann, DIMENSION_STAFF, "ann"));
    assert_true(figure_cell_is(&ann, DIMENSION_STAFF, NULL));
    assert_true(figure_cell_is(&none, DIMENSION_STAFF, ""));
    assert_true(figure_cell_is(&none, DIMENSION_STAFF, NULL));
    assert_false(figure_cell_is(&none, DIMENSION_STAFF, "ann"));
    assert_false(figure_cell_is(&ann, DIMENSION_STAFF, ""));
    assert_false(figure_cell_is(&ann, DIMENSION_STAFF, "an"));
    assert_false(figure_cell_is(&ann, DIMENSION_STAFF, "anna"));
    assert_false(figure_cell_is(&ann, DIMENSION_TEAM, "ann"));
    assert_false(figure_cell_is(&ann, DIMENSION_TEAM, NULL));
}

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

/* As strcmp has it, with which the figures that are added are sorted. */
static void cells_are_ordered_by_dimension_then_by_the_bytes_of_the_value(void **state)
{
    static const struct {
        enum figure_dimension dimension;
        const char *value;
    } order[] = {
        {DIMENSION_ALL,      ""       },
        {DIMENSION_BRANCH,   ""       },
        {DIMENSION_BRANCH,   "North"  },
        {DIMENSION_BRANCH,   "nort"   },
        {DIMENSION_BRANCH,   "north"  },
        {DIMENSION_BRANCH,   "north 2"},
        {DIMENSION_BRANCH,   "\x7f"   },
        {DIMENSION_BRANCH,   "é"     },
        {DIMENSION_BRANCH,   "机油" },
        {DIMENSION_CHANNEL,  ""       },
        {DIMENSION_QUESTION, "a"      },
    };

    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        const struct figure_cell cell = cell_of(order[i].dimension, order[i].value);
        for (size_t k = 0; k < ARRAY_LEN(order); k++) {
            assert_int_equal(sign(figure_cell_compare(&cell, order[k].dimension, order[k].value)),
                             (i > k) - (i < k));
        }
    }
    assert_int_equal(
        figure_cell_compare(&(struct figure_cell){.dimension = DIMENSION_TEAM}, DIMENSION_TEAM, ""),
        0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_of_all_lengths_are_read_as_they_were_put),
        cmocka_unit_test(a_row_that_was_cut_ends_early_and_says_so),
        cmocka_unit_test(a_row_with_a_wrong_byte_is_never_left),
        cmocka_unit_test(what_is_no_row_of_ours_is_malformed),
        cmocka_unit_test(a_value_that_does_not_fit_is_cut_at_a_code_point),
        cmocka_unit_test(a_cell_is_told_by_dimension_and_whole_value),
        cmocka_unit_test(cells_are_ordered_by_dimension_then_by_the_bytes_of_the_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
