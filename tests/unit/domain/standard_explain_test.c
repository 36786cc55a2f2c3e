/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/standard_explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"

#define TEAM " priority = 1; owner_team = \"t\"; }"

static const char rules[] =
    "rules = (\n"
    "{ name = \"full\"; kind = \"request\"; category = \"油漆\"; channel = \"web\"; branch = \"n\";"
    "  tier = \"gold\"; asked_priority = 2; words = (\"刹车\", \"brake\");" TEAM ",\n"
    "{ name = \"words\"; words = (\"刹车\", \"brake\", \"灯\");" TEAM ",\n"
    "{ name = \"tier\"; tier = \"gold\"; words = (\"门\");" TEAM ",\n"
    "{ name = \"silver\"; tier = \"silver\"; kind = \"enquiry\";" TEAM ",\n"
    "{ name = \"rest\";" TEAM " );";

/* "full: kind wanted request found praise; words: matches "刹车"" */
static void describe(const struct standard_explanation *e, struct text *ret)
{
    for (size_t i = 0; i < e->count; i++) {
        const struct standard_verdict *v = &e->verdicts[i];

        text_appendf(ret, "%s%s:", i > 0 ? "; " : "", v->rule);
        if (v->condition) {
            text_appendf(ret, " %s wanted %s found %s", v->condition, v->wanted,
                         v->found ? v->found : "nothing");
        } else {
            text_appendf(ret, " matches%s%s", v->wanted ? " " : "", v->wanted ? v->wanted : "");
        }
    }
}

/* clang-format off */
static void each_rule_says_which_condition_did_not_hold(void **state)
{
    static const char *const texts[] = {NULL, "Brake 和刹车"};
    static const char *const door[] = {"门"};
#define FULL .kind = "request", .category = "油漆", .channel = "web", .branch = "n", .tier = "gold"
    static const struct {
        struct standard_request request;
        const char *want;
    } cases[] = {
        {{FULL, .asked_priority = 2, .texts = texts, .text_count = 2},
         "full: matches \"刹车\", \"brake\""},
        {{.kind = "praise", .texts = texts, .text_count = 2},
         "full: kind wanted request found praise; words: matches \"刹车\", \"brake\""},
        {{.kind = "request"},
         "full: category wanted 油漆 found nothing; words: words wanted \"刹车\", \"brake\", \"灯\" found nothing; "
         "tier: tier wanted gold found nothing; silver: kind wanted enquiry found request; rest: matches"},
        {{.kind = "request", .category = "油漆", .channel = ""},
         "full: channel wanted web found nothing; words: words wanted \"刹车\", \"brake\", \"灯\" found nothing; "
         "tier: tier wanted gold found nothing; silver: kind wanted enquiry found request; rest: matches"},
        {{.kind = "request", .category = "油漆", .channel = "web", .branch = "s", .known_rule = "words"},
         "full: branch wanted n found s; words: matches"},
        {{FULL, .asked_priority = 3, .texts = door, .text_count = 1},
         "full: asked_priority wanted 2 found 3; words: words wanted \"刹车\", \"brake\", \"灯\" found nothing; "
         "tier: matches \"门\""},
        {{FULL, .asked_priority = 2, .texts = door, .text_count = 1},
         "full: words wanted \"刹车\", \"brake\" found nothing; words: words wanted \"刹车\", \"brake\", \"灯\" found "
         "nothing; tier: matches \"门\""},
        /* It matched, so the customer was of that tier; and only its own words were found. */
        {{.kind = "request", .known_rule = "tier"},
         "full: category wanted 油漆 found nothing; words: words wanted \"刹车\", \"brake\", \"灯\" found nothing; "
         "tier: matches"},
        {{.kind = "request", .known_rule = "tier", .tier = "silver"},
         "full: category wanted 油漆 found nothing; words: words wanted \"刹车\", \"brake\", \"灯\" found nothing; "
         "tier: tier wanted gold found silver; silver: kind wanted enquiry found request; rest: matches"},
    };
    /* clang-format on */
    struct err err = ERR_NONE;
    struct standard *s = standard_parse(rules, "t", &err);

    assert_non_null(s);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct standard_explanation got = {.verdicts = NULL};
        struct text text = {.data = NULL};

        standard_explain(s, &cases[i].request, &got);
        describe(&got, &text);
        assert_string_equal(text.data, cases[i].want);
        assert_string_equal(got.decision.rule, got.verdicts[got.count - 1].rule);
        standard_explain_free(&got);
        text_free(&text);
    }
    standard_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_says_which_condition_did_not_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
