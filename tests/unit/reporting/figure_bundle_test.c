/* SPDX-License-Identifier: Apache-2.0 */
/* What a case adds to the figures: kept as bytes, compared, and put on its day. */
#include "services/reporting/figure_bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "tests/support/writable.h"

#define ARENA_BYTES (1 << 20)

/* At the ends of what there is: days, counts and sums, values and none. */
static void fill(struct figure_bundle *b)
{
    static const struct {
        enum figure_measure measure;
        int32_t day;
        int64_t count, sum;
    } entries[] = {
        {MEASURE_CASES,        0,         1,         0        },
        {MEASURE_CASES,        -1,        0,         0        },
        {MEASURE_BACKLOG,      20778,     -1,        0        },
        {MEASURE_RESOLUTION,   INT32_MAX, INT64_MAX, INT64_MAX},
        {MEASURE_SERVQUAL_GAP, INT32_MIN, INT64_MIN, INT64_MIN},
        {MEASURE_CSAT,         1,         2,         -1       },
    };

    b->values[DIMENSION_BRANCH] = "north";
    b->values[DIMENSION_STAFF] = "ann";
    b->values[DIMENSION_CATEGORY] = "";
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        struct figure_entry *e = figure_bundle_add(b, entries[i].measure, entries[i].day);
        e->count = entries[i].count;
        e->sum = entries[i].sum;
    }
    figure_entry_set(&b->entries[0], DIMENSION_STAFF, "");
    figure_entry_set(&b->entries[1], DIMENSION_STAFF, NULL);
    for (int d = DIMENSION_SERVQUAL; d <= DIMENSION_STANDARD; d++) {
        figure_entry_set(&b->entries[4], (enum figure_dimension)d, "机油");
    }
    figure_entry_set(&b->entries[5], DIMENSION_QUESTION, "item/7");
}

/* A copy that ends where its memory ends, so that who reads on is seen. */
static struct bytes exact(const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    assert_non_null(copy);
    memcpy(copy, data, len);
    return (struct bytes){.data = copy, .len = len};
}

static int unpack(struct bytes packed, struct arena *arena, struct figure_bundle *ret)
{
    struct err err = ERR_NONE;

    figure_bundle_clear(ret);
    arena_reset(arena);
    int rc = figure_bundle_unpack(packed, arena, ret, &err);
    if (rc < 0) {
        assert_string_equal(err.code, "malformed");
        assert_int_equal(ret->count, 0); /* nobody counts half of it */
        assert_string_equal(ret->values[DIMENSION_BRANCH] ? ret->values[DIMENSION_BRANCH] : "", "");
    }
    return rc;
}

/* What everybody who counts a bundle relies on. */
static void assert_countable(const struct figure_bundle *b)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct figure_measure_row *m = figure_measure_find(b->entries[i].measure);
        assert_non_null(m);
        assert_true(b->entries[i].sum >= 0 || m->form == FORM_COUNT || m->form == FORM_SUM);
        assert_true(b->entries[i].value_count <= FIGURE_ENTRY_VALUES_MAX);
        for (size_t v = 0; v < b->entries[i].value_count; v++) {
            assert_true((unsigned)b->entries[i].values[v].dimension < DIMENSION_COUNT);
            assert_non_null(b->entries[i].values[v].value);
        }
        for (int d = 0; d < DIMENSION_COUNT; d++) {
            assert_non_null(figure_bundle_value(b, &b->entries[i], (enum figure_dimension)d));
        }
    }
}

static void a_bundle_of_extremes_is_read_as_it_was_packed(void **state)
{
    struct figure_bundle bundle = {.count = 0}, read = {.count = 0};
    struct arena *arena = arena_new(ARENA_BYTES);
    struct buffer packed = {0};

    figure_bundle_pack(&bundle, &packed);
    assert_int_equal(packed.len, 0);
    assert_int_equal(unpack((struct bytes){.data = NULL}, arena, &read), 0);
    assert_int_equal(read.count, 0);
    fill(&bundle);
    figure_bundle_pack(&bundle, &packed);
    assert_int_equal(unpack((struct bytes){packed.data, packed.len}, arena, &read), 0);
    assert_true(figure_bundle_has_same_values(&bundle, &read));
    assert_int_equal(read.count, bundle.count);
    for (size_t i = 0; i < read.count; i++) {
        assert_int_equal(figure_entry_compare(&bundle.entries[i], &read.entries[i]), 0);
    }
    /* An empty value of its own stands in place of that of the bundle. */
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(figure_bundle_value(&read, &read.entries[i], DIMENSION_STAFF), "");
    }
    assert_string_equal(figure_bundle_value(&read, &read.entries[2], DIMENSION_STAFF), "ann");
    assert_string_equal(figure_bundle_value(&read, &read.entries[2], DIMENSION_TEAM), "");
    figure_bundle_free(&bundle);
    figure_bundle_free(&read);
    buffer_free(&packed);
    arena_free(arena);
}

static void a_bundle_that_was_cut_is_refused_or_a_beginning_of_it(void **state)
{
    struct figure_bundle bundle = {.count = 0}, read = {.count = 0};
    struct arena *arena = arena_new(ARENA_BYTES);
    struct buffer packed = {0};
    size_t refused = 0;

    fill(&bundle);
    figure_bundle_pack(&bundle, &packed);
    for (size_t len = 0; len < packed.len; len++) {
        struct bytes cut = exact(packed.data, len);
        if (unpack(cut, arena, &read) < 0) {
            refused++;
        }
        assert_countable(&read);
        assert_true(read.count < bundle.count);
        for (size_t i = 0; i < read.count; i++) {
            assert_int_equal(figure_entry_compare(&bundle.entries[i], &read.entries[i]), 0);
        }
        free(writable(cut.data));
    }
    /* All but those that end with a value or an entry. */
    assert_int_equal(refused, packed.len - 2 - bundle.count);
    figure_bundle_free(&bundle);
    figure_bundle_free(&read);
    buffer_free(&packed);
    arena_free(arena);
}

static void a_bundle_with_a_wrong_byte_is_refused_or_can_be_counted(void **state)
{
    struct figure_bundle bundle = {.count = 0}, read = {.count = 0};
    struct arena *arena = arena_new(ARENA_BYTES);
    struct buffer packed = {0};
    size_t refused = 0;

    fill(&bundle);
    figure_bundle_pack(&bundle, &packed);
    struct bytes wrong = exact(packed.data, packed.len);
    uint8_t *data = writable(wrong.data);
    for (size_t i = 0; i < packed.len; i++) {
        for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
            data[i] = (uint8_t)byte;
            refused += unpack(wrong, arena, &read) < 0;
            assert_countable(&read);
        }
        data[i] = packed.data[i];
    }
    assert_true(refused > 0);
    free(data);
    figure_bundle_free(&bundle);
    figure_bundle_free(&read);
    buffer_free(&packed);
    arena_free(arena);
}

/* The columns are too wide for it. */
/* clang-format off */
static const struct {
    const char *name;
    const char *wire;
    size_t len;
    bool is_ours;
} wires[] = {
    {"an entry of the first measure", "\x12\x02\x08\x01", 4, true},
    {"the same with lengths of five bytes", "\x12\x86\x80\x80\x80\x00\x08\x81\x80\x80\x80\x00", 12, true},
    {"an entry of the last measure", "\x12\x03\x08\xa8\x01", 5, true},
    {"a value of the last dimension", "\x0a\x05\x08\x16\x12\x01x", 7, true},
    {"an entry without a measure", "\x12\x00", 2, false},
    {"a measure that is none", "\x12\x02\x08\x27", 4, false},
    {"a measure behind the last", "\x12\x03\x08\xa9\x01", 5, false},
    {"a measure of 5 bytes", "\x12\x06\x08\xff\xff\xff\xff\x0f", 8, false},
    {"a measure below 0", "\x12\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13, false},
    {"a dimension behind the last", "\x0a\x05\x08\x17\x12\x01x", 7, false},
    {"a dimension below 0", "\x0a\x0e\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x12\x01x", 16, false},
    {"a dimension behind the last, of an entry", "\x12\x09\x08\x01\x2a\x05\x08\x17\x12\x01x", 11, false},
    {"a dimension below 0, of an entry", "\x12\x12\x08\x01\x2a\x0e\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x12\x01x", 20, false},
    {"a sum below 0", "\x12\x04\x08\x50\x20\x01", 6, true},
    {"a duration below 0", "\x12\x04\x08\x04\x20\x01", 6, false},
    {"a ratio below 0", "\x12\x04\x08\x36\x20\x01", 6, false},
    {"five values of one entry", "\x12\x16\x08\x01\x2a\x02\x08\x02\x2a\x02\x08\x03\x2a\x02\x08\x04\x2a\x02\x08\x05\x2a\x02\x08\x06", 24, false},
    {"a good entry, then a wrong one", "\x12\x02\x08\x01\x12\x02\x08\x27", 8, false},
    {"a good value, then a wrong one", "\x0a\x05\x08\x01\x12\x01x\x0a\x05\x08\x17\x12\x01x", 14, false},
    {"a length behind the end", "\x12\x03\x08\x01", 4, false},
    {"a length of 5 bytes behind the end", "\x12\xff\xff\xff\xff\x0f\x08\x01", 8, false},
    {"a length that never ends", "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, false},
    {"an entry that is a number", "\x10\x01", 2, false},
    {"a tag alone", "\x12", 1, false},
};
/* clang-format on */

static void what_is_no_bundle_of_ours_is_refused(void **state)
{
    struct figure_bundle read = {.count = 0};
    struct arena *arena = arena_new(ARENA_BYTES);

    for (size_t i = 0; i < ARRAY_LEN(wires); i++) {
        struct bytes wire = exact((const uint8_t *)wires[i].wire, wires[i].len);
        if ((unpack(wire, arena, &read) == 0) != wires[i].is_ours) {
            fail_msg("%s", wires[i].name);
        }
        free(writable(wire.data));
    }
    figure_bundle_free(&read);
    arena_free(arena);
}

static void an_arena_that_is_too_small_is_said_and_nothing_is_kept(void **state)
{
    struct figure_bundle bundle = {.count = 0}, read = {.count = 0};
    struct buffer packed = {0};
    size_t refused = 0;
    int rc = -1;

    fill(&bundle);
    figure_bundle_pack(&bundle, &packed);
    for (size_t budget = 0; rc < 0; budget += 16) {
        struct arena *arena = arena_new(budget);
        rc = unpack((struct bytes){packed.data, packed.len}, arena, &read);
        assert_int_equal(rc < 0, arena_is_exhausted(arena));
        refused += rc < 0;
        arena_free(arena);
        figure_bundle_clear(&read); /* its texts are gone */
    }
    assert_true(refused > 20);
    figure_bundle_free(&bundle);
    figure_bundle_free(&read);
    buffer_free(&packed);
}

static void the_order_of_entries_depends_on_nothing_but_themselves(void **state)
{
    struct figure_bundle bundle = {.count = 0}, other = {.count = 0};

    fill(&bundle);
    fill(&other);
    for (size_t i = 0; i < other.count / 2; i++) {
        struct figure_entry e = other.entries[i];
        other.entries[i] = other.entries[other.count - 1 - i];
        other.entries[other.count - 1 - i] = e;
    }
    figure_bundle_sort(&bundle);
    figure_bundle_sort(&other);
    for (size_t i = 0; i < bundle.count; i++) {
        assert_int_equal(figure_entry_compare(&bundle.entries[i], &other.entries[i]), 0);
        for (size_t k = 0; k < i; k++) {
            assert_true(figure_entry_compare(&bundle.entries[k], &bundle.entries[i]) < 0);
            assert_true(figure_entry_compare(&bundle.entries[i], &bundle.entries[k]) > 0);
        }
    }
    figure_bundle_free(&bundle);
    figure_bundle_free(&other);
}

static void no_value_and_an_empty_one_are_the_same(void **state)
{
    struct figure_bundle a = {.count = 0}, b = {.count = 0};

    a.values[DIMENSION_TEAM] = "";
    assert_true(figure_bundle_has_same_values(&a, &b));
    b.values[DIMENSION_QUESTION] = "x"; /* the last one */
    assert_false(figure_bundle_has_same_values(&a, &b));
    assert_false(figure_bundle_has_same_values(&b, &a));
}

static void texts_are_kept_while_more_are_made_and_cut_at_a_code_point(void **state)
{
    struct figure_bundle b = {.count = 0};
    char longest[600];
    const char *texts[100];

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        texts[i] = figure_bundle_text(&b, "%zu", i);
    }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(strtol(texts[i], NULL, 10), (long)i);
    }
    for (size_t i = 0; i + 3 < sizeof(longest); i += 3) {
        memcpy(longest + i, "机", 4);
    }
    const char *cut = figure_bundle_text(&b, "%s", longest);
    assert_true(text_is_utf8(bytes_of_text(cut)));
    assert_true(strlen(cut) > 500);
    figure_bundle_free(&b);
}

/* ---- days */

static void months_begin_on_their_first_day(void **state)
{
    static const struct {
        struct civil_date day;
        struct civil_date first;
    } cases[] = {
        {{1970, 1, 1},   {1970, 1, 1} },
        {{1969, 12, 31}, {1969, 12, 1}},
        {{2024, 2, 29},  {2024, 2, 1} },
        {{2100, 2, 28},  {2100, 2, 1} },
        {{2026, 11, 1},  {2026, 11, 1}},
        {{2026, 12, 31}, {2026, 12, 1}},
        {{1, 1, 31},     {1, 1, 1}    },
        {{9999, 12, 31}, {9999, 12, 1}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(figure_month((int32_t)civil_to_days(cases[i].day)),
                         civil_to_days(cases[i].first));
    }
}

/* Every quarter of an hour for three days about every change of the clock, and both sides of each
 * midnight. */
static void check_about(const struct zone *zone, int64_t change_us)
{
    const int64_t begin_us = change_us - 36 * DURATION_H;
    int32_t before = figure_day(zone, begin_us);

    for (int64_t us = begin_us; us < change_us + 36 * DURATION_H; us += 15 * DURATION_MIN) {
        struct civil_time local;
        zone_from_instant(zone, us, &local);
        int32_t day = figure_day(zone, us);
        if (day != civil_to_days(local.date)) {
            fail_msg("%s %lld: day %d", zone_name(zone), (long long)us, (int)day);
        }
        if (day != before) {
            const struct civil_time midnight = {.date = local.date};
            const int64_t at_us = zone_to_instant(zone, &midnight);
            assert_int_equal(figure_day(zone, at_us), day);
            assert_int_equal(figure_day(zone, at_us - 1), before);
            before = day;
        }
    }
}

static void a_day_is_that_of_the_clock_on_the_wall_at_every_change_of_it(void **state)
{
    static const char *const zones[] = {
        "UTC",          "Asia/Shanghai",     "America/New_York",    "Europe/Berlin",
        "Asia/Beirut",  "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia",
        "Africa/Cairo", "America/Havana",    "America/Asuncion",    "Africa/Casablanca",
    };
    /* 2005 to 2035. */
    const int64_t from_us = INT64_C(1104537600000000);
    const int64_t to_us = INT64_C(2051222400000000);

    for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
        struct err err = ERR_NONE;
        struct zone *zone = zone_open(zones[i], &err);
        assert_non_null(zone);
        check_about(zone, from_us);
        for (int64_t us = zone_next_change(zone, from_us); us < to_us;
             us = zone_next_change(zone, us)) {
            check_about(zone, us);
        }
        zone_free(zone);
    }
}

static void the_ends_of_time_have_a_day(void **state)
{
    struct err err = ERR_NONE;
    struct zone *east = zone_open("Etc/GMT-14", &err);
    struct zone *west = zone_open("Etc/GMT+12", &err);

    assert_non_null(east);
    assert_non_null(west);
    /* Four hours after midnight of day 106751991 in UTC. */
    assert_int_equal(figure_day(east, INT64_MAX), 106751991);
    assert_int_equal(figure_day(west, INT64_MAX), 106751990);
    assert_int_equal(figure_day(east, INT64_MIN), -106751991);
    assert_int_equal(figure_day(west, INT64_MIN), -106751992);
    assert_int_equal(figure_day(west, 0), -1);
    assert_int_equal(figure_day(west, 12 * DURATION_H - 1), -1);
    assert_int_equal(figure_day(west, 12 * DURATION_H), 0);
    zone_free(east);
    zone_free(west);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_of_extremes_is_read_as_it_was_packed),
        cmocka_unit_test(a_bundle_that_was_cut_is_refused_or_a_beginning_of_it),
        cmocka_unit_test(a_bundle_with_a_wrong_byte_is_refused_or_can_be_counted),
        cmocka_unit_test(what_is_no_bundle_of_ours_is_refused),
        cmocka_unit_test(an_arena_that_is_too_small_is_said_and_nothing_is_kept),
        cmocka_unit_test(the_order_of_entries_depends_on_nothing_but_themselves),
        cmocka_unit_test(no_value_and_an_empty_one_are_the_same),
        cmocka_unit_test(texts_are_kept_while_more_are_made_and_cut_at_a_code_point),
        cmocka_unit_test(months_begin_on_their_first_day),
        cmocka_unit_test(a_day_is_that_of_the_clock_on_the_wall_at_every_change_of_it),
        cmocka_unit_test(the_ends_of_time_have_a_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
