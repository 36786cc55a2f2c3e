/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/figure_delta.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "services/reporting/figure_cells.h"

/* 2026-11-21 and the first of its month. */
#define DAY   20778
#define MONTH 20758

static struct figure_bundle bundle;
static struct figure_delta *delta;

static int set_up(void **state)
{
    bundle = (struct figure_bundle){.count = 0};
    delta = figure_delta_new();
    return 0;
}

static int tear_down(void **state)
{
    figure_bundle_free(&bundle);
    figure_delta_free(delta);
    return 0;
}

struct wanted {
    bool is_month;
    enum figure_dimension dimension;
    const char *branch, *value;
};

/* What is added to a cell; NULL: nothing was. */
static const struct figure_sum *find(const struct wanted *w, enum figure_measure measure)
{
    struct figure_addend *list;
    size_t count = figure_delta_seal(delta, &list);

    for (size_t i = 0; i < count; i++) {
        if (list[i].is_month == w->is_month && list[i].dimension == w->dimension &&
            strcmp(list[i].branch, w->branch) == 0 && strcmp(list[i].value, w->value) == 0) {
            return figure_sums_of(&list[i].sums, measure);
        }
    }
    return NULL;
}

static void assert_count(const struct wanted *w, enum figure_measure measure, int64_t count,
                         int64_t sum)
{
    const struct figure_sum *found = find(w, measure);

    assert_non_null(found);
    assert_int_equal(found->count, count);
    assert_int_equal(found->sum, sum);
}

static void one_entry_counts_over_all_by_each_dimension_and_in_its_branch(void **state)
{
    bundle.values[DIMENSION_BRANCH] = "north";
    bundle.values[DIMENSION_CHANNEL] = "phone";
    (void)figure_bundle_add(&bundle, MEASURE_CASES, DAY);
    (void)figure_bundle_add(&bundle, MEASURE_FIRST_RESPONSE, DAY);
    bundle.entries[1].sum = 1000;
    figure_delta_add(delta, 3, &bundle, 1);
    for (int is_month = 0; is_month <= 1; is_month++) {
        static const struct wanted cells[] = {
            {false, DIMENSION_ALL,      "",      ""     },
            {false, DIMENSION_ALL,      "north", ""     },
            {false, DIMENSION_CHANNEL,  "",      "phone"},
            {false, DIMENSION_CHANNEL,  "north", "phone"},
            {false, DIMENSION_BRANCH,   "",      "north"},
            {false, DIMENSION_CATEGORY, "",      ""     },
            {false, DIMENSION_CATEGORY, "north", ""     },
        };
        for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
            struct wanted w = cells[i];
            w.is_month = is_month != 0;
            assert_count(&w, MEASURE_CASES, 1, 0);
            assert_count(&w, MEASURE_FIRST_RESPONSE, 1, 1000);
            assert_int_equal(find(&w, MEASURE_FIRST_RESPONSE)->histogram.count, 1);
        }
    }
    assert_null(find(&(struct wanted){false, DIMENSION_BRANCH, "north", "north"}, MEASURE_CASES));
    struct figure_addend *list;
    size_t count = figure_delta_seal(delta, &list);
    assert_int_equal(list[0].day, DAY);
    assert_int_equal(list[0].lane, 3);
    assert_int_equal(list[count - 1].day, MONTH);
}

/* A million cases of 107 days, and more: past the end of an int64_t, stored, read, added up and
 * taken back. */
static void a_sum_of_more_microseconds_than_an_int64_holds_is_right(void **state)
{
    const int64_t took = INT64_MAX / 4;
    struct figure_sums sums = {.count = 0}, read = {.count = 0};
    struct buffer packed = {0};
    struct err err = ERR_NONE;

    for (int i = 0; i < 9; i++) {
        figure_bundle_clear(&bundle);
        figure_bundle_add(&bundle, MEASURE_RESOLUTION, DAY)->sum = took;
        figure_delta_add(delta, 0, &bundle, 1);
    }
    const struct figure_sum *added =
        find(&(struct wanted){false, DIMENSION_ALL, "", ""}, MEASURE_RESOLUTION);
    assert_true(added->sum == (figure_total)took * 9);
    figure_sums_of(&sums, MEASURE_RESOLUTION)->sum = added->sum;
    figure_sums_of(&sums, MEASURE_RESOLUTION)->count = added->count;
    for (int i = 0; i < 3; i++) {
        figure_sums_pack(&sums, &packed);
        assert_int_equal(
            figure_sums_add_packed(&read, (struct bytes){packed.data, packed.len}, &err), 0);
        buffer_clear(&packed);
        sums.list[0].sum = i == 0 ? (figure_total)took * -20 : 5;
    }
    assert_true(figure_sums_of(&read, MEASURE_RESOLUTION)->sum == (figure_total)took * -11 + 5);
    buffer_free(&packed);
    figure_sums_free(&sums);
    figure_sums_free(&read);
}

static void both_halves_of_a_sum_make_it_again(void **state)
{
    static const int64_t list[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX - 1, 1000000};
    int64_t low, high;

    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        for (size_t j = 0; j < ARRAY_LEN(list); j++) {
            const figure_total total = (figure_total)list[i] + (figure_total)list[j] * 3;
            figure_total_split(total, &low, &high);
            assert_true(figure_total_of(low, high) == total);
        }
        figure_total_split(list[i], &low, &high);
        assert_true(low == list[i] && high == 0);
    }
    assert_true(figure_total_of(INT64_MAX, INT64_MAX) > 0); /* no row of ours */
    assert_true(figure_total_of(INT64_MIN, INT64_MIN) < 0);
}

static void what_has_no_branch_counts_for_the_branch_without_a_name(void **state)
{
    (void)figure_bundle_add(&bundle, MEASURE_PURCHASES, DAY);
    (void)figure_bundle_add(&bundle, MEASURE_TRUST_BROKEN, DAY);
    figure_delta_add(delta, 0, &bundle, 1);
    const struct wanted all = {false, DIMENSION_ALL, "", ""};
    const struct wanted branch = {false, DIMENSION_BRANCH, "", ""};
    assert_count(&all, MEASURE_PURCHASES, 1, 0);
    assert_count(&all, MEASURE_TRUST_BROKEN, 1, 0);
    assert_count(&branch, MEASURE_PURCHASES, 1, 0);
    assert_count(&branch, MEASURE_TRUST_BROKEN, 0, 0);
}

static void money_is_added_up_by_its_currency_alone(void **state)
{
    bundle.values[DIMENSION_BRANCH] = "north";
    bundle.values[DIMENSION_CURRENCY] = "CNY";
    figure_bundle_add(&bundle, MEASURE_REVENUE, DAY)->sum = 500;
    figure_delta_add(delta, 0, &bundle, 1);
    assert_count(&(struct wanted){false, DIMENSION_ALL, "", ""}, MEASURE_REVENUE, 1, 0);
    assert_count(&(struct wanted){false, DIMENSION_BRANCH, "", "north"}, MEASURE_REVENUE, 1, 0);
    assert_count(&(struct wanted){true, DIMENSION_CURRENCY, "north", "CNY"}, MEASURE_REVENUE, 1,
                 500);
}

static void what_did_not_change_is_not_touched(void **state)
{
    struct figure_bundle now = {.count = 0};

    bundle.values[DIMENSION_BRANCH] = now.values[DIMENSION_BRANCH] = "north";
    (void)figure_bundle_add(&bundle, MEASURE_CASES, DAY);
    (void)figure_bundle_add(&bundle, MEASURE_CONTACTS, DAY);
    (void)figure_bundle_add(&now, MEASURE_CONTACTS, DAY);
    (void)figure_bundle_add(&now, MEASURE_CONTACTS, DAY + 40);
    (void)figure_bundle_add(&now, MEASURE_CASES, DAY);
    figure_bundle_sort(&bundle);
    figure_bundle_sort(&now);
    figure_delta_change(delta, 0, &bundle, &now);
    struct figure_addend *list;
    size_t count = figure_delta_seal(delta, &list);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list[i].sums.count, 1);
        assert_int_equal(list[i].sums.list[0].measure, MEASURE_CONTACTS);
        assert_true(list[i].day > DAY);
    }
    assert_true(count > 0);
    figure_bundle_free(&now);
}

static void what_counts_for_another_value_is_taken_back_and_added(void **state)
{
    struct figure_bundle now = {.count = 0};
    struct buffer packed = {0};

    bundle.values[DIMENSION_CATEGORY] = "engine";
    now.values[DIMENSION_CATEGORY] = "brakes";
    (void)figure_bundle_add(&bundle, MEASURE_CASES, DAY);
    (void)figure_bundle_add(&now, MEASURE_CASES, DAY);
    figure_delta_change(delta, 0, &bundle, &now);
    assert_count(&(struct wanted){false, DIMENSION_CATEGORY, "", "engine"}, MEASURE_CASES, -1, 0);
    assert_count(&(struct wanted){false, DIMENSION_CATEGORY, "", "brakes"}, MEASURE_CASES, 1, 0);
    assert_count(&(struct wanted){false, DIMENSION_ALL, "", ""}, MEASURE_CASES, 0, 0);
    struct figure_addend *list;
    (void)figure_delta_seal(delta, &list);
    figure_sums_pack(&list[0].sums, &packed);
    assert_int_equal(packed.len, 0); /* nothing is left of it */
    buffer_free(&packed);
    figure_bundle_free(&now);
}

static void a_bundle_is_read_as_it_was_packed(void **state)
{
    struct figure_bundle read = {.count = 0};
    struct arena *arena = arena_new(1 << 20);
    struct buffer packed = {0};
    struct err err = ERR_NONE;

    bundle.values[DIMENSION_BRANCH] = "north";
    struct figure_entry *e = figure_bundle_add(&bundle, MEASURE_BACKLOG, -3);
    e->count = -1;
    figure_entry_set(e, DIMENSION_STAFF, "ann");
    figure_bundle_add(&bundle, MEASURE_RESOLUTION, DAY)->sum = INT64_MAX;
    figure_bundle_pack(&bundle, &packed);
    assert_int_equal(
        figure_bundle_unpack((struct bytes){packed.data, packed.len}, arena, &read, &err), 0);
    assert_true(figure_bundle_has_same_values(&bundle, &read));
    assert_int_equal(read.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(figure_entry_compare(&bundle.entries[i], &read.entries[i]), 0);
    }
    figure_bundle_clear(&read);
    assert_int_equal(figure_bundle_unpack((struct bytes){(const uint8_t *)"\x12\x02\x08\x27", 4},
                                          arena, &read, &err),
                     -1);
    assert_string_equal(err.code, "malformed");
    figure_bundle_free(&read);
    buffer_free(&packed);
    arena_free(arena);
}

static void cells_are_walked_in_their_order(void **state)
{
    struct buffer row = {0};
    static const uint8_t figures[200] = {1, 2, 3};
    struct figure_cell cell;
    char text[4];

    figure_cells_put(&row, DIMENSION_ALL, "", (struct bytes){figures, 3});
    figure_cells_put(&row, DIMENSION_STAFF, "ann", (struct bytes){figures, sizeof(figures)});
    struct figure_cells cells = {
        .left = {row.data, row.len}
    };
    assert_true(figure_cells_next(&cells, &cell));
    assert_true(figure_cell_is(&cell, DIMENSION_ALL, ""));
    assert_int_equal(cell.figures.len, 3);
    assert_true(figure_cells_next(&cells, &cell));
    assert_true(figure_cell_is(&cell, DIMENSION_STAFF, "ann"));
    assert_false(figure_cell_is(&cell, DIMENSION_STAFF, "anna"));
    assert_int_equal(cell.figures.len, sizeof(figures));
    assert_memory_equal(cell.figures.data, figures, sizeof(figures));
    assert_string_equal(figure_cell_value(&cell, text, sizeof(text)), "ann");
    assert_true(figure_cell_compare(&cell, DIMENSION_STAFF, "anna") < 0);
    assert_true(figure_cell_compare(&cell, DIMENSION_STAFF, "anm") > 0);
    assert_true(figure_cell_compare(&cell, DIMENSION_CATEGORY, "") < 0);
    assert_false(figure_cells_next(&cells, &cell));
    assert_false(cells.is_malformed);
    for (size_t len = 1; len < row.len; len++) { /* cut anywhere */
        struct figure_cells cut = {
            .left = {row.data, len}
        };
        while (figure_cells_next(&cut, &cell)) {
        }
        assert_true(cut.is_malformed || len == 11);
    }
    buffer_free(&row);
}

/* A cell has one way down; rows of a dimension lie together and apart from those of others. */
static void a_row_is_split_by_dimension_and_then_by_value(void **state)
{
    int parts[3] = {0};

    assert_int_equal(figure_part_below(PART_NARROW, DIMENSION_ALL, bytes_of_text("")), 0);
    for (int i = 0; i < 2000; i++) {
        char value[16];
        (void)text_format(value, sizeof(value), "product %d", i);
        int16_t part = PART_WIDE;
        for (int depth = 0; depth < 4; depth++) {
            int16_t below = figure_part_below(part, DIMENSION_PRODUCT, bytes_of_text(value));
            assert_true(below > part);
            assert_in_range(below, figure_part_first(DIMENSION_PRODUCT),
                            figure_part_last(DIMENSION_PRODUCT));
            part = below;
            parts[0] += depth == 0 && below == DIMENSION_PRODUCT * PART_STEP + 1;
            parts[1] += depth == 1 && below == DIMENSION_PRODUCT * PART_STEP + 8;
            parts[2] += depth == 3 && below == DIMENSION_PRODUCT * PART_STEP + 512;
        }
        assert_int_equal(figure_part_below(part, DIMENSION_PRODUCT, bytes_of_text(value)), 0);
    }
    assert_int_equal(parts[0], 2000);
    assert_in_range(parts[1], 200, 300); /* an eighth */
    assert_in_range(parts[2], 1, 15);    /* a 512th */
    assert_true(figure_part_last(DIMENSION_CATEGORY) < figure_part_first(DIMENSION_PRODUCT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            one_entry_counts_over_all_by_each_dimension_and_in_its_branch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_has_no_branch_counts_for_the_branch_without_a_name,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(money_is_added_up_by_its_currency_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_did_not_change_is_not_touched, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_counts_for_another_value_is_taken_back_and_added,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bundle_is_read_as_it_was_packed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cells_are_walked_in_their_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_sum_of_more_microseconds_than_an_int64_holds_is_right,
                                        set_up, tear_down),
        cmocka_unit_test(both_halves_of_a_sum_make_it_again),
        cmocka_unit_test(a_row_is_split_by_dimension_and_then_by_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
