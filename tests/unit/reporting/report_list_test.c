/* SPDX-License-Identifier: Apache-2.0 */
/* Which cases a list is asked for, what is refused of it, and where a page goes on. */
#include "services/reporting/report_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "tests/support/writable.h"

#define NOW_US INT64_C(1795276800000000) /* 2026-11-21 16:00 UTC */

/* A request in few words; NULL and 0: not told. */
struct asked {
    const char *list, *from, *to, *after;
    int32_t limit;                                     /* INT32_MIN: 0 */
    const char *filters[2 * (REPORT_FILTERS_MAX + 1)]; /* dimension, value, ... */
};

static char *text(const char *from)
{
    return writable(from); /* nobody writes to it */
}

/* On refusal the list is as it was, and err says what and where. */
static int ask_in(const char *zone_name, const struct asked *a, struct report_list *ret,
                  struct err *err)
{
    Troth__V1__CasesRequest request = TROTH__V1__CASES_REQUEST__INIT;
    Troth__V1__FigureFilter filters[REPORT_FILTERS_MAX + 1];
    Troth__V1__FigureFilter *list[REPORT_FILTERS_MAX + 1];
    struct zone *zone = zone_open(zone_name, err);
    const struct report_options options = {.time_zone = zone_name, .zone = zone, .factors = ""};
    struct report_list before;

    assert_non_null(zone);
    request.list = text(a->list);
    request.from_day = text(a->from);
    request.to_day = text(a->to);
    request.after = text(a->after);
    request.has_limit = a->limit != 0;
    request.limit = a->limit == INT32_MIN ? 0 : a->limit;
    request.filters = list;
    for (size_t i = 0; i <= REPORT_FILTERS_MAX && a->filters[2 * i] != NULL; i++) {
        troth__v1__figure_filter__init(&filters[i]);
        filters[i].dimension = text(a->filters[2 * i]);
        filters[i].value = text(a->filters[2 * i + 1]);
        list[request.n_filters++] = &filters[i];
    }
    memset(ret, 'x', sizeof(*ret));
    memcpy(&before, ret, sizeof(before));
    *err = ERR_NONE;
    int rc = report_list_of(&request, &options, NOW_US, ret, err);
    if (rc < 0) {
        assert_memory_equal(ret, &before, sizeof(before));
        assert_int_equal(strncmp(err->field, "cases.", strlen("cases.")), 0);
        assert_true(strlen(err->text) > 0 && strlen(err->text) < sizeof(err->text) - 1);
    }
    zone_free(zone);
    return rc;
}

static int ask(const struct asked *a, struct report_list *ret, struct err *err)
{
    return ask_in("UTC", a, ret, err);
}

#define LONGEST                                                                                    \
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890"             \
    "123456789012345678901234567890123456789012345678"

/* The columns are too wide for it. */
/* clang-format off */
static void a_refusal_names_the_field_and_what_could_be_asked(void **state)
{
    static const struct {
        struct asked asked;
        const char *code, *field, *says;
    } cases[] = {
        {{.list = NULL}, "request_invalid", "list", "one of opened"},
        {{.list = ""}, "request_invalid", "list", "one of opened"},
        {{.list = "Opened"}, "request_invalid", "list", "low_answer, open, due_next"},
        {{.list = "open", .from = "1.11.2026"}, "range_invalid", "from_day", "2026-11-01"},
        {{.list = "opened", .to = "2026-11-31"}, "range_invalid", "to_day", "2026-11-01"},
        {{.list = "opened", .from = "2026-11-02", .to = "2026-11-01"}, "range_invalid", "to_day", "today"},
        {{.list = "opened", .from = "2026-11-22"}, "range_invalid", "to_day", "today"},
        {{.list = "opened", .limit = INT32_MIN}, "request_invalid", "limit", "1 to 200"},
        {{.list = "opened", .limit = -1}, "request_invalid", "limit", "1 to 200"},
        {{.list = "opened", .limit = 201}, "request_invalid", "limit", "1 to 200"},
        {{.list = "opened", .filters = {"promise_kind", "x"}}, "filter_invalid", "filters", "contact_kind"},
        {{.list = "opened", .filters = {"", "x"}}, "filter_invalid", "filters", "branch, channel"},
        {{.list = "opened", .filters = {"all", "x"}}, "filter_invalid", "filters", "branch, channel"},
        {{.list = "opened", .filters = {"branch", ""}}, "filter_invalid", "filters", "1 to 128 bytes"},
        {{.list = "opened", .filters = {"branch", NULL}}, "filter_invalid", "filters", "1 to 128 bytes"},
        {{.list = "opened", .filters = {"branch", LONGEST "9"}}, "filter_invalid", "filters", "1 to 128 bytes"},
        {{.list = "opened", .filters = {"branch", "a", "branch", "b"}}, "filter_invalid", "filters", "one value of each"},
        {{.list = "opened", .filters = {"branch", "a", "team", "b", "staff", "c", "tier", "d", "channel", "e"}},
         "filter_invalid", "filters", "at most 4"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct report_list list;
        struct err err;
        if (ask(&cases[i].asked, &list, &err) != -1) {
            fail_msg("%zu: it was answered", i);
        }
        assert_string_equal(err.code, cases[i].code);
        assert_string_equal(err.field + strlen("cases."), cases[i].field);
        if (strstr(err.text, cases[i].says) == NULL) {
            fail_msg("%zu: %s", i, err.text);
        }
    }
}
/* clang-format on */

static void what_a_refusal_offers_is_answered(void **state)
{
    static const char *const lists[] = {"opened", "answered",   "resolved", "reopened",
                                        "broken", "low_answer", "open",     "due_next"};
    struct err err, refused;
    struct report_list list;

    assert_int_equal(ARRAY_LEN(lists), REPORT_LIST_COUNT);
    assert_int_equal(ask(&(struct asked){.list = "x"}, &list, &refused), -1);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        assert_non_null(strstr(refused.text, lists[i]));
        assert_int_equal(ask(&(struct asked){.list = lists[i]}, &list, &err), 0);
        assert_int_equal(list.kind, i);
        assert_int_equal(list.limit, REPORT_LIST_USUAL);
        assert_false(list.has_after);
    }
    const struct asked filtered = {
        .list = "opened", .filters = {"colour", "x"}
    };
    assert_int_equal(ask(&filtered, &list, &refused), -1);
    for (int d = DIMENSION_BRANCH; d <= DIMENSION_CONTACT_KIND; d++) {
        const char *name = figure_dimension_name((enum figure_dimension)d);
        const struct asked a = {
            .list = "opened", .limit = 200, .filters = {name, LONGEST}
        };
        assert_non_null(strstr(refused.text, name));
        assert_int_equal(ask(&a, &list, &err), 0);
        assert_int_equal(list.filter_count, 1);
        assert_int_equal(list.filters[0].dimension, d);
        assert_string_equal(list.filters[0].value, LONGEST);
        assert_int_equal(list.limit, 200);
    }
}

/* Days are those of the zone: they end where the next one begins, whatever the clocks do. */
/* The columns are too wide for it. */
/* clang-format off */
static void a_range_has_all_of_its_days_and_nothing_of_the_next(void **state)
{
    static const struct {
        const char *zone, *from, *to;
        const char *from_instant, *until_instant;
    } cases[] = {
        {"UTC", "2026-11-21", "2026-11-21", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"},
        {"UTC", NULL, NULL, "2026-10-22T00:00:00Z", "2026-11-22T00:00:00Z"},
        {"Asia/Shanghai", NULL, NULL, "2026-10-23T00:00:00+08:00", "2026-11-23T00:00:00+08:00"},
        {"America/New_York", "2026-11-01", "2026-11-01", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
        {"America/New_York", "2026-03-08", "2026-03-08", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"},
        /* There is no midnight: the day begins at one o'clock. */
        {"America/Sao_Paulo", "2018-11-03", "2018-11-03", "2018-11-03T00:00:00-03:00", "2018-11-04T01:00:00-02:00"},
        {"America/Sao_Paulo", "2018-11-04", "2018-11-04", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"},
        /* The last hour of the day comes twice. */
        {"America/Sao_Paulo", "2019-02-16", "2019-02-16", "2019-02-16T00:00:00-02:00", "2019-02-17T00:00:00-03:00"},
        /* The first hour of the day comes twice. */
        {"America/Havana", "2026-11-01", "2026-11-01", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
        /* A day that never was. */
        {"Pacific/Apia", "2011-12-30", "2011-12-30", "2011-12-31T00:00:00+14:00", "2011-12-31T00:00:00+14:00"},
        {"UTC", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00Z", NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct asked a = {.list = "opened", .from = cases[i].from, .to = cases[i].to};
        struct report_list list;
        struct err err;
        int64_t from_us, until_us = INT64_C(253402300800000000); /* the year 10000 */
        assert_int_equal(ask_in(cases[i].zone, &a, &list, &err), 0);
        assert_int_equal(instant_parse(cases[i].from_instant, &from_us), 0);
        if (cases[i].until_instant != NULL) {
            assert_int_equal(instant_parse(cases[i].until_instant, &until_us), 0);
        }
        if (list.from_us != from_us || list.until_us != until_us) {
            fail_msg("%zu: %lld to %lld h", i, (long long)(list.from_us - from_us) / DURATION_H,
                     (long long)(list.until_us - until_us) / DURATION_H);
        }
    }
}
/* clang-format on */

static void a_place_is_read_as_it_was_written(void **state)
{
    static const struct report_place places[] = {
        {0,         1        },
        {NOW_US,    0x4711   },
        {-1,        1        },
        {INT64_MIN, INT64_MAX},
        {INT64_MAX, INT64_MAX},
    };

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        char after[REPORT_PLACE_SIZE];
        struct report_list list;
        struct err err;
        assert_ptr_equal(report_place_format(places[i], after), after);
        assert_int_equal(ask(&(struct asked){.list = "open", .after = after}, &list, &err), 0);
        assert_true(list.has_after);
        assert_true(list.after.at_us == places[i].at_us);
        assert_true(list.after.case_number == places[i].case_number);
    }
}

static void what_is_no_place_is_refused(void **state)
{
    static const char *const wrong[] = {
        ".",
        "5",
        "5.",
        ".5",
        "5.0",
        "5.-1",
        "5.7 ",
        " 5.7",
        "5 .7",
        "+5.7",
        "5.7.9",
        "5..7",
        "--5.7",
        "0x5.7",
        "5,7",
        "9223372036854775808.1",
        "1.9223372036854775808",
        "-9223372036854775809.1",
        "00000000000000000000000000000000000000000000000000000.1",
        "000000000000000000000000000000000000000000000000.1", /* one more than there is room for */
        "C-1234567-4",
        "下一页.1",
    };

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct report_list list;
        struct err err;
        if (ask(&(struct asked){.list = "open", .after = wrong[i]}, &list, &err) == 0) {
            fail_msg("%s", wrong[i]);
        }
        assert_string_equal(err.code, "request_invalid");
        assert_string_equal(err.field, "cases.after");
        assert_non_null(strstr(err.text, "CaseList.next"));
    }
    struct report_list list;
    struct err err;
    assert_int_equal(ask(&(struct asked){.list = "open", .after = ""}, &list, &err), 0);
    assert_false(list.has_after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_names_the_field_and_what_could_be_asked),
        cmocka_unit_test(what_a_refusal_offers_is_answered),
        cmocka_unit_test(a_range_has_all_of_its_days_and_nothing_of_the_next),
        cmocka_unit_test(a_place_is_read_as_it_was_written),
        cmocka_unit_test(what_is_no_place_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
