/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused of a report request: which field it names, and that what it says to ask instead
 * is answered. */
#include "services/reporting/report_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "services/reporting/report_period.h"
#include "tests/support/writable.h"

#define NOW_US INT64_C(1795276800000000) /* 2026-11-22 00:00 in Shanghai */

static struct zone *zone;
static struct report_options options = {
    .time_zone = "Asia/Shanghai", .return_window_days = 7, .least = 10, .factors = ""};

static int set_up(void **state)
{
    struct err err = ERR_NONE;

    options.zone = zone = zone_open(options.time_zone, &err);
    return zone == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    zone_free(zone);
    return 0;
}

/* A request in few words; NULL and 0: not told. */
struct asked {
    const char *name, *from, *to, *group, *time_zone;
    bool is_compared;
    int32_t limit;                                     /* INT32_MIN: 0 */
    const char *filters[2 * (REPORT_FILTERS_MAX + 1)]; /* dimension, value, ... */
};

static char *text(const char *from)
{
    return writable(from); /* nobody writes to it */
}

/* On refusal the frame is as it was, and err says what and where. */
static int ask_at(const struct asked *a, int64_t now_us, struct report_frame *ret, struct err *err)
{
    Troth__V1__FiguresRequest request = TROTH__V1__FIGURES_REQUEST__INIT;
    Troth__V1__FigureFilter filters[REPORT_FILTERS_MAX + 1];
    Troth__V1__FigureFilter *list[REPORT_FILTERS_MAX + 1];
    struct report_frame before;

    request.name = text(a->name);
    request.from_day = text(a->from);
    request.to_day = text(a->to);
    request.group_by = text(a->group);
    request.time_zone = text(a->time_zone);
    request.has_is_compared = request.is_compared = a->is_compared;
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
    int rc = report_frame_of(&request, NULL, &options, now_us, ret, err);
    if (rc < 0) {
        assert_memory_equal(ret, &before, sizeof(before));
        assert_int_equal(strncmp(err->field, "figures.", strlen("figures.")), 0);
        assert_true(strlen(err->text) > 0 && strlen(err->text) < sizeof(err->text) - 1);
    }
    return rc;
}

static int ask(const struct asked *a, struct report_frame *ret, struct err *err)
{
    return ask_at(a, NOW_US, ret, err);
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
        {{.name = NULL}, "report_unknown", "name", "catalogue"},
        {{.name = ""}, "report_unknown", "name", "catalogue"},
        {{.name = "Timeliness"}, "report_unknown", "name", "catalogue"},
        {{.name = "timeliness", .from = "2026-11-1"}, "range_invalid", "from_day", "2026-11-01"},
        {{.name = "timeliness", .to = "2026-02-29"}, "range_invalid", "to_day", "2026-11-01"},
        {{.name = "timeliness", .to = "0000-12-31"}, "range_invalid", "to_day", "2026-11-01"},
        {{.name = "timeliness", .from = "2026-11-02", .to = "2026-11-01"},
         "range_invalid", "to_day", "today"},
        {{.name = "timeliness", .from = "2026-11-23"}, "range_invalid", "to_day", "today"},
        {{.name = "timeliness", .from = "2025-01-01", .to = "2026-05-16"},
         "range_invalid", "from_day", "500 rows: group by week, month or none"},
        {{.name = "loyalty", .group = "day", .from = "2025-01-01", .to = "2026-05-16"},
         "range_invalid", "from_day", "500 rows: group by none"},
        {{.name = "timeliness", .from = "0001-01-02", .to = "0001-01-03", .is_compared = true},
         "range_invalid", "is_compared", "before the range"},
        {{.name = "timeliness", .time_zone = "UTC"}, "zone_not_counted", "time_zone", "Asia/Shanghai"},
        {{.name = "timeliness", .limit = INT32_MIN}, "request_invalid", "limit", "1 to 500"},
        {{.name = "timeliness", .limit = -1}, "request_invalid", "limit", "1 to 500"},
        {{.name = "timeliness", .limit = 501}, "request_invalid", "limit", "1 to 500"},
        {{.name = "timeliness", .group = "reason"}, "group_invalid", "group_by", "none, day, week, month, branch"},
        {{.name = "timeliness", .group = "all"}, "group_invalid", "group_by", "none, day"},
        {{.name = "backlog_now", .group = "day"}, "group_invalid", "group_by", "none"},
        {{.name = "loyalty", .group = "week"}, "group_invalid", "group_by", "none, day, tier"},
        {{.name = "timeliness", .filters = {"colour", "red"}}, "filter_invalid", "filters", "branch, channel"},
        {{.name = "timeliness", .filters = {"", "red"}}, "filter_invalid", "filters", "branch, channel"},
        {{.name = "timeliness", .filters = {"all", "x"}}, "filter_invalid", "filters", "branch, channel"},
        {{.name = "loyalty", .filters = {"branch", "north"}}, "filter_invalid", "filters", "no filters"},
        {{.name = "timeliness", .filters = {"branch", NULL}}, "filter_invalid", "filters", "1 to 128 bytes"},
        {{.name = "timeliness", .filters = {"branch", ""}}, "filter_invalid", "filters", "1 to 128 bytes"},
        {{.name = "timeliness", .filters = {"branch", LONGEST "9"}}, "filter_invalid", "filters", "1 to 128 bytes"},
        {{.name = "timeliness", .filters = {"branch", "a", "branch", "a"}}, "filter_invalid", "filters", "one value of each"},
        {{.name = "timeliness", .filters = {"team", "a", "staff", "b"}}, "filter_invalid", "filters", "one filter besides the branch"},
        {{.name = "backlog_now", .filters = {"branch", "a", "team", "b", "staff", "c", "tier", "d", "channel", "e"}},
         "filter_invalid", "filters", "at most 4"},
        {{.name = "timeliness", .group = "team", .filters = {"staff", "b"}}, "filter_invalid", "filters", "none or staff"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct report_frame frame;
        struct err err;
        if (ask(&cases[i].asked, &frame, &err) != -1) {
            fail_msg("%zu: it was answered", i);
        }
        assert_string_equal(err.code, cases[i].code);
        assert_string_equal(err.field + strlen("figures."), cases[i].field);
        if (strstr(err.text, cases[i].says) == NULL) {
            fail_msg("%zu: %s", i, err.text);
        }
    }
}
/* clang-format on */

static void what_is_at_the_limit_is_answered(void **state)
{
    static const struct asked cases[] = {
        {.name = "timeliness",  .from = "2025-01-01",         .to = "2026-05-15"}, /* 500 days */
        {.name = "timeliness",                     .group = "none",                              .from = "0001-01-01", .to = "9999-12-31"},
        {.name = "timeliness", .from = "",.to = "", .group = "", .time_zone = ""},
        {.name = "timeliness",  .time_zone = "Asia/Shanghai",                    .limit = 1},
        {.name = "timeliness",          .limit = REPORT_LIMIT_MAX                      },
        {.name = "timeliness",  .filters = {"branch", LONGEST}},
        {.name = "timeliness",                     .from = "0001-01-02",                              .to = "0001-01-02", .is_compared = true},
        {.name = "timeliness",                     .from = "2026-11-22"       },
        {.name = "backlog_now",                     .filters = {"branch", "a", "team", "b", "staff", "c", "tier", "d"}                             },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct report_frame frame;
        struct err err;
        if (ask(&cases[i], &frame, &err) != 0) {
            fail_msg("%zu: %s %s", i, err.field, err.text);
        }
        if (cases[i].limit != 0) {
            assert_int_equal(frame.limit, cases[i].limit);
        }
    }
}

/* The last thirty days until today, which is that of the zone of the figures. */
static void what_is_not_said_of_the_range_is_the_last_thirty_days(void **state)
{
    static const struct {
        int64_t now_us;
        const char *from, *to;
        const char *want_from, *want_to;
    } cases[] = {
        {NOW_US - 1, NULL,         NULL,         "2026-10-22", "2026-11-21"},
        {NOW_US,     NULL,         NULL,         "2026-10-23", "2026-11-22"},
        {NOW_US,     "2026-11-01", NULL,         "2026-11-01", "2026-11-22"},
        {NOW_US,     NULL,         "2024-03-01", "2024-01-31", "2024-03-01"},
        {NOW_US,     NULL,         "9999-12-31", "9999-12-01", "9999-12-31"},
        {NOW_US,     NULL,         "0001-02-01", "0001-01-02", "0001-02-01"},
        {NOW_US,     NULL,         "0001-01-31", "0001-01-01", "0001-01-31"},
        {NOW_US,     NULL,         "0001-01-30", "0001-01-01", "0001-01-30"},
        {NOW_US,     NULL,         "0001-01-01", "0001-01-01", "0001-01-01"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct asked a = {.name = "timeliness", .from = cases[i].from, .to = cases[i].to};
        struct report_frame frame;
        struct err err;
        assert_int_equal(ask_at(&a, cases[i].now_us, &frame, &err), 0);
        assert_string_equal(frame.from_day, cases[i].want_from);
        assert_string_equal(frame.to_day, cases[i].want_to);
    }
}

static void the_range_before_is_as_long_and_ends_the_day_before(void **state)
{
    static const struct {
        const char *from, *to, *before_from, *before_to;
    } cases[] = {
        {"2026-11-01", "2026-11-01", "2026-10-31", "2026-10-31"},
        {"2026-03-01", "2026-03-31", "2026-01-29", "2026-02-28"},
        {"2024-01-01", "2024-12-31", "2022-12-31", "2023-12-31"},
        {"0001-01-03", "0001-01-04", "0001-01-01", "0001-01-02"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct asked a = {
            .name = "timeliness", .from = cases[i].from, .to = cases[i].to, .is_compared = true};
        struct report_frame frame;
        struct err err;
        assert_int_equal(ask(&a, &frame, &err), 0);
        assert_string_equal(frame.before_from_day, cases[i].before_from);
        assert_string_equal(frame.before_to_day, cases[i].before_to);
    }
}

/* ---- all reports */

/* Whether the names after a colon, parted by ", " or " or ", are answered; calls try with each. */
static void assert_all_are_answered(const struct asked *like, const char *names, bool is_group)
{
    char name[64];

    for (size_t len; *names != '\0'; names += len + strspn(names + len, ", ")) {
        struct asked a = *like;
        struct report_frame frame;
        struct err err;
        len = strcspn(names, ",");
        assert_true(len > 0 && len < sizeof(name));
        (void)text_format(name, sizeof(name), "%.*s", (int)len, names);
        if (is_group) {
            a.group = name;
        } else {
            a.group = report_book_find(a.name)->has_time_groups ? "none" : name;
            a.filters[0] = name;
            a.filters[1] = "x";
        }
        if (strcmp(name, "branch") == 0 || report_book_find(a.name)->ask != NULL) {
            a.group = is_group ? name : NULL;
        }
        if (ask(&a, &frame, &err) != 0) {
            fail_msg("%s by %s: %s", a.name, name, err.text);
        }
    }
}

static void what_a_refusal_offers_is_answered_of_every_report(void **state)
{
    const struct report_kind *const *book;
    const size_t count = report_book_list(&book);

    for (size_t i = 0; i < count; i++) {
        struct asked a = {.name = book[i]->name, .group = "colour"};
        struct report_frame frame;
        struct err err;
        assert_int_equal(ask(&a, &frame, &err), -1);
        assert_non_null(strstr(err.text, "can be grouped by: none"));
        assert_all_are_answered(&a, strchr(err.text, ':') + 2, true);
        a = (struct asked){
            .name = book[i]->name, .filters = {"colour", "x"}
        };
        assert_int_equal(ask(&a, &frame, &err), -1);
        if (book[i]->filters == 0) {
            assert_non_null(strstr(err.text, "has no filters"));
        } else {
            assert_all_are_answered(&a, strchr(err.text, ':') + 2, false);
        }
        a = (struct asked){.name = book[i]->name}; /* and the usual one */
        assert_int_equal(ask(&a, &frame, &err), 0);
    }
}

/* "... with the filter X group by day, week, month, none or X" */
static void check_pair(const struct report_kind *kind, enum figure_dimension group,
                       enum figure_dimension filter)
{
    const char *filter_name = figure_dimension_name(filter);
    struct asked a = {
        .name = kind->name, .group = figure_dimension_name(group), .filters = {filter_name, "x"}
    };
    struct report_frame frame;
    struct err err;

    if (ask(&a, &frame, &err) == 0) {
        assert_true(kind->ask != NULL || group == filter || filter == DIMENSION_BRANCH);
        return;
    }
    assert_string_equal(err.code, "filter_invalid");
    const char *advice = strstr(err.text, " group by ");
    assert_non_null(advice);
    advice += strlen(" group by ");
    while (*advice != '\0') {
        char name[32];
        const size_t len = strcspn(advice, ", ");
        (void)text_format(name, sizeof(name), "%.*s", (int)len, advice);
        a.group = name;
        if (strcmp(name, "or") != 0 && ask(&a, &frame, &err) != 0) {
            fail_msg("%s by %s, one %s: %s", kind->name, name, filter_name, err.text);
        }
        advice += len + strspn(advice + len, ", ");
    }
}

static void check_filters(const struct report_kind *kind, enum figure_dimension group)
{
    for (int f = 0; f < DIMENSION_COUNT; f++) {
        if ((kind->filters >> f & 1) != 0) {
            check_pair(kind, group, (enum figure_dimension)f);
        }
    }
}

static void every_pair_of_group_and_filter_is_answered_or_leads_to_one_that_is(void **state)
{
    const struct report_kind *const *book;
    const size_t count = report_book_list(&book);

    for (size_t i = 0; i < count; i++) {
        for (int g = 0; g < DIMENSION_COUNT; g++) {
            if ((book[i]->groups >> g & 1) != 0) {
                check_filters(book[i], (enum figure_dimension)g);
            }
        }
    }
}

/* ---- rows */

static void assert_source(struct report_source found, enum figure_dimension dimension,
                          const char *branch, const char *value)
{
    assert_int_equal(found.dimension, dimension);
    assert_string_equal(found.branch, branch);
    if (value == NULL) {
        assert_null(found.value);
    } else {
        assert_string_equal(found.value, value);
    }
}

/* The columns are too wide for it. */
/* clang-format off */
static void rows_are_those_of_one_dimension_in_one_branch_or_over_all(void **state)
{
    static const struct {
        struct asked asked;
        enum figure_dimension dimension;
        const char *branch, *value;
        enum figure_dimension total_dimension;
        const char *total_branch, *total_value;
    } cases[] = {
        {{.name = "timeliness"}, DIMENSION_ALL, "", "", DIMENSION_ALL, "", ""},
        {{.name = "timeliness", .group = "none", .filters = {"branch", "north"}},
         DIMENSION_ALL, "north", "", DIMENSION_ALL, "north", ""},
        {{.name = "timeliness", .group = "month", .filters = {"team", "a", "branch", "north"}},
         DIMENSION_TEAM, "north", "a", DIMENSION_TEAM, "north", "a"},
        {{.name = "timeliness", .group = "team"}, DIMENSION_TEAM, "", NULL, DIMENSION_ALL, "", ""},
        {{.name = "timeliness", .group = "team", .filters = {"branch", "north"}},
         DIMENSION_TEAM, "north", NULL, DIMENSION_ALL, "north", ""},
        {{.name = "timeliness", .group = "team", .filters = {"team", "a"}},
         DIMENSION_TEAM, "", "a", DIMENSION_TEAM, "", "a"},
        {{.name = "timeliness", .group = "branch"}, DIMENSION_BRANCH, "", NULL, DIMENSION_ALL, "", ""},
        {{.name = "timeliness", .group = "branch", .filters = {"branch", "north"}},
         DIMENSION_BRANCH, "", "north", DIMENSION_ALL, "north", ""},
        {{.name = "evaluation", .filters = {"branch", "north"}},
         DIMENSION_ANSWER, "north", NULL, DIMENSION_ALL, "north", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct report_frame frame;
        struct err err;
        assert_int_equal(ask(&cases[i].asked, &frame, &err), 0);
        assert_source(report_frame_source(&frame), cases[i].dimension, cases[i].branch,
                      cases[i].value);
        assert_source(report_frame_total_source(&frame), cases[i].total_dimension,
                      cases[i].total_branch, cases[i].total_value);
    }
}
/* clang-format on */

static void chinese_is_what_begins_with_zh(void **state)
{
    static const struct {
        const char *language;
        enum report_language want;
    } cases[] = {
        {NULL,      REPORT_ENGLISH},
        {"",        REPORT_ENGLISH},
        {"z",       REPORT_ENGLISH},
        {"en",      REPORT_ENGLISH},
        {"de-CH",   REPORT_ENGLISH},
        {"zh",      REPORT_CHINESE},
        {"zh-Hans", REPORT_CHINESE},
        {"zh_CN",   REPORT_CHINESE},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(report_language_of(cases[i].language), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_names_the_field_and_what_could_be_asked),
        cmocka_unit_test(what_is_at_the_limit_is_answered),
        cmocka_unit_test(what_is_not_said_of_the_range_is_the_last_thirty_days),
        cmocka_unit_test(the_range_before_is_as_long_and_ends_the_day_before),
        cmocka_unit_test(what_a_refusal_offers_is_answered_of_every_report),
        cmocka_unit_test(every_pair_of_group_and_filter_is_answered_or_leads_to_one_that_is),
        cmocka_unit_test(rows_are_those_of_one_dimension_in_one_branch_or_over_all),
        cmocka_unit_test(chinese_is_what_begins_with_zh),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
