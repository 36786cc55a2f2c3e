/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_terms.h"

#include <stdio.h>

#include "common/domain/calendar.h"
#include "services/intake/case_history.h"
#include "tests/unit/intake/decide_world.h"

#define VERSION                                                                                    \
    "rules = ({ name = \"any\"; priority = 4; owner_team = \"care\"; promises = ("                 \
    "  { kind = \"first_response\"; target = \"%s\"; calendar = \"%s\"; });"                       \
    "  escalation = ({ at = 80; tell = \"%s\"; }); });"                                            \
    "calendars = ({ name = \"office\"; zone = \"Asia/Shanghai\"; branches = (\"*\");"              \
    "  week = { mon-fri = \"09:00-17:00\"; }; });"

enum {
    EARLIER = 11,
    LATER = 12,
    UNREADABLE = 13,
    NEVER_SEEN = 14,
};

static void put(int32_t id, const char *target, const char *calendar, const char *tell)
{
    char text[1024];
    struct err err = ERR_NONE;
    (void)snprintf(text, sizeof(text), VERSION, target, calendar, tell);
    struct standard *s = standard_parse(text, "version", &err);
    if (!s) {
        fail_msg("%s", err.text);
    }
    standard_shelf_add(t.shelf, id, s);
}

static struct work_promise *add(struct work_case *c, int64_t number, const char *kind,
                                int32_t standard_id, const char *rule)
{
    struct work_promise *p = work_add_promise(t.work, c, number);
    p->kind = kind;
    p->standard_id = standard_id;
    p->rule = rule;
    return p;
}

static struct work_case *a_case(void)
{
    put(EARLIER, "4h", "office", "one");
    put(LATER, "8h", "24x7", "other");
    standard_shelf_add(t.shelf, UNREADABLE, NULL);
    struct work_case *c = work_add_case(t.work, 4711);
    c->standard_id = LATER;
    c->rule = "any";
    c->branch = "north";
    return c;
}

static const struct {
    const char *name, *kind;
    int32_t standard_id;
    const char *rule;
    int64_t target_us; /* 0: no terms */
    bool has_calendar;
    const char *told; /* at 80 percent; "": no ladder */
} cases[] = {
    {"earlier",        "first_response", EARLIER,    "any",   4 * DURATION_H, true,  "one"  },
    {"later",          "first_response", LATER,      "any",   8 * DURATION_H, false, "other"},
    {"earlier again",  "first_response", EARLIER,    "any",   4 * DURATION_H, true,  "one"  },
    {"no such kind",   "resolution",     LATER,      "any",   0,              false, "other"},
    {"no such rule",   "first_response", LATER,      "other", 0,              false, ""     },
    {"not readable",   "first_response", UNREADABLE, "any",   0,              false, ""     },
    {"not there",      "first_response", NEVER_SEEN, "any",   0,              false, ""     },
    {"no rule",        "first_response", LATER,      NULL,    0,              false, ""     },
    {"given",          "callback",       0,          NULL,    0,              false, "other"},
    {"given, renewed", "first_response", 0,          NULL,    0,              false, "other"},
};

static bool is_as_wanted(const struct work_promise *p, size_t i)
{
    const char *told = p->ladder ? p->ladder->steps[1].tell : "";
    int64_t target_us = p->terms ? p->terms->target_us : 0;
    bool has_calendar = p->terms && p->terms->calendar;
    return target_us == cases[i].target_us && has_calendar == cases[i].has_calendar &&
           strcmp(told, cases[i].told) == 0;
}

static void each_promise_has_the_calendar_and_the_ladder_of_its_own_version(void **state)
{
    struct work_case *c = a_case();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)add(c, (int64_t)i + 1, cases[i].kind, cases[i].standard_id, cases[i].rule);
    }
    promise_terms_find_all(t.work);
    for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
        size_t one = i % ARRAY_LEN(cases);
        struct work_promise *p = work_find_promise(c, (int64_t)one + 1);
        if (!is_as_wanted(p, one)) {
            fail_msg("%s", cases[one].name);
        }
        promise_terms_find(t.work, c, p); /* alone it is the same */
    }
}

static void versions_that_nobody_has_fetched_are_named_once_and_no_more_than_fit(void **state)
{
    int32_t ids[4] = {0};
    struct work_case *c = a_case();
    (void)add(c, 1, "first_response", EARLIER, "any");
    (void)add(c, 2, "first_response", UNREADABLE, "any"); /* was looked for already */
    (void)add(c, 3, "callback", 0, NULL);
    assert_int_equal(promise_terms_unknown(t.work, ids, ARRAY_LEN(ids)), 0);
    c->standard_id = NEVER_SEEN;
    (void)add(c, 4, "first_response", NEVER_SEEN, "any");
    (void)add(c, 5, "first_response", NEVER_SEEN + 1, "any");
    assert_int_equal(promise_terms_unknown(t.work, ids, ARRAY_LEN(ids)), 2);
    assert_int_equal(ids[0], NEVER_SEEN);
    assert_int_equal(ids[1], NEVER_SEEN + 1);
    for (int64_t i = 0; i < 9; i++) {
        (void)add(c, 6 + i, "first_response", NEVER_SEEN + 2 + (int32_t)i, "any");
    }
    assert_int_equal(promise_terms_unknown(t.work, ids, ARRAY_LEN(ids)), ARRAY_LEN(ids));
}

/* A case is derived anew by what was in force then, also where nothing of it is left by now. */
static void versions_that_a_case_has_left_behind_are_named_too(void **state)
{
    int32_t ids[6] = {0};
    struct work_case *c = a_case();
    struct work_first_terms first = {.promise = 1, .standard_id = NEVER_SEEN + 3};
    struct work_case_class said = {.before = {.standard_id = NEVER_SEEN + 1},
                                   .after = {.standard_id = NEVER_SEEN + 2}};
    (void)case_history_add(t.work, c, CASE_ENTRY_CONTACT, 1, 1);
    struct case_entry *e = case_history_add(t.work, c, CASE_ENTRY_UPDATE, 2, 2);
    assert_int_equal(promise_terms_unknown(t.work, ids, ARRAY_LEN(ids)), 0);
    e->move.standard_id = NEVER_SEEN;
    e->move.class = &said;
    case_history_add_first_terms(t.work, c, &first);
    assert_int_equal(promise_terms_unknown(t.work, ids, ARRAY_LEN(ids)), 4);
    for (int32_t i = 0; i < 4; i++) {
        assert_int_equal(ids[i], NEVER_SEEN + i);
    }
}

static void without_a_shelf_every_hour_counts(void **state)
{
    struct work_case *c = a_case();
    struct work_promise *p = add(c, 1, "first_response", EARLIER, "any");
    t.work->shelf = NULL;
    promise_terms_find_all(t.work);
    assert_null(p->terms);
    assert_null(p->ladder);
}

static void what_is_made_anew_gets_the_version_in_force(void **state)
{
    struct work_case *c = a_case();
    struct standard_decision d;
    assert_true(standard_find_rule(standard_shelf_find(t.shelf, EARLIER), "any", "north", &d));
    struct work_promise *p = add(c, 1, "first_response", LATER, "any");
    promise_terms_set(t.work, p, &d, &d.promises[0]);
    assert_int_equal(p->standard_id, t.work->standard_id);
    assert_int_equal(p->target_us, 4 * DURATION_H);
    assert_string_equal(calendar_name(p->terms->calendar), "office");
    assert_ptr_equal(p->ladder, d.ladder);
    assert_string_equal(p->rule, "any");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_promise_has_the_calendar_and_the_ladder_of_its_own_version),
        TEST(versions_that_nobody_has_fetched_are_named_once_and_no_more_than_fit),
        TEST(versions_that_a_case_has_left_behind_are_named_too),
        TEST(without_a_shelf_every_hour_counts),
        TEST(what_is_made_anew_gets_the_version_in_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
