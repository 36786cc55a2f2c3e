/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook_read_test.c - what is refused, where it stands, and what to do about it. */
#include "common/domain/rulebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/text.h"

#define HEAD           "\n{ name = \"a\"; window = \"1d\"; trigger = \"case_resolved\";\n"
#define OF(t)          "\n{ name = \"a\"; window = \"1d\"; trigger = \"" t "\";\n"
#define RULE(more)     "rules = (" HEAD more "\n} );"
#define BOOK(of, more) "rules = (" OF(of) more "\n} );"
#define AFTER(more)    more "\nrules = ( { name = \"a\"; window = \"1d\"; trigger = \"birthday\"; } );"

struct bad {
    const char *text;
    const char *want_field;
    const char *want_text; /* stands in the message, which begins with file and line */
};

static void check(const struct bad *bad, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct err err = ERR_NONE;
        struct rulebook *b = rulebook_parse(bad[i].text, "bad.conf", &err);

        if (b) {
            fail_msg("was accepted: %s", bad[i].text);
        }
        if (strcmp(err.code, "rules_invalid") != 0 || strcmp(err.field, bad[i].want_field) != 0 ||
            !strstr(err.text, bad[i].want_text)) {
            fail_msg("%s\n%s: %s: %s", bad[i].text, err.code, err.field, err.text);
        }
    }
}

static void the_file_has_few_sections(void **state)
{
    static const struct bad bad[] = {
        {"",                     "rules",    "bad.conf:1: has no rules"                    },
        {"rules = (",            "",         "bad.conf:1: syntax error"                    },
        {AFTER("\nrule = 1;"),   "rule",     "bad.conf:2: rules have no such setting"      },
        {"rules = ();",          "rules",    "bad.conf:1: must be a list of 1 to 256 rules"},
        {"rules = ( 1 );",       "rules[0]", "bad.conf:1: must be a group"                 },
        {AFTER("limits = 1;"),   "limits",   "bad.conf:1: must be a group"                 },
        {AFTER("outcomes = 1;"), "outcomes", "bad.conf:1: must be a list"                  },
    };

    (void)state;
    check(bad, ARRAY_LEN(bad));
}

static void a_rule_is_complete_and_knows_its_settings(void **state)
{
    static const struct bad bad[] = {
        {"rules = (\n{ name = \"a\"; trigger = \"birthday\"; });",                "rules[0]",
         "bad.conf:2: a rule needs 'window'"                                                                                                      },
        {"rules = (\n{ name = \"a\"; window = \"1d\"; });",                       "rules[0]",
         "bad.conf:2: a rule needs 'trigger'"                                                                                                     },
        {"rules = (\n{ trigger = \"birthday\"; window = \"1d\"; });",             "rules[0]",
         "a rule needs 'name'"                                                                                                                    },
        {RULE("windows = 1;"),                                                    "rules[0].windows",     "bad.conf:3: a rule has no such setting"},
        {RULE("months = 1;"),                                                     "rules[0].months",
         "bad.conf:3: 'case_resolved' knows no such thing, only kind, "
         "category, product, branch, tier, priority_at_least"                                                                                     },
        {"rules = ({ name = \"A\"; window = \"1d\"; trigger = \"birthday\"; });", "rules[0].name",
         "lower-case letters"                                                                                                                     },
        {"rules = ({ name = \"a\"; window = \"0\"; trigger = \"birthday\"; });",  "rules[0].window",
         "more than 0"                                                                                                                            },
        {"rules = ({ name = \"a\"; window = \"0s\"; trigger = \"birthday\"; });", "rules[0].window",
         "more than 0 and at most 366d"                                                                                                           },
        {"rules = ({ name = \"a\"; window = \"1d\"; trigger = \"wedding\"; });",  "rules[0].trigger",
         "must be one of case_resolved, promise_at_risk"                                                                                          },
        {RULE("after = \"-1h\";"),                                                "rules[0].after",       "bad.conf:3: must be a duration"        },
        {RULE("after = 5;"),                                                      "rules[0].after",       "must be a text"                        },
        {RULE("at = \"9:30\";"),                                                  "rules[0].at",          "time of day such as"                   },
        {RULE("at = \"24:00\";"),                                                 "rules[0].at",          "\"00:00\" to \"23:59\""                },
        {RULE("priority = 5;"),                                                   "rules[0].priority",    "1 (urgent) to 4 (low)"                 },
        {RULE("purpose = \"sales\";"),                                            "rules[0].purpose",
         "service_call, survey, greeting, marketing"                                                                                              },
        {RULE("channels = ();"),                                                  "rules[0].channels",    "must have 1 to 4 texts"                },
        {RULE("channels = (\"call\", \"fax\");"),                                 "rules[0].channels[1]",
         "call, message, mail, person"                                                                                                            },
        {RULE("channels = (\"call\",\n\"call\");"),                               "rules[0].channels[1]",
         "bad.conf:4: is there twice"                                                                                                             },
        {RULE("attempts = 0;"),                                                   "rules[0].attempts",    "must be 1 to 100"                      },
        {RULE("attempts = \"3\";"),                                               "rules[0].attempts",    "whole number"                          },
        {RULE("script = \"a b\";"),                                               "rules[0].script",      "lower-case"                            },
        {RULE("topic = \"a2345678901234567890123456789012\";"),                   "rules[0].topic",
         "at most 31 bytes"                                                                                                                       },
        {RULE("kind = \"complain\";"),                                            "rules[0].kind",        "must be complaint, request"            },
        {RULE("tier = (\"gold\", \"*\");"),                                       "rules[0].tier[1]",     "stands for anything: alone"            },
        {RULE("tier = 1;"),                                                       "rules[0].tier",        "a text or a list of texts"             },
    };

    (void)state;
    check(bad, ARRAY_LEN(bad));
}

static void measures_belong_together(void **state)
{
    static const struct bad bad[] = {
        {BOOK("low_answer",  "at_most = 2;"),                                                 "rules[0]",                "needs 'instrument'"                             },
        {BOOK("low_answer",  "instrument = \"nps\";"),                                        "rules[0]",                "needs 'at_most'"                                },
        {BOOK("low_answer",  "instrument = \"nps\"; at_most = 10;"),                          "rules[0].at_most",
         "bad.conf:3: must be 0 to less than 10 with 'nps'"                                                                                                               },
        {BOOK("low_answer",  "instrument = \"csat\"; at_most = 0;"),                          "rules[0].at_most",
         "must be 1 to less than 5"                                                                                                                                       },
        {BOOK("low_answer",  "instrument = \"csat\"; at_most = \"2\";"),                      "rules[0].at_most",
         "must be a number"                                                                                                                                               },
        {BOOK("low_answer",  "instrument = \"nps\"; at_most = 6;\ndimension = \"empathy\";"),
         "rules[0].dimension",                                                                                           "bad.conf:4: only servqual"                      },
        {BOOK("low_answer",  "instrument = \"smile\"; at_most = 6;"),                         "rules[0].instrument",
         "csat, nps, ces, servqual, own"                                                                                                                                  },
        {BOOK("churn_risk",  ""),                                                             "rules[0]",                "needs one of score_below, churn_at_least"       },
        {BOOK("churn_risk",  "churn_at_least = 40;"),                                         "rules[0].churn_at_least", "must be 0 to 1"                                 },
        {BOOK("churn_risk",  "score_below = 101;"),                                           "rules[0].score_below",    "must be 0 to 100"                               },
        {BOOK("silence",     ""),                                                             "rules[0]",                "bad.conf:2: a rule for 'silence' needs 'months'"},
        {BOOK("silence",     "months = 0;"),                                                  "rules[0].months",         "must be 1 to 120"                               },
        {BOOK("festival",    ""),                                                             "rules[0]",                "needs 'date'"                                   },
        {BOOK("festival",    "date = \"02-30\";"),                                            "rules[0].date",           "bad.conf:3: "                                   },
        {BOOK("service_due", ""),                                                             "rules[0]",
         "needs one of months, every_km, every_usage, on_fault"                                                                                                           },
        {BOOK("service_due", "every_km = 0;"),                                                "rules[0].every_km",       "must be more than 0"                            },
        {BOOK("service_due", "every_usage = 10;"),                                            "rules[0]",
         "every_usage and usage_unit go together"                                                                                                                         },
        {BOOK("service_due", "months = 1; usage_unit = \"h\";"),                              "rules[0]",
         "every_usage and usage_unit go together"                                                                                                                         },
        {BOOK("service_due", "on_fault = true;"),                                             "rules[0]",
         "on_fault = true and fault_code go together"                                                                                                                     },
        {BOOK("service_due", "months = 1; fault_code = \"P1\";"),                             "rules[0]",
         "on_fault = true and fault_code go together"                                                                                                                     },
        {BOOK("service_due", "on_fault = true; months = 1; fault_code = \"P1\";"),            "rules[0]",
         "on_fault needs a rule of its own"                                                                                                                               },
        {BOOK("service_due", "on_fault = false;"),                                            "rules[0]",
         "needs months, every_km, every_usage or on_fault"                                                                                                                },
        {BOOK("service_due", "on_fault = 1;"),                                                "rules[0].on_fault",       "must be true or false"                          },
        {BOOK("service_due", "on_fault = true; fault_code = \"P1\"; lead = \"1d\";"),         "rules[0]",
         "on_fault has no lead"                                                                                                                                           },
    };

    (void)state;
    check(bad, ARRAY_LEN(bad));
}

static void limits_and_outcomes_make_sense(void **state)
{
    static const struct bad bad[] = {
        {AFTER("limits: { quite = \"none\"; };"),                                                    "limits.quite",
         "limits have no such setting, only quiet"                                                                                                                  },
        {AFTER("limits: { quiet = \"21:00\"; };"),                                                   "limits.quiet",             "must be hours such as"            },
        {AFTER("limits: { quiet = \"00:00-24:00\"; };"),                                             "limits.quiet",
         "one stretch of less than a day"                                                                                                                           },
        {AFTER("limits: {\nquiet = (\"01:00-02:00\", \"03:00-04:00\"); };"),                         "limits.quiet",
         "bad.conf:2: must be one stretch"                                                                                                                          },
        {AFTER("limits: { safest = \"none\"; };"),                                                   "limits.safest",            "must be hours"                    },
        {AFTER("limits: { days = (\"mon\", \"monday\"); };"),                                        "limits.days[1]",           "mon, tue, wed"                    },
        {AFTER("limits: { days = (\"mon\", \"mon\"); };"),                                           "limits.days[1]",           "is there twice"                   },
        {AFTER("limits: { usual_zone = \"Asia/Atlantis\"; };"),                                      "limits.usual_zone",
         "must be a time zone"                                                                                                                                      },
        {AFTER("limits: { consent_needed = (\"spam\"); };"),                                         "limits.consent_needed[0]",
         "must be a purpose"                                                                                                                                        },
        {AFTER("limits: { consent_needed = (\"survey/pigeon\"); };"),                                "limits.consent_needed[0]",
         "must be a purpose"                                                                                                                                        },
        {AFTER("limits: { per_day = -1; };"),                                                        "limits.per_day",           "must be 0 to 1000"                },
        {AFTER("limits: { per_day = 3; per_week = 2; };"),                                           "limits",
         "more in a day or a week than in a longer time"                                                                                                            },
        {AFTER("limits: { per_week = 3; per_month = 2; };"),                                         "limits",                   "more in a day or a week"          },
        {AFTER("limits: { refusal_pause = \"2y\"; };"),                                              "limits.refusal_pause",
         "must be a duration"                                                                                                                                       },
        {AFTER("outcomes = (1);"),                                                                   "outcomes[0]",              "must be a group"                  },
        {AFTER("outcomes = ({ end = true; });"),                                                     "outcomes[0]",              "needs 'outcome'"                  },
        {AFTER("outcomes = ({ outcome = \"hungry\"; });"),                                           "outcomes[0].outcome",
         "answered, busy, no_answer"                                                                                                                                },
        {AFTER("outcomes = ({ outcome = \"busy\"; });"),                                             "outcomes[0]",
         "needs one of end = true, other_channel"                                                                                                                   },
        {AFTER("outcomes = ({ outcome = \"busy\"; end = true; retry_after = \"1h\"; });"),
         "outcomes[0]",                                                                                                          "needs one of"                     },
        {AFTER("outcomes = ({ outcome = \"busy\"; end = true; at_most = 2; });"),                    "outcomes[0]",
         "go with retry_after"                                                                                                                                      },
        {AFTER("outcomes = ({ outcome = \"busy\"; retry = \"1h\"; });"),                             "outcomes[0].retry",
         "an outcome has no such setting"                                                                                                                           },
        {AFTER("outcomes = ({ outcome = \"busy\"; retry_after = \"1h\"; other_hour = \"12h\"; });"),
         "outcomes[0].other_hour",                                                                                               "at most 11h"                      },
        {AFTER("outcomes = ({ outcome = \"refused\"; retry_after = \"1h\"; });"),                    "outcomes[0]",
         "nobody is called again after 'refused'"                                                                                                                   },
        {AFTER("outcomes = ({ outcome = \"busy\"; end = true; },\n{ outcome = \"busy\"; end = "
               "true; });"),
         "outcomes[1]",                                                                                                          "bad.conf:2: 'busy' is there twice"},
    };

    (void)state;
    check(bad, ARRAY_LEN(bad));
}

#define TWO(of, first, second)                                                                     \
    "rules = (\n{ name = \"a\"; window = \"1d\"; trigger = \"" of "\"; " first                     \
    " },\n{ name = \"b\"; window = \"1d\"; trigger = \"" of "\"; " second " } );"

static void a_rule_that_is_never_reached_is_refused(void **state)
{
#define HIDDEN "bad.conf:3: rule \"b\" is never reached: \"a\" before it matches all that it does"
    static const struct bad bad[] = {
        {TWO("case_resolved",                   "",                                            ""),                                "rules[1]", HIDDEN},
        {TWO("case_resolved",                               "",                                                                            "tier = \"gold\";"),                                                                                            "rules[1]", HIDDEN},
        {TWO("case_resolved",                  "tier = (\"gold\", \"silver\");",
         "tier = \"silver\"; kind = \"request\";"),
         "rules[1]", HIDDEN},
        {TWO("case_resolved",                   "priority_at_least = 3;",               "priority_at_least = 2;"),                                                                                "rules[1]",
         HIDDEN},
        {TWO("low_answer",                               "instrument = \"nps\"; at_most = 6;",
         "instrument = \"nps\"; at_most = 6; tier = \"gold\";"),
         "rules[1]", HIDDEN},
        {TWO("low_answer",            "instrument = \"nps\"; at_most = 6;",
         "instrument = \"nps\"; at_most = 3;"),
         "rules[1]", HIDDEN},
        {TWO("churn_risk",                      "score_below = 40;", "score_below = 30; churn_at_least = 0.5;"),
         "rules[1]", HIDDEN},
        {TWO("churn_risk",                               "churn_at_least = 0.5;",                                                                            "churn_at_least = 0.5;"),                                                                                               "rules[1]", HIDDEN},
        {TWO("silence", "months = 3;",                                                                           "months = 6;"),                                                                                                       "rules[1]", "give it a topic of its own"},
        {TWO("festival",                      "date = \"10-01\";",                           "date = \"lunar 01-01\";"),                   "rules[1]", HIDDEN},
        {TWO("festival",                               "date = \"10-01\"; topic = \"x\";",
         "date = \"lunar 01-01\"; topic = \"x\";"),
         "rules[1]", HIDDEN},
        {"rules = ({ name = \"a\"; window = \"1d\"; trigger = \"birthday\"; tier = \"gold\"; },\n"
         "{ name = \"a\"; window = \"1d\"; trigger = \"birthday\"; });",             "rules[1]","bad.conf:2: another rule is already named \"a\""},
        {"rules = ({ name = \"a\"; window = \"1d\"; trigger = \"birthday\"; topic = \"silence\"; "
         "});",                         "rules[0]",                                                         "topic \"silence\" is that of another trigger"  },
        {"rules = ({ name = \"a\"; window = \"1d\"; trigger = \"birthday\"; topic = \"x\"; },\n"
         "{ name = \"b\"; window = \"1d\"; trigger = \"silence\"; months = 3; topic = \"x\"; });",         "rules[1]",                                                      "topic \"x\" is that of rule \"a\" with another trigger"                                                                          },
    };

    (void)state;
    check(bad, ARRAY_LEN(bad));
}

static void a_rule_that_matches_something_else_is_reached(void **state)
{
    static const char *const good[] = {
        TWO("case_resolved", "tier = \"gold\";", ""),
        TWO("case_resolved", "tier = \"gold\";", "tier = (\"gold\", \"silver\");"),
        TWO("case_resolved", "tier = \"gold\";", "kind = \"request\";"),
        TWO("case_resolved", "priority_at_least = 1;", "priority_at_least = 2;"),
        TWO("case_resolved", "", "topic = \"other\";"),
        TWO("low_answer", "instrument = \"nps\"; at_most = 3;",
            "instrument = \"nps\"; at_most = 6;"),
        TWO("low_answer", "instrument = \"nps\"; at_most = 3;",
            "instrument = \"csat\"; at_most = 2;"),
        TWO("churn_risk", "score_below = 40;", "churn_at_least = 0.5;"),
        TWO("churn_risk", "churn_at_least = 0.7;", "churn_at_least = 0.5;"),
        TWO("silence", "months = 6;", "months = 3; topic = \"sooner\";"),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct err err = ERR_NONE;
        struct rulebook *b = rulebook_parse(good[i], "good.conf", &err);

        if (!b) {
            fail_msg("%s\n%s: %s", good[i], err.field, err.text);
        }
        rulebook_free(b);
    }
}

static void a_file_that_cannot_be_read_says_so(void **state)
{
    struct err err = ERR_NONE;

    (void)state;
    assert_null(rulebook_load("/nowhere/followups.conf", &err));
    assert_string_equal(err.code, "rules_unreadable");
    assert_non_null(strstr(err.text, "/nowhere/followups.conf: "));
    err = ERR_NONE;
    assert_null(rulebook_parse("@include \"x\"\n", "stored", &err));
    assert_string_equal(err.code, "rules_invalid");
    assert_non_null(strstr(err.text, "stored:1: a stored text includes no other file"));
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void lines_are_those_of_the_included_file(void **state)
{
    char dir[] = "/tmp/rulebook_read_test.XXXXXX";
    char outer[64], inner[64];
    struct err err = ERR_NONE;

    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_true(text_format(outer, sizeof(outer), "%s/outer.conf", dir));
    assert_true(text_format(inner, sizeof(inner), "%s/inner.conf", dir));
    put_file(outer, "@include \"inner.conf\"\n" AFTER(""));
    put_file(inner, "\nlimits: {\n  per_day = \"one\";\n};\n");
    assert_null(rulebook_load(outer, &err));
    assert_string_equal(err.field, "limits.per_day");
    assert_non_null(strstr(err.text, "/inner.conf:3: must be a whole number"));
    unlink(outer);
    unlink(inner);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_has_few_sections),
        cmocka_unit_test(a_rule_is_complete_and_knows_its_settings),
        cmocka_unit_test(measures_belong_together),
        cmocka_unit_test(limits_and_outcomes_make_sense),
        cmocka_unit_test(a_rule_that_is_never_reached_is_refused),
        cmocka_unit_test(a_rule_that_matches_something_else_is_reached),
        cmocka_unit_test(a_file_that_cannot_be_read_says_so),
        cmocka_unit_test(lines_are_those_of_the_included_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
