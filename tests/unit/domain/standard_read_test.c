/* SPDX-License-Identifier: Apache-2.0 */
/* What a standards file is refused for. */
#include "common/domain/standard_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"

/* A catch-all, so that a case needs only the rule it is about. */
#define REST         "{ name = \"rest\"; priority = 3; owner_team = \"care\"; }"
#define RULES(rules) "rules = (\n" rules "\n);\n"

static void a_rule_is_refused_when_one_before_it_matches_all_that_it_does(void **state)
{
    static const struct {
        const char *earlier;
        const char *later;
        bool want_refused;
    } cases[] = {
        {"",                                        "words = (\"a\");",                        true },
        {"words = (\"a\");",                        "words = (\"a\");",                        true },
        {"words = (\"a\", \"b\");",                 "words = (\"A\");",                        true },
        {"words = (\"a\");",                        "words = (\"a\", \"b\");",                 false},
        {"words = (\"车\");",                      "words = (\"刹车\", \"车门\");",       true },
        {"words = (\"车\", \"灯\");",             "words = (\"刹车\", \"大灯\");",       true },
        {"words = (\"刹车\");",                   "words = (\"车\");",                      false},
        {"words = (\"brake\");",                    "words = (\"brakes\");",                   false},
        {"words = (\"brake\");",                    "words = (\"my brake failed\");",          true },
        {"words = (\"a\");",                        "kind = \"request\";",                     false},
        {"words = (\"a\"); kind = \"request\";",    "words = (\"a\");",                        false},
        {"words = (\"a\");",                        "words = (\"a\"); kind = \"request\";",    true },
        {"tier = \"gold\";",                        "tier = \"gold\"; kind = \"request\";",    true },
        {"tier = \"gold\";",                        "tier = \"silver\";",                      false},
        {"tier = \"*\"; kind = \"request\";",       "tier = \"silver\"; kind = \"request\";",  true },
        {"tier = \"gold\"; kind = \"request\";",    "kind = \"request\";",                     false},
        {"asked_priority = 1;",                     "asked_priority = 1; kind = \"request\";", true },
        {"asked_priority = 1;",                     "asked_priority = 2;",                     false},
        {"asked_priority = 1; kind = \"request\";", "kind = \"request\";",                     false},
        {"kind = \"request\";",                     "kind = \"request\"; asked_priority = 1;", true },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text file = {.data = NULL};
        struct err err = ERR_NONE;
        struct standard *s;

        text_appendf(&file,
                     "rules = (\n{ name = \"a\"; priority = 1; owner_team = \"t\"; %s },\n"
                     "{ name = \"b\"; priority = 1; owner_team = \"t\"; %s },\n%s);",
                     cases[i].earlier, cases[i].later, REST);
        s = standard_parse(file.data, "a.conf", &err);
        if ((s == NULL) != cases[i].want_refused ||
            (!s && (strcmp(err.field, "rules[1]") != 0 || !strstr(err.text, ":3: ") ||
                    !strstr(err.text, "never reached")))) {
            fail_msg("%s\n%s: %s", file.data, err.field, err.text);
        }
        standard_free(s);
        text_free(&file);
    }
}

#define SETTINGS(name)        "name = \"" name "\"; kind = \"request\"; priority = 1; owner_team = \"b\"; "
#define NAMED                 SETTINGS("a")
#define NAMED_C               SETTINGS("c")
#define WITH(settings)        RULES("{ " NAMED settings " },\n" REST)
#define PROMISES(list)        WITH("promises = ( " list " );")
#define PROMISE(kind, target) "{ kind = \"" kind "\"; target = \"" target "\"; }"

/* A case reads best as the file and, below, what is said about it. */
/* clang-format off */
static const struct {
    const char *text;
    unsigned line;
    const char *field;
    const char *reason; /* part of the text */
} doubtful[] = {
    {"",
     1, "rules", "has no rules"},
    {"# nothing\n",
     1, "rules", "has no rules"},
    {"rules = ();",
     1, "rules", "list of 1 to 1024 rules"},
    {"rules = 5;",
     1, "rules", "must be a list"},
    {"rules = [1, 2];",
     1, "rules", "must be a list"},
    {"rules = ( 5 );",
     1, "rules[0]", "must be a group"},
    {"rule = ( );",
     1, "rule", "no such setting"},
    {RULES(REST) "extra = 1;",
     4, "extra", "no such setting"},
    {RULES(REST) "rules = ();",
     4, "", "duplicate"},
    {"rules = (\n{ name = ;",
     2, "", "syntax"},
    {"rules = (",
     1, "", "syntax"},

    {RULES("{ priority = 1; owner_team = \"b\"; }"),
     2, "rules[0]", "needs 'name'"},
    {RULES("{ name = \"a\"; owner_team = \"b\"; }"),
     2, "rules[0]", "needs 'priority'"},
    {RULES("{ name = \"a\"; priority = 1; }"),
     2, "rules[0]", "needs 'owner_team'"},
    {RULES("{ name = \"\"; priority = 1; }"),
     2, "rules[0].name", "1 to 64 bytes"},
    {RULES("{ name = \"A\"; }"),
     2, "rules[0].name", "lower-case"},
    {RULES("{ name = \"客\"; }"),
     2, "rules[0].name", "lower-case"},
    {RULES("{ name = 7; }"),
     2, "rules[0].name", "text in quotes"},
    {RULES("{ name = \"a\"; name = \"b\"; }"),
     2, "", "duplicate"},
    {RULES("{ owner_team = \"two words\"; }"),
     2, "rules[0].owner_team", "lower-case"},
    {RULES("{ categori = \"x\"; }"),
     2, "rules[0].categori", "no such setting"},
    {RULES("{ priority = 0; }"),
     2, "rules[0].priority", "1 (urgent) to 4 (low)"},
    {RULES("{ priority = 5; }"),
     2, "rules[0].priority", "1 (urgent) to 4 (low)"},
    {RULES("{ priority = -1; }"),
     2, "rules[0].priority", "1 (urgent) to 4 (low)"},
    {RULES("{ priority = 1.0; }"),
     2, "rules[0].priority", "whole number"},
    {RULES("{ priority = \"1\"; }"),
     2, "rules[0].priority", "whole number"},
    {RULES("{ priority = 4294967297L; }"),
     2, "rules[0].priority", "whole number"},
    {RULES("{ kind = \"compliant\"; }"),
     2, "rules[0].kind", "must be complaint"},
    {RULES("{ kind = true; }"),
     2, "rules[0].kind", "text in quotes"},
    {RULES("{ branch = \"\"; }"),
     2, "rules[0].branch", "1 to 128 bytes"},

    {RULES("{ tier = \"\"; }"),
     2, "rules[0].tier", "1 to 128 bytes"},
    {RULES("{ asked_priority = 5; }"),
     2, "rules[0].asked_priority", "1 (urgent) to 4 (low)"},
    {RULES("{ asked_priority = \"*\"; }"),
     2, "rules[0].asked_priority", "whole number"},
    {RULES("{ words = \"刹车\"; }"),
     2, "rules[0].words", "list of 1 to 256"},
    {RULES("{ words = (); }"),
     2, "rules[0].words", "list of 1 to 256"},
    {RULES("{ words = (\"a\", 1); }"),
     2, "rules[0].words[1]", "text in quotes"},
    {RULES("{ words = (\"\"); }"),
     2, "rules[0].words[0]", "1 to 64 bytes"},
    {RULES("{ words = (\"12345678901234567890123456789012345678901234567890123456789012345\"); }"),
     2, "rules[0].words[0]", "1 to 64 bytes"},
    {RULES("{ words = (\" a\"); }"),
     2, "rules[0].words[0]", "single blanks"},
    {RULES("{ words = (\"a\\t\"); }"),
     2, "rules[0].words[0]", "single blanks"},
    {RULES("{ words = (\"a\\n b\"); }"),
     2, "rules[0].words[0]", "single blanks"},
    {RULES("{ words = (\"a\"); priority = 1; name = \"a\"; owner_team = \"b\"; }"),
     1, "rules", "must match everything"},
    {RULES("{ tier = \"a\"; priority = 1; name = \"a\"; owner_team = \"b\"; }"),
     1, "rules", "must match everything"},
    {RULES("{ asked_priority = 1; priority = 1; name = \"a\"; owner_team = \"b\"; }"),
     1, "rules", "must match everything"},

    {RULES(REST) "thanks = \"谢谢\";",
     4, "thanks", "list of 1 to 256"},
    {RULES(REST) "triage = 1;",
     4, "triage", "must be a list"},
    {RULES(REST) "triage = ( 1 );",
     4, "triage[0]", "must be a group"},
    {RULES(REST) "triage = ( { category = \"a\"; } );",
     4, "triage[0]", "needs category and words"},
    {RULES(REST) "triage = ( { words = (\"a\"); } );",
     4, "triage[0]", "needs category and words"},
    {RULES(REST) "triage = ( { category = 1; } );",
     4, "triage[0].category", "text in quotes"},
    {RULES(REST) "triage = ( { words = (1); } );",
     4, "triage[0].words[0]", "text in quotes"},
    {RULES(REST) "triage = ( { kind = \"praise\"; } );",
     4, "triage[0].kind", "no such setting"},

    {WITH("promises = { };"),
     2, "rules[0].promises", "must be a list"},
    {PROMISES("1"),
     2, "rules[0].promises[0]", "must be a group"},
    {PROMISES("{ }"),
     2, "rules[0].promises[0]", "needs kind and target"},
    {PROMISES("{ kind = \"resolution\"; }"),
     2, "rules[0].promises[0]", "needs kind and target"},
    {PROMISES("{ target = \"4h\"; }"),
     2, "rules[0].promises[0]", "needs kind and target"},
    {PROMISES("{ until = \"4h\"; }"),
     2, "rules[0].promises[0].until", "no such setting"},
    {PROMISES("{ kind = 1; }"),
     2, "rules[0].promises[0].kind", "text in quotes"},
    {PROMISES("{ target = 4; }"),
     2, "rules[0].promises[0].target", "text in quotes"},
    {PROMISES(PROMISE("custom", "4h")),
     2, "rules[0].promises[0].kind", "first_response, next_update"},
    {PROMISES(PROMISE("resolution", "4")),
     2, "rules[0].promises[0].target", "duration"},
    {PROMISES(PROMISE("resolution", "")),
     2, "rules[0].promises[0].target", "bytes"},
    {PROMISES(PROMISE("resolution", "-4h")),
     2, "rules[0].promises[0].target", "duration"},
    {PROMISES(PROMISE("resolution", "0h")),
     2, "rules[0].promises[0].target", "more than 0"},
    {PROMISES(PROMISE("resolution", "3651d")),
     2, "rules[0].promises[0].target", "at most 3650d"},
    {PROMISES(PROMISE("resolution", "4h") ",\n" PROMISE("resolution", "5h")),
     3, "rules[0].promises[1]", "twice"},
    {PROMISES("{}, {}, {}, {}, {}"),
     2, "rules[0].promises", "at most 4"},

    {RULES("{ " NAMED "}"),
     1, "rules", "must match everything"},
    {RULES(REST ",\n" REST),
     3, "rules[1]", "already named"},
    {RULES(REST ",\n{ " NAMED "}"),
     3, "rules[1]", "never reached"},
    {RULES("{ " NAMED "},\n{ " NAMED_C "branch = \"B\"; },\n" REST),
     3, "rules[1]", "never reached"},
};
/* clang-format on */

static void a_doubtful_file_is_refused_with_line_and_setting(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(doubtful); i++) {
        struct err err = ERR_NONE;
        char line[16];

        text_format(line, sizeof(line), ":%u: ", doubtful[i].line);
        assert_null(standard_parse(doubtful[i].text, "a.conf", &err));
        if (strcmp(err.code, "standard_invalid") != 0 ||
            strcmp(err.field, doubtful[i].field) != 0 || strncmp(err.text, "a.conf:", 7) != 0 ||
            !strstr(err.text, line) || !strstr(err.text, doubtful[i].reason)) {
            fail_msg("%s\n%s, %s: %s", doubtful[i].text, err.code, err.field, err.text);
        }
    }
}

/* "NAME = ( item, item, ... )", count of them; each may have its number. */
static struct standard *parse_many(const char *before, const char *item, int count,
                                   const char *after, struct err *err)
{
    struct text file = {.data = NULL};
    struct standard *s;

    text_append(&file, before);
    for (int i = 0; i < count; i++) {
        text_append(&file, i > 0 ? "," : "");
        text_appendf(&file, "%s%d%s", item, i, item[0] == '"' ? "\"" : "");
        if (item[0] == '{') {
            text_append(&file, "\"; priority = 1; owner_team = \"t\"; category = \"");
            text_appendf(&file, "%d\"; words = (\"a\"); }", i);
        }
    }
    text_append(&file, after);
    s = standard_parse(file.data, "t", err);
    text_free(&file);
    return s;
}

static void long_lists_are_read_up_to_their_limits(void **state)
{
    static const struct {
        const char *before;
        const char *item;
        int max;
        const char *after;
        const char *field;
    } cases[] = {
        {"rules = (",                                "{ name = \"a", 1023, ", " REST ");",                "rules"         },
        {"triage = ( { category = \"a\"; words = (", "\"w",          256,  "); } ); rules = (" REST ");",
         "triage[0].words"                                                                                                },
        {"renegotiate_by = (",                       "\"t",          32,   "); rules = (" REST ");",      "renegotiate_by"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        struct standard *s =
            parse_many(cases[i].before, cases[i].item, cases[i].max, cases[i].after, &err);

        if (!s) {
            fail_msg("%s: %s", err.field, err.text);
        }
        standard_free(s);
        assert_null(
            parse_many(cases[i].before, cases[i].item, cases[i].max + 1, cases[i].after, &err));
        assert_string_equal(err.field, cases[i].field);
    }
}

static void triage_may_be_empty_and_has_an_end(void **state)
{
    struct err err = ERR_NONE;
    struct standard *s = standard_parse(RULES(REST) "triage = ();", "t", &err);
    struct text file = {.data = NULL};

    assert_non_null(s);
    assert_null(standard_category_by_words(s, &(const char *){"a"}, 1));
    assert_null(standard_content(s)->triage_words);
    standard_free(s);
    text_append(&file, RULES(REST) "triage = (");
    for (int i = 0; i < 257; i++) {
        text_appendf(&file, "%s{ category = \"c\"; words = (\"w\"); }", i > 0 ? "," : "");
    }
    text_append(&file, ");");
    assert_null(standard_parse(file.data, "t", &err));
    assert_string_equal(err.field, "triage");
    text_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_refused_when_one_before_it_matches_all_that_it_does),
        cmocka_unit_test(long_lists_are_read_up_to_their_limits),
        cmocka_unit_test(triage_may_be_empty_and_has_an_end),
        cmocka_unit_test(a_doubtful_file_is_refused_with_line_and_setting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
