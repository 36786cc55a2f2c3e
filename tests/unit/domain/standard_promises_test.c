/* SPDX-License-Identifier: Apache-2.0 */
/* What rules promise, in whose hours, and who is told on the way. */
#include "common/domain/standard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/calendar_read.h"
#include "common/domain/standard_content.h"

#define REST         "{ name = \"rest\"; priority = 3; owner_team = \"care\"; }"
#define RULES(rules) "rules = (\n" rules "\n);\n"
#define RULE(name, settings)                                                                       \
    "{ name = \"" name "\"; category = \"" name "\"; priority = 1; owner_team = \"b\"; " settings  \
    " }"
#define CALENDARS                                                                                  \
    "calendars = (\n"                                                                              \
    "{ name = \"usual\"; zone = \"Asia/Shanghai\"; branches = \"*\";"                              \
    "  week = { mon-fri = \"09:00-17:00\"; }; },"                                                  \
    "{ name = \"north\"; zone = \"Asia/Shanghai\"; branches = (\"n1\", \"n2\");"                   \
    "  week = { mon-sun = \"08:00-20:00\"; }; },"                                                  \
    "{ name = \"depot\"; zone = \"UTC\"; week = { mon-fri = \"22:00-06:00\"; }; }"                 \
    ");\n"

static struct standard *load_good(const char *text)
{
    struct err err = ERR_NONE;
    struct standard *s = standard_parse(text, "t", &err);

    if (!s) {
        fail_msg("%s: %s", err.field, err.text);
    }
    return s;
}

/* ---- promises and calendars */

static void each_promise_is_counted_by_its_calendar(void **state)
{
    struct standard *s = load_good(CALENDARS RULES(
        RULE("a", "promises = ( { kind = \"callback\"; target = \"2h\"; calendar = \"branch\"; },"
                  "{ kind = \"next_update\"; target = \"1h\"; calendar = \"depot\"; },"
                  "{ calendar = \"24x7\"; kind = \"resolution\"; target = \"3d\"; },"
                  "{ kind = \"first_response\"; target = \"30m\"; } );") ",\n" REST));
    static const struct {
        const char *branch;
        const char *want;
    } cases[] = {
        {"n1", "north"},
        {"n2", "north"},
        {"n3", "usual"},
        {"",   "usual"},
        {NULL, "usual"}
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct standard_request request = {.category = "a", .branch = cases[i].branch};
        struct standard_decision got;
        struct standard_decision found;

        standard_decide(s, &request, &got);
        assert_int_equal(got.promise_count, 4);
        assert_string_equal(got.promises[0].kind, "callback");
        assert_true(got.promises[0].target_us == 2 * DURATION_H);
        assert_string_equal(calendar_name(got.promises[0].calendar), cases[i].want);
        assert_string_equal(calendar_name(got.promises[1].calendar), "depot");
        assert_null(got.promises[2].calendar);
        assert_null(got.promises[3].calendar);
        assert_true(standard_find_rule(s, "a", cases[i].branch, &found));
        assert_memory_equal(&found, &got, sizeof(got));
    }
    standard_free(s);
}

static void a_promise_is_found_by_rule_and_kind(void **state)
{
    struct standard *s = load_good(CALENDARS RULES(
        RULE("a", "promises = ( { kind = \"resolution\"; target = \"3h\"; calendar = \"branch\"; },"
                  "{ kind = \"callback\"; target = \"1h\"; } );") ",\n" REST));
    struct standard_promise got = {.target_us = 7};
    struct standard_decision decision = {.priority = 7};

    assert_true(standard_find_promise(s, "a", "resolution", "n1", &got));
    assert_true(got.target_us == 3 * DURATION_H);
    assert_string_equal(calendar_name(got.calendar), "north");
    assert_true(standard_find_promise(s, "a", "callback", "n1", &got));
    assert_null(got.calendar);
    got.target_us = 7;
    assert_false(standard_find_promise(s, "a", "first_response", "n1", &got));
    assert_false(standard_find_promise(s, "rest", "resolution", "n1", &got));
    assert_false(standard_find_promise(s, "b", "resolution", "n1", &got));
    assert_int_equal(got.target_us, 7);
    assert_false(standard_find_rule(s, "b", NULL, &decision));
    assert_int_equal(decision.priority, 7);
    assert_int_equal(calendar_book_count(standard_calendars(s)), 3);
    standard_free(s);

    s = load_good(RULES(REST));
    assert_int_equal(calendar_book_count(standard_calendars(s)), 0);
    standard_free(s);
}

/* A day of a calendar is not 24 of its hours: who looks for that has to know what was written. */
static void a_target_in_days_is_known_as_one(void **state)
{
    static const bool want[] = {true, false, true, false};
    struct standard *s = load_good(
        RULES(RULE("a", "promises = ( { kind = \"callback\"; target = \"1d\"; },"
                        "{ kind = \"next_update\"; target = \"24h\"; },"
                        "{ kind = \"resolution\"; target = \"2d12h\"; },"
                        "{ kind = \"first_response\"; target = \"90m\"; } );") ",\n" REST));
    const struct standard_rule *rule = &standard_content(s)->rules[0];

    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_int_equal(rule->is_in_days[i], want[i]);
    }
    standard_free(s);
}

/* Without one for all branches, the hours of a branch that has none are all hours. */
static void a_branch_without_a_calendar_has_every_hour(void **state)
{
    struct standard *s =
        load_good("calendars = ( { name = \"north\"; zone = \"UTC\"; branches = (\"n1\");"
                  "                week = { mon = \"08:00-20:00\"; }; } );" RULES(
                      RULE("a", "promises = ( { kind = \"resolution\"; target = \"3h\";"
                                "               calendar = \"branch\"; } );") ",\n" REST));
    struct standard_promise got;

    assert_true(standard_find_promise(s, "a", "resolution", "n2", &got));
    assert_null(got.calendar);
    assert_true(standard_find_promise(s, "a", "resolution", "n1", &got));
    assert_non_null(got.calendar);
    standard_free(s);
}

/* ---- ladders */

#define OWN_LADDER                                                                                 \
    "escalation = ( { after = \"1d\"; tell = \"board\"; }, { at = 75; tell = \"lead\"; },"         \
    "               { after = \"4h\"; tell = \"director\"; }, { at = 80; tell = \"boss\"; } );"

/* "80=boss", "after 4h=director", "50" */
static void describe(const struct standard_ladder *ladder, struct text *ret)
{
    for (size_t i = 0; i < ladder->step_count; i++) {
        const struct standard_step *step = &ladder->steps[i];
        char after[DURATION_TEXT_SIZE];

        text_append(ret, i > 0 ? " " : "");
        if (step->percent > 0) {
            text_appendf(ret, "%d", step->percent);
        } else {
            text_appendf(ret, "+%s", duration_format(step->after_us, after));
        }
        text_appendf(ret, "%s%s", step->tell ? "=" : "", step->tell ? step->tell : "");
    }
    for (size_t i = 0; i < ladder->renegotiator_count; i++) {
        text_appendf(ret, " by %s", ladder->renegotiators[i]);
    }
}

static void rules_have_the_usual_ladder_or_their_own(void **state)
{
    static const struct {
        const char *top;
        const char *own;
        const char *want;
    } cases[] = {
        {"",                                                 "",                                                                        "50 80 100"                                    },
        {"escalation = ( { at = 100; tell = \"boss\"; } );", "",                                                                        "50 80 100=boss"                               },
        {"",                                                 OWN_LADDER,                                                                "50 75=lead 80=boss 100 +4h=director +1d=board"},
        {"escalation = ( { at = 100; tell = \"boss\"; } );", OWN_LADDER,
         "50 75=lead 80=boss 100 +4h=director +1d=board"                                                                                                                               },
        {"escalation = ( { at = 100; tell = \"boss\"; } );", "escalation = ();",                                                        "50 80 100"                                    },
        {"renegotiate_by = (\"care\", \"boss\");",           "",                                                                        "50 80 100 by care by boss"                    },
        {"renegotiate_by = (\"care\", \"boss\");",           "renegotiate_by = [\"board\"];",
         "50 80 100 by board"                                                                                                                                                          },
        {"renegotiate_by = (\"care\");" OWN_LADDER,          "",
         "50 75=lead 80=boss 100 +4h=director +1d=board by care"                                                                                                                       },
        {"",                                                 "escalation = ( { at = 1; tell = \"a\"; }, { at = 99; tell = \"a\"; } );",
         "1=a 50 80 99=a 100"                                                                                                                                                          },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text file = {.data = NULL};
        struct text got = {.data = NULL};
        struct standard_decision decision;
        struct standard *s;

        text_appendf(&file, "rules = ( { name = \"a\"; priority = 1; owner_team = \"b\"; %s } );%s",
                     cases[i].own, cases[i].top);
        s = load_good(file.data);
        standard_decide(s, &(struct standard_request){.kind = NULL}, &decision);
        describe(decision.ladder, &got);
        assert_string_equal(got.data, cases[i].want);
        assert_int_equal(decision.ladder->renegotiators != NULL,
                         decision.ladder->renegotiator_count > 0);
        standard_free(s);
        text_free(&file);
        text_free(&got);
    }
}

/* ---- mistakes */

#define STEP(n) "{ at = " n "; tell = \"a\"; }"

static void mistakes_are_refused_with_line_and_setting(void **state)
{
    static const char promises[] = "promises = ( { kind = \"resolution\"; target = \"3h\"; ";
    static const struct {
        const char *top;
        const char *own; /* "P...": within a promise */
        const char *field;
        const char *reason;
    } cases[] = {
        {CALENDARS,                        "Pcalendar = \"south\"; } );",                                 "rules[0].promises[0].calendar",
         "no calendar \"south\""                                                                                                                               },
        {CALENDARS,                        "Pcalendar = \"\"; } );",                                      "rules[0].promises[0].calendar", "bytes"             },
        {CALENDARS,                        "Pcalendar = 1; } );",                                         "rules[0].promises[0].calendar", "quotes"            },
        {"",                               "Pcalendar = \"branch\"; } );",                                "rules[0].promises[0].calendar", "there are none"    },
        {"",                               "Phours = \"branch\"; } );",                                   "rules[0].promises[0].hours",    "no such setting"   },
        {"calendars = 1;",                 "",                                                            "calendars",                     "list"              },

        {"",                               "escalation = 1;",                                             "rules[0].escalation",           "must be a list"    },
        {"",                               "escalation = ( 1 );",                                         "rules[0].escalation[0]",        "must be a group"   },
        {"",                               "escalation = ( { at = 50; } );",                              "rules[0].escalation[0]",        "needs tell"        },
        {"",                               "escalation = ( { tell = \"a\"; } );",                         "rules[0].escalation[0]",        "either at or after"},
        {"",                               "escalation = ( { tell = \"a\"; at = 1; after = \"1h\"; } );",
         "rules[0].escalation[0]",                                                                                                         "either"            },
        {"",                               "escalation = ( { at = 0; tell = \"a\"; } );",                 "rules[0].escalation[0].at",
         "1 to 100"                                                                                                                                            },
        {"",                               "escalation = ( { at = 101; tell = \"a\"; } );",               "rules[0].escalation[0].at",
         "1 to 100"                                                                                                                                            },
        {"",                               "escalation = ( { at = \"50\"; tell = \"a\"; } );",            "rules[0].escalation[0].at",
         "1 to 100"                                                                                                                                            },
        {"",                               "escalation = ( { at = 50; tell = \"A\"; } );",                "rules[0].escalation[0].tell",
         "lower-case"                                                                                                                                          },
        {"",                               "escalation = ( { at = 50; whom = \"a\"; } );",                "rules[0].escalation[0].whom",
         "no such"                                                                                                                                             },
        {"",                               "escalation = ( { after = \"0h\"; tell = \"a\"; } );",         "rules[0].escalation[0].after",
         "more than 0"                                                                                                                                         },
        {"",                               "escalation = ( { after = \"367d\"; tell = \"a\"; } );",
         "rules[0].escalation[0].after",                                                                                                   "at most 366d"      },
        {"",                               "escalation = ( " STEP("9") "," STEP("9") " );",               "rules[0].escalation[1]",
         "the same time"                                                                                                                                       },
        {"",
         "escalation = ( { after = \"60m\"; tell = \"a\"; }, { after = \"1h\"; tell = \"a\"; } );",       "rules[0].escalation[1]",        "the same time"     },
        {"",
         "escalation = ( " STEP("1") "," STEP("2") "," STEP("3") "," STEP("4") "," STEP(
             "5") "," STEP("6") "," STEP("7") "," STEP("8") "," STEP("9") "," STEP("10") " );",
         "rules[0].escalation[9]",                                                                                                         "at most 12"        },
        {"escalation = ( { at = 50; } );", "",                                                            "escalation[0]",                 "needs tell"        },
        {"",                               "renegotiate_by = ();",                                        "rules[0].renegotiate_by",       "list of 1 to 32"   },
        {"",                               "renegotiate_by = \"a\";",                                     "rules[0].renegotiate_by",       "list of 1 to 32"   },
        {"",                               "renegotiate_by = ( 1 );",                                     "rules[0].renegotiate_by[0]",    ""                  },
        {"renegotiate_by = ( \"A\" );",    "",                                                            "renegotiate_by[0]",             "lower-case"        },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *own = cases[i].own;
        struct text file = {.data = NULL};
        struct err err = ERR_NONE;

        text_appendf(&file,
                     "rules = ( { name = \"a\"; priority = 1; owner_team = \"b\"; %s%s } );%s",
                     own[0] == 'P' ? promises : "", own[0] == 'P' ? own + 1 : own, cases[i].top);
        assert_null(standard_parse(file.data, "t", &err));
        if (strcmp(err.code, "standard_invalid") != 0 || strncmp(err.text, "t:", 2) != 0 ||
            strcmp(err.field, cases[i].field) != 0 || !strstr(err.text, cases[i].reason)) {
            fail_msg("%s\n%s, %s: %s", file.data, err.code, err.field, err.text);
        }
        text_free(&file);
    }
}

static void a_ladder_may_have_twelve_steps(void **state)
{
    struct standard *s =
        load_good("rules = ( { name = \"a\"; priority = 1; owner_team = \"b\"; escalation = "
                  "( " STEP("1") "," STEP("2") "," STEP("3") "," STEP("4") "," STEP("5") "," STEP(
                      "6") "," STEP("7") "," STEP("8") "," STEP("9") " ); } );");

    standard_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_promise_is_counted_by_its_calendar),
        cmocka_unit_test(a_promise_is_found_by_rule_and_kind),
        cmocka_unit_test(a_target_in_days_is_known_as_one),
        cmocka_unit_test(a_branch_without_a_calendar_has_every_hour),
        cmocka_unit_test(rules_have_the_usual_ladder_or_their_own),
        cmocka_unit_test(mistakes_are_refused_with_line_and_setting),
        cmocka_unit_test(a_ladder_may_have_twelve_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
