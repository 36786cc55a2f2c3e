/* SPDX-License-Identifier: Apache-2.0 */
/* rules_text_test.c - rules in words, what changes between them, and what may be forgotten. */
#include "services/cli/rules_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "services/cli/rules_diff.h"
#include "services/cli/rules_warnings.h"

static struct rulebook *parse(const char *text)
{
    struct err err = ERR_NONE;
    struct rulebook *b = rulebook_parse(text, "test.conf", &err);

    if (!b) {
        fail_msg("%s: %s\n%s", err.field, err.text, text);
    }
    return b;
}

static struct rulebook *parse_rule(const char *settings)
{
    char text[1024];

    assert_true(text_format(text, sizeof(text), "rules = ({ name = \"a\"; window = \"2d\"; %s });",
                            settings));
    return parse(text);
}

static void check_part(const char *settings, enum rules_part part, const char *want)
{
    struct rulebook *b = parse_rule(settings);
    struct text t = {.data = NULL};

    rules_text_part(&t, rulebook_rule(b, 0), part);
    assert_string_equal(t.data, want);
    text_free(&t);
    rulebook_free(b);
}

static void when_a_rule_is_due_is_said_in_words(void **state)
{
    static const struct {
        const char *settings, *want;
    } cases[] = {
        {"trigger = \"case_resolved\"; after = \"4h\";",                      "4h after a case is resolved" },
        {"trigger = \"promise_at_risk\";",                                    "a promise is at risk"        },
        {"trigger = \"promise_broken\"; after = \"1h\";",                     "1h after a promise is broken"},
        {"trigger = \"low_answer\"; instrument = \"nps\"; at_most = 6;",      "a low answer"                },
        {"trigger = \"churn_risk\"; score_below = 40;",                       "the score says so"           },
        {"trigger = \"silence\"; months = 9;",                                "9 months without a word"     },
        {"trigger = \"birthday\"; at = \"09:30\";",                           "the birthday, at 09:30"      },
        {"trigger = \"festival\"; date = \"lunar 08-15\";",                   "lunar 08-15"                 },
        {"trigger = \"service_due\"; months = 6; lead = \"7d\";",
         "7d before 6 months after the purchase"                                                            },
        {"trigger = \"service_due\"; months = 6; every_km = 10000;",
         "6 months after the purchase or every 10000 km"                                                    },
        {"trigger = \"service_due\"; every_usage = 250; usage_unit = \"h\";", "every 250 h"                 },
        {"trigger = \"service_due\"; on_fault = true; fault_code = \"P1\";",
         "a device reports the fault"                                                                       },
        {"trigger = \"compensation\"; after = \"7d\"; at = \"14:00\";",
         "7d after a compensation is promised, at 14:00"                                                    },
        {"trigger = \"improvement\";",                                        "an improvement is shipped"   },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        check_part(cases[i].settings, RULES_WHEN, cases[i].want);
    }
}

static void the_other_parts_are_said_in_words(void **state)
{
    (void)state;
    check_part("trigger = \"birthday\";", RULES_FOR, "everybody");
    check_part("trigger = \"case_resolved\"; kind = (\"complaint\", \"request\"); tier = \"gold\"; "
               "priority_at_least = 2;",
               RULES_FOR, "kind complaint or request, tier gold, priority_at_least 2");
    check_part("trigger = \"low_answer\"; instrument = \"servqual\"; dimension = \"reliability\"; "
               "at_most = -2;",
               RULES_FOR, "instrument servqual, dimension reliability, at_most -2");
    check_part("trigger = \"birthday\"; channels = (\"person\", \"mail\");", RULES_CHANNELS,
               "person, then mail");
    check_part("trigger = \"birthday\";", RULES_PRIORITY, "4 (low)");
    check_part("trigger = \"birthday\";", RULES_PURPOSE, "greeting");
    check_part("trigger = \"birthday\";", RULES_WINDOW, "2d");
    check_part("trigger = \"birthday\"; attempts = 2;", RULES_ATTEMPTS, "2");
    check_part("trigger = \"birthday\"; topic = \"party\";", RULES_TOPIC, "party");
    check_part("trigger = \"birthday\"; script = \"song\";", RULES_SCRIPT, "song");
}

/* ---- what changes */

#define A          "{ name = \"a\"; trigger = \"case_resolved\"; window = \"1d\"; tier = \"gold\"; }"
#define B          "{ name = \"b\"; trigger = \"case_resolved\"; window = \"1d\"; tier = \"silver\"; }"
#define C          "{ name = \"c\"; trigger = \"birthday\"; window = \"1d\"; }"
#define RULES(...) "rules = (" __VA_ARGS__ ");"

static void check_diff(const char *before_text, const char *after_text, const char *want)
{
    struct rulebook *before = parse(before_text);
    struct rulebook *after = parse(after_text);
    json_t *changes = rules_diff(before, after);
    struct text got = {.data = NULL};
    size_t i;
    json_t *change;

    json_array_foreach(changes, i, change)
    {
        text_appendf(&got, "%s%s %s: %s", i > 0 ? "; " : "",
                     json_string_value(json_object_get(change, "part")),
                     json_string_value(json_object_get(change, "name")),
                     json_string_value(json_object_get(change, "change")));
    }
    assert_string_equal(text_or_empty(&got), want);
    text_free(&got);
    json_decref(changes);
    rulebook_free(before);
    rulebook_free(after);
}

static void changes_are_said_in_words(void **state)
{
    (void)state;
    check_diff(RULES(A ", " B), RULES(A ", " B), "");
    /* The order counts within a topic alone. */
    check_diff(RULES(A ", " B), RULES(B ", " A), "rule a: is tried after b now");
    check_diff(RULES(A ", " C), RULES(C ", " A), "");
    check_diff(RULES(A), RULES(A ", " C), "rule c: is new: the birthday, for everybody, by call");
    check_diff(RULES(A ", " C), RULES(A), "rule c: is gone: the birthday, for everybody, by call");
    check_diff(RULES(A), "outcomes = ({ outcome = \"busy\"; end = true; });" RULES(A),
               "outcome busy: then: ends it instead of again after 15m");
    check_diff(RULES(A), "limits: { days = (\"mon\", \"fri\"); refusal_pause = \"0\"; };" RULES(A),
               "limits : days: mon, fri instead of every day; limits : pause after a refusal: none "
               "instead of 30d");
}

/* ---- what may be forgotten */

static bool warns(const char *text, const char *want)
{
    struct rulebook *b = parse(text);
    json_t *warnings = rules_warnings(b);
    bool is_there = false;
    size_t i;
    json_t *warning;

    json_array_foreach(warnings, i, warning)
    {
        is_there = is_there || strstr(json_string_value(warning), want) != NULL;
    }
    json_decref(warnings);
    rulebook_free(b);
    return is_there;
}

/* The text warns of it, and the same text with `mended` instead of `fault` does not. */
static void check_warning(const char *fmt, const char *fault, const char *mended, const char *want)
{
    char text[1024];

    for (int i = 0; i < 2; i++) {
        const char *hole = strstr(fmt, "@");

        assert_true(text_format(text, sizeof(text), "%.*s%s%s", (int)(hole - fmt), fmt,
                                i == 0 ? fault : mended, hole + 1));
        if (warns(text, want) != (i == 0)) {
            fail_msg("%s: %s", want, text);
        }
    }
}

static void what_may_be_forgotten_is_warned_of(void **state)
{
#define BIRTHDAY "rules = ({ name = \"a\"; trigger = \"birthday\"; @ });"
#define BOOK                                                                                       \
    "@ rules = ({ name = \"a\"; trigger = \"birthday\"; at = \"10:00\"; window = \"6d\"; });"
    (void)state;
    check_warning(BIRTHDAY, "at = \"22:00\"; window = \"10h\";",
                  "at = \"22:00\"; window = \"11h\";",
                  "a: 22:00 and all of its window of 10h lie in the quiet hours");
    check_warning(BIRTHDAY, "at = \"21:00\"; window = \"1d\";", "at = \"20:59\"; window = \"1d\";",
                  "a: 21:00 lies in the quiet hours");
    check_warning(BIRTHDAY, "at = \"07:59\"; window = \"1d\";", "at = \"08:00\"; window = \"1d\";",
                  "a: 07:59 lies in the quiet hours");
    check_warning(BIRTHDAY, "window = \"11h\";", "window = \"11h1m\";",
                  "a: its window of 11h is no longer than the quiet hours");
    check_warning(BIRTHDAY, "window = \"1d\";", "window = \"1d\"; at = \"10:00\";",
                  "a: a greeting without a time of day");
    check_warning(BIRTHDAY, "window = \"8h\"; attempts = 4;", "window = \"9h\"; attempts = 4;",
                  "a: 4 attempts 3h apart do not fit into its window of 8h");
    check_warning(BIRTHDAY, "window = \"1d\"; attempts = 9;", "window = \"1d\"; attempts = 6;",
                  "a: 9 attempts at 3 a day do not fit");
    check_warning(BIRTHDAY, "window = \"1d\"; channels = \"person\";",
                  "window = \"1d\"; channels = \"call\";", "a: takes people's time for greeting");
    check_warning(BIRTHDAY, "window = \"1d\";", "window = \"1d\"; purpose = \"service_call\";",
                  "customers can refuse these, and in many countries have to consent to them: a");
    check_warning(BOOK, "limits: { days = (\"mon\"); };", "limits: { days = (\"mon\", \"thu\"); };",
                  "a: its window of 6d can lie wholly on days without calls");
    check_warning(BOOK, "limits: { quiet = \"none\"; };", "", "no quiet hours");
    check_warning(BOOK, "", "limits: { per_month = 5; };", "no limit of orders to one customer");
    check_warning(BOOK, "", "limits: { usual_zone = \"UTC\"; };", "no usual_zone");
    check_warning(BOOK, "limits: { refusal_pause = \"0\"; };", "", "no pause after a refusal");
    assert_true(warns(RULES(C), "no rule for silence: nobody is called then"));
    assert_false(warns(RULES(C), "no rule for birthday"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(when_a_rule_is_due_is_said_in_words),
        cmocka_unit_test(the_other_parts_are_said_in_words),
        cmocka_unit_test(changes_are_said_in_words),
        cmocka_unit_test(what_may_be_forgotten_is_warned_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
