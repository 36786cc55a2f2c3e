/* SPDX-License-Identifier: Apache-2.0 */
/* What a standards file says beside its rules: identity, dedup, hops_max. */
#include "common/domain/standard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/base/text.h"

#define RULES "\nrules = ( { name = \"rest\"; priority = 3; owner_team = \"care\"; } );\n"

static struct standard *load(const char *text, struct err *err)
{
    char path[] = "/tmp/standard_sections_test.XXXXXX";
    int file = mkstemp(path);
    struct standard *s;

    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    s = standard_load(path, err);
    unlink(path);
    return s;
}

static struct standard *load_good(const char *text)
{
    struct err err = ERR_NONE;
    struct standard *s = load(text, &err);

    if (!s) {
        fail_msg("%s: %s", err.field, err.text);
    }
    return s;
}

static void without_sections_nothing_is_joined(void **state)
{
    static const struct standard_request request = {.kind = "complaint"};
    struct standard *s = load_good(RULES);

    assert_false(standard_identity(s)->is_joined_by_phone);
    assert_false(standard_identity(s)->is_joined_by_email);
    assert_null(standard_identity(s)->country_code);
    assert_null(standard_dedup_next(s, &request, NULL));
    assert_int_equal(standard_hops_max(s), STANDARD_HOPS_USUAL);
    standard_free(s);
}

static void the_sample_joins_by_both_and_knows_three_rules(void **state)
{
    static const struct {
        struct standard_request request;
        const char *want[3];
    } cases[] = {
        {{"complaint", "brakes", "phone", NULL}, {"same_category"}        },
        {{"complaint", NULL, "wechat", NULL},    {"same_category", "chat"}},
        {{"enquiry", "price", "email", "north"}, {"mail"}                 },
        {{"enquiry", "price", "phone", "north"}, {NULL}                   },
        {{NULL, NULL, NULL, NULL},               {NULL}                   },
    };
    struct err err = ERR_NONE;
    struct standard *s = standard_load("deploy/config/standards.conf", &err);

    assert_non_null(s);
    assert_true(standard_identity(s)->is_joined_by_phone);
    assert_true(standard_identity(s)->is_joined_by_email);
    assert_string_equal(standard_identity(s)->country_code, "86");
    assert_string_equal(standard_identity(s)->trunk_prefix, "0");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct standard_dedup *d = NULL;

        for (size_t k = 0; k < ARRAY_LEN(cases[i].want); k++) {
            d = standard_dedup_next(s, &cases[i].request, d);
            if (!cases[i].want[k]) {
                assert_null(d);
                break;
            }
            assert_non_null(d);
            assert_string_equal(d->name, cases[i].want[k]);
        }
    }
    standard_free(s);
}

static void every_setting_is_kept(void **state)
{
    struct standard *s = load_good(
        "identity: { join_by = [\"email\"]; country_code = \"49\"; trunk_prefix = \"\"; };"
        "dedup = ( { name = \"a\"; kind = \"request\"; category = \"c\"; channel = \"web\";"
        "            branch = \"B\"; window = \"90m\"; reopens = true;"
        "            same = (\"category\", \"channel\", \"branch\", \"product\"); },"
        "          { name = \"b\"; kind = \"*\"; window = \"366d\"; } );"
        "hops_max = 7;" RULES);
    const struct standard_request request = {"request", "c", "web", "B"};
    const struct standard_dedup *d = standard_dedup_next(s, &request, NULL);

    assert_false(standard_identity(s)->is_joined_by_phone);
    assert_true(standard_identity(s)->is_joined_by_email);
    assert_string_equal(standard_identity(s)->trunk_prefix, "");
    assert_int_equal(standard_hops_max(s), 7);
    assert_non_null(d);
    assert_true(d->window_us == 90 * DURATION_MIN);
    assert_int_equal(d->same, STANDARD_SAME_CATEGORY | STANDARD_SAME_CHANNEL |
                                  STANDARD_SAME_BRANCH | STANDARD_SAME_PRODUCT);
    assert_true(d->reopens);
    d = standard_dedup_next(s, &request, d);
    assert_non_null(d);
    assert_string_equal(d->name, "b");
    assert_int_equal(d->same, 0);
    assert_false(d->reopens);
    assert_null(standard_dedup_next(s, &request, d));
    standard_free(s);
}

#define DEDUP(text) "dedup = ( { name = \"a\"; window = \"1h\"; " text " } );" RULES

static void what_is_doubtful_is_refused(void **state)
{
    /* clang-format off */
    static const struct {
        const char *text;
        const char *field;
        const char *reason;
    } cases[] = {
        {"identiti: { };" RULES,                                  "identiti",             "no such setting"},
        {"identity = 1;" RULES,                                   "identity",             "must be a group"},
        {"identity: { join_by = \"phone\"; };" RULES,             "identity.join_by",     "must be a list"},
        {"identity: { join_by = (\"fax\"); };" RULES,             "identity.join_by[0]",  "\"phone\" or \"email\""},
        {"identity: { join_by = (\"phone\", 1); };" RULES,        "identity.join_by[1]",  "\"phone\" or \"email\""},
        {"identity: { join = (\"phone\"); };" RULES,              "identity.join",        "no such setting"},
        {"identity: { country_code = \"+86\"; };" RULES,          "identity.country_code", "digits"},
        {"identity: { country_code = 86; };" RULES,               "identity.country_code", "digits"},
        {"identity: { country_code = \"086\"; };" RULES,          "identity.country_code", "country code"},
        {"identity: { country_code = \"\"; };" RULES,             "identity.country_code", "country code"},
        {"identity: { country_code = \"12345\"; };" RULES,        "identity.country_code", "at most 4"},
        {"identity: { trunk_prefix = \"x\"; };" RULES,            "identity.trunk_prefix", "digits"},
        {"dedup = { };" RULES,                                    "dedup",                "must be a list"},
        {"dedup = ( 1 );" RULES,                                  "dedup[0]",             "must be a group"},
        {"dedup = ( { } );" RULES,                                "dedup[0]",             "needs name and window"},
        {"dedup = ( { name = \"a\"; } );" RULES,                  "dedup[0]",             "needs name and window"},
        {"dedup = ( { name = \"A\"; } );" RULES,                  "dedup[0].name",        "lower-case"},
        {"dedup = ( { name = \"case_ref\"; window = \"1h\"; } );" RULES, "dedup[0]",      "no rule may be named"},
        {"dedup = ( { name = \"case_number\"; window = \"1h\"; } );" RULES, "dedup[0]",   "no rule may be named"},
        {"dedup = ( { name = \"a\"; window = \"1h\"; }, { name = \"a\"; window = \"1h\"; } );" RULES,
         "dedup[1]", "already named"},
        {"dedup = ( { name = \"a\"; window = \"0h\"; } );" RULES, "dedup[0].window",      "more than 0"},
        {"dedup = ( { name = \"a\"; window = \"367d\"; } );" RULES, "dedup[0].window",    "at most 366d"},
        {"dedup = ( { name = \"a\"; window = 3; } );" RULES,      "dedup[0].window",      "a text in quotes"},
        {"dedup = ( { name = \"a\"; window = \"3\"; } );" RULES,  "dedup[0].window",      "duration"},
        {DEDUP("same = \"category\";"),                           "dedup[0].same",        "must be a list"},
        {DEDUP("same = (\"colour\");"),                           "dedup[0].same[0]",     "category, channel, branch or product"},
        {DEDUP("reopens = \"yes\";"),                             "dedup[0].reopens",     "true or false"},
        {DEDUP("kind = \"letter\";"),                             "dedup[0].kind",        "must be complaint"},
        {DEDUP("until = \"1h\";"),                                "dedup[0].until",       "no such setting"},
        {"hops_max = 0;" RULES,                                   "hops_max",             "1 to 100"},
        {"hops_max = 101;" RULES,                                 "hops_max",             "1 to 100"},
        {"hops_max = \"20\";" RULES,                              "hops_max",             "1 to 100"},
        {"hops_max = 20;",                                        "rules",                "has no rules"},
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;

        assert_null(load(cases[i].text, &err));
        if (strcmp(err.code, "standard_invalid") != 0 || strcmp(err.field, cases[i].field) != 0 ||
            !strstr(err.text, cases[i].reason)) {
            fail_msg("%s\n%s, %s: %s", cases[i].text, err.code, err.field, err.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_sections_nothing_is_joined),
        cmocka_unit_test(the_sample_joins_by_both_and_knows_three_rules),
        cmocka_unit_test(every_setting_is_kept),
        cmocka_unit_test(what_is_doubtful_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
