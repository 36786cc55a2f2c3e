/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/questionnaire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "intake.pb-c.h"

#define INSTRUMENT(name) TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_##name

#define LANGUAGES "languages = (\"en\", \"zh\");\n"
#define BOTH      "en = \"a\"; zh = \"b\";"
#define LINES     "opening: {" BOTH "};\nclosing: {" BOTH "};\n"
#define SCRIPTS   "scripts = ({ name = \"s\"; say = {" BOTH "}; });\n"
#define SOLVED    "{ code = \"solved\"; instrument = \"solved\"; " BOTH " }"
#define CSAT      "{ code = \"csat\"; instrument = \"csat\"; " BOTH " }"
#define QUESTIONS "questions = (" SOLVED ", " CSAT ");\n"

static struct questionnaire *parse(const char *text, struct err *err)
{
    const struct err none = ERR_NONE;
    *err = none;
    return questionnaire_parse(text, "q.conf", err);
}

static struct questionnaire *must_parse(const char *text)
{
    struct err err;
    struct questionnaire *q = parse(text, &err);
    if (!q) {
        fail_msg("%s", err.text);
    }
    return q;
}

static struct questionnaire *sample(void)
{
    struct err err = ERR_NONE;
    struct questionnaire *q = questionnaire_load("deploy/config/questionnaire.conf", &err);
    if (!q) {
        fail_msg("%s", err.text);
    }
    return q;
}

/* ---- reading */

static void the_sample_has_every_script_and_all_of_servqual(void **state)
{
    static const char *const scripts[] = {
        "case_resolved", "promise_at_risk", "promise_broken", "low_answer",
        "churn_risk",    "silence",         "birthday",       "festival",
        "service_due",   "compensation",    "improvement",
    };
    static const int32_t last_items[] = {4, 9, 13, 17, 22};
    struct questionnaire *q = sample();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        assert_non_null(questionnaire_find_script(q, scripts[i]));
    }
    assert_null(questionnaire_find_script(q, "none"));
    for (int item = 1, dimension = 1; item <= QUESTIONNAIRE_SERVQUAL_ITEMS; item++) {
        const struct questionnaire_item *found = questionnaire_item(q, item);
        assert_int_equal(found->dimension, dimension);
        for (size_t l = 0; l < questionnaire_language_count(q); l++) {
            assert_string_not_equal(found->expectation.in[l], found->perception.in[l]);
        }
        dimension += last_items[dimension - 1] == item;
    }
    assert_int_equal(strlen(questionnaire_hash(q)), 32);
    questionnaire_free(q);
}

static void a_stored_text_is_the_same_questionnaire(void **state)
{
    struct questionnaire *q = sample();
    struct questionnaire *again = must_parse(questionnaire_text(q));
    (void)state;
    assert_string_equal(questionnaire_hash(q), questionnaire_hash(again));
    assert_int_equal(questionnaire_script_count(q), questionnaire_script_count(again));
    questionnaire_free(q);
    questionnaire_free(again);
}

static void questions_have_the_scale_of_their_instrument(void **state)
{
    static const struct {
        const char *code;
        int32_t instrument;
        int low, high;
    } wanted[] = {
        {"solved",  0,                0, 1 },
        {"csat",    INSTRUMENT(CSAT), 1, 5 },
        {"nps",     INSTRUMENT(NPS),  0, 10},
        {"ces",     INSTRUMENT(CES),  1, 7 },
        {"arrived", INSTRUMENT(OWN),  0, 1 },
    };
    struct questionnaire *q = sample();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        const struct questionnaire_question *found = questionnaire_question(q, i);
        assert_string_equal(found->code, wanted[i].code);
        assert_int_equal(found->instrument, wanted[i].instrument);
        assert_int_equal(found->low, wanted[i].low);
        assert_int_equal(found->high, wanted[i].high);
    }
    questionnaire_free(q);
}

static void a_condition_is_bounded_by_the_scale(void **state)
{
    struct questionnaire *q = sample();
    const struct questionnaire_script *script = questionnaire_find_script(q, "case_resolved");
    (void)state;
    assert_int_equal(script->ask_count, 3);
    assert_null(script->asks[0].only_if);
    assert_string_equal(script->asks[1].only_if, "solved");
    assert_int_equal(script->asks[1].only_min, 1);
    assert_int_equal(script->asks[1].only_max, 1);
    assert_true(script->has_servqual);
    assert_false(script->is_interview);
    questionnaire_free(q);
}

/* ---- languages and names */

static void the_language_is_the_nearest_one(void **state)
{
    static const struct {
        const char *tag;
        size_t index;
    } cases[] = {
        {NULL,         0},
        {"",           0},
        {"en",         0},
        {"en-GB",      0},
        {"zh",         1},
        {"zh-CN",      1},
        {"ZH-hans-CN", 1},
        {"zh_TW",      1},
        {"zhu",        0},
        {"fr",         0},
        {"-",          0},
    };
    struct questionnaire *q = must_parse(LANGUAGES LINES SCRIPTS);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (questionnaire_language_for(q, cases[i].tag) != cases[i].index) {
            fail_msg("%s", cases[i].tag ? cases[i].tag : "NULL");
        }
    }
    questionnaire_free(q);
}

static void what_has_no_name_has_the_name_of_all_others(void **state)
{
    struct questionnaire *q = sample();
    (void)state;
    assert_string_equal(questionnaire_name(q, QUESTIONNAIRE_BRANCH, "north", 1), "城北店");
    assert_string_equal(questionnaire_name(q, QUESTIONNAIRE_BRANCH, "unheard of", 0), "our garage");
    assert_string_equal(questionnaire_name(q, QUESTIONNAIRE_BRANCH, NULL, 0), "our garage");
    assert_string_equal(questionnaire_name(q, QUESTIONNAIRE_PROMISE, "callback", 0),
                        "the call we promised you");
    questionnaire_free(q);
}

/* ---- what is refused */

#define NAME_ROW "{ about = \"branch\"; value = \"*\"; " BOTH " }"
#define SCRIPT(more)                                                                               \
    LANGUAGES LINES QUESTIONS "scripts = ({ name = \"s\"; say = {" BOTH "};" more "});"
#define QUESTION(members) LANGUAGES LINES "questions = ({" members "});\n" SCRIPTS

static const struct refusal {
    const char *text, *field, *message;
} refusals[] = {
    {"",                                                                                     "",                        "languages is missing"    },
    {"languages = \"en\";",                                                                  "languages",               "must be a list"          },
    {"languages = ();",                                                                      "languages",               "must be a list"          },
    {"languages = (\"en\", \"en\");",                                                        "languages[1]",            "twice"                   },
    {"languages = (\"en us\");",                                                             "languages[0]",            "language tag"            },
    {"languages = (1);",                                                                     "languages[0]",            "text in quotes"          },
    {LANGUAGES,                                                                              "",                        "scripts is missing"      },
    {LANGUAGES "script = ();",                                                               "script",                  "no such setting"         },
    {LANGUAGES SCRIPTS,                                                                      "scripts[0]",              "opening is missing"      },
    {LANGUAGES "opening: { en = \"a\"; };\n" SCRIPTS,                                        "opening",                 "zh is missing"           },
    {LANGUAGES "opening: { " BOTH " fr = \"c\"; };\n" SCRIPTS,                               "opening.fr",              "no such setting"         },
    {LANGUAGES "opening: { en = \"\"; zh = \"b\"; };\n" SCRIPTS,                             "opening.en",              "1 to 480 bytes"          },
    {LANGUAGES "opening: { en = \"{branch}\"; zh = \"b\"; };\n" SCRIPTS,                     "opening.en",
     "needs a row of names"                                                                                                                       },
    {LANGUAGES "opening: { en = \"{name}\"; zh = \"b\"; };\n" SCRIPTS,                       "opening.en",
     "{name} is none of"                                                                                                                          },
    {LANGUAGES "names = ({ about = \"rule\"; value = \"*\"; " BOTH " });"
               "opening: { en = \"{rule}\"; zh = \"b\"; };\n" SCRIPTS,
     "opening.en",                                                                                                      "{rule} is none of"       },
    {LANGUAGES "opening: { en = \"{branch\"; zh = \"b\"; };\n" SCRIPTS,                      "opening.en",              "braces"                  },
    {LANGUAGES "opening: { en = \"a}\"; zh = \"b\"; };\n" SCRIPTS,                           "opening.en",              "braces"                  },
    {LANGUAGES "names = ({ about = \"customer\"; value = \"*\"; " BOTH " });" LINES SCRIPTS,
     "names[0].about",                                                                                                  "must be \"branch\""      },
    {LANGUAGES "names = (" NAME_ROW ", " NAME_ROW ");" LINES SCRIPTS,                        "names[1].value",          "twice"                   },
    {LANGUAGES "names = ({ about = \"branch\"; " BOTH " });" LINES SCRIPTS,                  "names[0]",
     "value is missing"                                                                                                                           },
    {QUESTION("code = \"Csat\"; instrument = \"csat\"; " BOTH),                              "questions[0].code",
     "lower-case letters"                                                                                                                         },
    {QUESTION("code = \"q\"; " BOTH),                                                        "questions[0]",            "instrument is missing"   },
    {QUESTION("code = \"q\"; instrument = \"smile\"; " BOTH),                                "questions[0].instrument",
     "must be csat"                                                                                                                               },
    {QUESTION("code = \"nps\"; instrument = \"csat\"; " BOTH),                               "questions[0].code",
     "for its question alone"                                                                                                                     },
    {QUESTION("code = \"done\"; instrument = \"solved\"; " BOTH),                            "questions[0].code",
     "for its question alone"                                                                                                                     },
    {QUESTION("code = \"servqual_1\"; instrument = \"own\"; " BOTH),                         "questions[0].code",
     "items of SERVQUAL"                                                                                                                          },
    {QUESTION("code = \"abcdefghijklmnopqrstuvwxyz_12\"; instrument = \"own\"; " BOTH),
     "questions[0].code",                                                                                               "at most 28 bytes"        },
    {QUESTION("code = \"csat\"; instrument = \"csat\"; high = 10; " BOTH),                   "questions[0].high",
     "the scale of csat is 1 to 5"                                                                                                                },
    {QUESTION("code = \"q\"; instrument = \"own\"; high = 101; " BOTH),                      "questions[0].high",
     "1 to 100"                                                                                                                                   },
    {QUESTION("code = \"q\"; instrument = \"own\"; low = 5; high = 5; " BOTH),               "questions[0].high",
     "6 to 100"                                                                                                                                   },
    {QUESTION("code = \"q\"; instrument = \"own\"; en = \"a\";"),                            "questions[0]",            "zh is missing"           },
    {LANGUAGES LINES "questions = (" CSAT ", " CSAT ");" SCRIPTS,                            "questions[1].code",       "twice"                   },
    {LANGUAGES LINES "servqual = ({ item = 1; expectation = {" BOTH "}; perception = {" BOTH
                     "}; });" SCRIPTS,
     "servqual",                                                                                                        "all 22 items"            },
    {SCRIPT("ask = (\"nps\");"),                                                             "scripts[0].ask[0]",       "questions has no \"nps\""},
    {SCRIPT("ask = (\"csat\", \"csat\");"),                                                  "scripts[0].ask[1]",       "asked twice"             },
    {SCRIPT("ask = ({ code = \"csat\"; only_if = \"solved\"; min = 1; }, \"solved\");"),
     "scripts[0].ask[0].only_if",                                                                                       "must be asked before"    },
    {SCRIPT("ask = (\"solved\", { code = \"csat\"; only_if = \"solved\"; });"),
     "scripts[0].ask[1].only_if",                                                                                       "every answer would do"   },
    {SCRIPT("ask = (\"solved\", { code = \"csat\"; only_if = \"solved\"; max = 2; });"),
     "scripts[0].ask[1].max",                                                                                           "0 to 1"                  },
    {SCRIPT("ask = (\"solved\", { code = \"csat\"; min = 1; });"),                           "scripts[0].ask[1].min",
     "only_if, which is missing"                                                                                                                  },
    {SCRIPT("servqual = true;"),                                                             "scripts[0].servqual",     "no items of SERVQUAL"    },
    {SCRIPT("servqual = 1;"),                                                                "scripts[0].servqual",     "true or false"           },
    {SCRIPT("interview = true;"),                                                            "scripts[0]",              "go together"             },
    {SCRIPT("guide = ({" BOTH "});"),                                                        "scripts[0]",              "go together"             },
    {SCRIPT("interview = true; guide = ({ en = \"a\"; });"),                                 "scripts[0].guide[0]",
     "zh is missing"                                                                                                                              },
    {SCRIPT("asks = (\"csat\");"),                                                           "scripts[0].asks",         "no such setting"         },
    {LANGUAGES LINES "scripts = ({ name = \"s\"; });",                                       "scripts[0]",              "say is missing"          },
    {LANGUAGES LINES "scripts = ({ name = \"s\"; say = {" BOTH "}; }, { name = \"s\"; say = {" BOTH
                     "}; });",                                                          "scripts[1].name",         "twice"                   },
};

static void what_is_doubtful_is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct err err;
        struct questionnaire *q = parse(r->text, &err);
        if (q || strcmp(err.code, "questionnaire_invalid") != 0 ||
            strcmp(err.field, r->field) != 0 || !strstr(err.text, r->message) ||
            strncmp(err.text, "q.conf:", strlen("q.conf:")) != 0) {
            fail_msg("row %zu: got %s %s \"%s\", not %s \"%s\"", i, err.code, err.field, err.text,
                     r->field, r->message);
        }
    }
}

static void lines_are_those_of_the_file(void **state)
{
    struct err err;
    (void)state;
    assert_null(parse(LANGUAGES LINES "scripts = (\n{ name = \"S\"; say = {" BOTH "}; });", &err));
    assert_non_null(strstr(err.text, "q.conf:5:"));
    assert_null(parse("languages = (\n\"en\"\n", &err));
    assert_string_equal(err.code, "questionnaire_invalid");
    assert_null(questionnaire_load("tests/unit/no/such.conf", &err));
    assert_string_equal(err.code, "questionnaire_unreadable");
}

static void items_of_servqual_are_read_from_their_codes(void **state)
{
    static const struct {
        const char *code;
        int item; /* 0: none */
        bool is_expectation;
    } cases[] = {
        {"servqual_1_expectation",   1,  true },
        {"servqual_22_perception",   22, false},
        {"servqual_0_perception",    0,  false},
        {"servqual_23_perception",   0,  false},
        {"servqual_222_perception",  0,  false},
        {"servqual_5000_perception", 0,  false},
        {"servqual__perception",     0,  false},
        {"servqual_5",               0,  false},
        {"servqual_5_perceptions",   0,  false},
        {"servqual",                 0,  false},
        {"csat",                     0,  false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int item = 0;
        bool is_expectation = false;
        bool is_item = questionnaire_servqual_item(cases[i].code, &item, &is_expectation);
        if (is_item != (cases[i].item > 0) || item != cases[i].item ||
            is_expectation != cases[i].is_expectation) {
            fail_msg("%s", cases[i].code);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sample_has_every_script_and_all_of_servqual),
        cmocka_unit_test(a_stored_text_is_the_same_questionnaire),
        cmocka_unit_test(questions_have_the_scale_of_their_instrument),
        cmocka_unit_test(a_condition_is_bounded_by_the_scale),
        cmocka_unit_test(the_language_is_the_nearest_one),
        cmocka_unit_test(what_has_no_name_has_the_name_of_all_others),
        cmocka_unit_test(what_is_doubtful_is_refused_with_its_place),
        cmocka_unit_test(lines_are_those_of_the_file),
        cmocka_unit_test(items_of_servqual_are_read_from_their_codes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
