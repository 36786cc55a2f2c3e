/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook_match_test.c - every trigger with every condition it knows: the value asked for, another
 * one, and nothing known. */
#include "common/domain/rulebook.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "common/domain/rulebook_terms.h"

/* What a rule of each trigger must have besides the condition under test. */
static const char *const needed[FOLLOW_UP_TRIGGER_COUNT] = {
    [FOLLOW_UP_ON_CASE_RESOLVED] = "",
    [FOLLOW_UP_ON_PROMISE_AT_RISK] = "",
    [FOLLOW_UP_ON_PROMISE_BROKEN] = "",
    [FOLLOW_UP_ON_LOW_ANSWER] = "instrument = \"servqual\"; at_most = -2;",
    [FOLLOW_UP_ON_CHURN_RISK] = "score_below = 40.0;",
    [FOLLOW_UP_ON_SILENCE] = "months = 6;",
    [FOLLOW_UP_ON_BIRTHDAY] = "",
    [FOLLOW_UP_ON_FESTIVAL] = "date = \"10-01\";",
    [FOLLOW_UP_ON_SERVICE_DUE] = "months = 6;",
    [FOLLOW_UP_ON_COMPENSATION] = "",
    [FOLLOW_UP_ON_IMPROVEMENT] = "",
};

/* Matches every rule of `needed`, with every condition of `cells`. */
static const struct rulebook_facts usual_facts = {
    .kind = "complaint",
    .category = "brakes",
    .product = "engine",
    .branch = "north",
    .tier = "gold",
    .promise_kind = "resolution",
    .fault_code = "P0300",
    .priority = 2,
    .instrument = 4,
    .dimension = 2,
    .value = -3,
    .score = 20,
    .churn = 0.8,
};

/* A condition, and how facts fail it: each of the two changes the usual facts. */
struct cell {
    enum rulebook_term term;
    const char *setting;
    void (*set_other)(struct rulebook_facts *f);
    void (*set_unknown)(struct rulebook_facts *f);
};

#define SET(name, field, other, unknown)                                                           \
    static void other_##name(struct rulebook_facts *f)                                             \
    {                                                                                              \
        f->field = other;                                                                          \
    }                                                                                              \
    static void unknown_##name(struct rulebook_facts *f)                                           \
    {                                                                                              \
        f->field = unknown;                                                                        \
    }

SET(kind, kind, "praise", NULL)
SET(category, category, "paint", "")
SET(product, product, "tyre", NULL)
SET(branch, branch, "south", "")
SET(tier, tier, "bronze", NULL)
SET(promise_kind, promise_kind, "callback", NULL)
SET(fault_code, fault_code, "P0420", NULL)
SET(priority, priority, 3, 0)
SET(instrument, instrument, 1, 0)
SET(dimension, dimension, 3, 0)
SET(value, value, -1, NAN)
SET(score, score, 40, NAN)
SET(churn, churn, 0.69, NAN)

static const struct cell cells[] = {
    {RULEBOOK_KIND,              "kind = (\"request\", \"complaint\");", other_kind,         unknown_kind      },
    {RULEBOOK_CATEGORY,          "category = \"brakes\";",               other_category,     unknown_category  },
    {RULEBOOK_PRODUCT,           "product = [\"engine\"];",              other_product,      unknown_product   },
    {RULEBOOK_BRANCH,            "branch = (\"north\", \"west\");",      other_branch,       unknown_branch    },
    {RULEBOOK_TIER,              "tier = (\"silver\", \"gold\");",       other_tier,         unknown_tier      },
    {RULEBOOK_PROMISE_KIND,      "promise_kind = \"resolution\";",       other_promise_kind,
     unknown_promise_kind                                                                                      },
    {RULEBOOK_PRIORITY_AT_LEAST, "priority_at_least = 2;",               other_priority,     unknown_priority  },
    {RULEBOOK_INSTRUMENT,        "",                                     other_instrument,   unknown_instrument},
    {RULEBOOK_DIMENSION,         "dimension = \"reliability\";",         other_dimension,    unknown_dimension },
    {RULEBOOK_AT_MOST,           "",                                     other_value,        unknown_value     },
    {RULEBOOK_SCORE_BELOW,       "",                                     other_score,        unknown_score     },
    {RULEBOOK_CHURN_AT_LEAST,    "churn_at_least = 0.7;",                other_churn,        unknown_churn     },
};

static struct rulebook *parse_rule(int trigger, const char *settings, struct err *err)
{
    struct text text = {.data = NULL};
    struct rulebook *b;

    text_appendf(&text, "rules = ({ name = \"a\"; trigger = \"%s\"; window = \"1d\"; %s %s });",
                 follow_up_trigger_name(trigger), needed[trigger], settings);
    b = rulebook_parse(text.data, "test.conf", err);
    text_free(&text);
    return b;
}

static void check_cell(int trigger, const struct cell *cell)
{
    struct err err = ERR_NONE;
    struct rulebook *b = parse_rule(trigger, cell->setting, &err);
    struct rulebook_facts facts = usual_facts;
    const char *why = NULL;

    if (!b) {
        fail_msg("%s %s: %s", follow_up_trigger_name(trigger), cell->setting, err.text);
    }
    facts.trigger = trigger;
    assert_true(rulebook_matches(rulebook_rule(b, 0), &facts, &why));
    assert_null(why);
    cell->set_other(&facts);
    assert_false(rulebook_matches(rulebook_rule(b, 0), &facts, &why));
    assert_string_equal(why, rulebook_term_name(cell->term));
    facts = usual_facts;
    facts.trigger = trigger;
    cell->set_unknown(&facts);
    why = NULL;
    assert_false(rulebook_matches(rulebook_rule(b, 0), &facts, &why));
    assert_string_equal(why, rulebook_term_name(cell->term));
    rulebook_free(b);
}

static void a_condition_holds_for_its_values_alone(void **state)
{
    (void)state;
    for (int trigger = 1; trigger < FOLLOW_UP_TRIGGER_COUNT; trigger++) {
        for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
            if (rulebook_trigger(trigger)->knows & RULEBOOK_BIT(cells[i].term)) {
                check_cell(trigger, &cells[i]);
            }
        }
    }
}

static void a_trigger_refuses_conditions_it_does_not_know(void **state)
{
    (void)state;
    for (int trigger = 1; trigger < FOLLOW_UP_TRIGGER_COUNT; trigger++) {
        for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
            struct err err = ERR_NONE;

            if (rulebook_trigger(trigger)->knows & RULEBOOK_BIT(cells[i].term) ||
                cells[i].setting[0] == '\0') {
                continue;
            }
            assert_null(parse_rule(trigger, cells[i].setting, &err));
            assert_string_equal(err.code, "rules_invalid");
            assert_non_null(strstr(err.text, "knows no such thing"));
            assert_non_null(strstr(err.field, rulebook_term_name(cells[i].term)));
        }
    }
}

/* In no table of the test before: it needs a rule without counts. */
static void a_fault_is_one_of_the_codes(void **state)
{
    struct err err = ERR_NONE;
    struct rulebook *b = rulebook_parse(
        "rules = ({ name = \"f\"; trigger = \"service_due\"; window = \"1d\"; on_fault = true; "
        "fault_code = (\"P0300\", \"P0301\"); });",
        "test.conf", &err);
    struct rulebook_facts facts = usual_facts;
    const char *why = NULL;

    (void)state;
    assert_non_null(b);
    facts.trigger = FOLLOW_UP_ON_SERVICE_DUE;
    assert_ptr_equal(rulebook_match(b, NULL, &facts), rulebook_rule(b, 0));
    other_fault_code(&facts);
    assert_false(rulebook_matches(rulebook_rule(b, 0), &facts, &why));
    assert_string_equal(why, "fault_code");
    unknown_fault_code(&facts);
    assert_null(rulebook_match(b, NULL, &facts));
    rulebook_free(b);
}

static void bounds_belong_to_the_rule(void **state)
{
    struct err err = ERR_NONE;
    struct rulebook *b = rulebook_parse(
        "rules = ({ name = \"l\"; trigger = \"low_answer\"; window = \"1d\"; instrument = \"nps\"; "
        "at_most = 6; }, { name = \"c\"; trigger = \"churn_risk\"; window = \"1d\"; "
        "churn_at_least = 0.5; score_below = 40; });",
        "test.conf", &err);
    struct rulebook_facts f = {.trigger = FOLLOW_UP_ON_LOW_ANSWER, .instrument = 2, .value = 6};

    (void)state;
    assert_non_null(b);
    assert_non_null(rulebook_match(b, NULL, &f));
    f.value = 7;
    assert_null(rulebook_match(b, NULL, &f));
    f = (struct rulebook_facts){.trigger = FOLLOW_UP_ON_CHURN_RISK, .churn = 0.5, .score = 39.999};
    assert_non_null(rulebook_match(b, NULL, &f));
    f.score = 40;
    assert_null(rulebook_match(b, NULL, &f));
    rulebook_free(b);
}

static void the_first_rule_of_a_topic_is_taken(void **state)
{
    struct err err = ERR_NONE;
    struct rulebook *b = rulebook_parse(
        "rules = ("
        "{ name = \"gold\"; trigger = \"case_resolved\"; window = \"1d\"; tier = \"gold\"; },"
        "{ name = \"all\"; trigger = \"case_resolved\"; window = \"1d\"; },"
        "{ name = \"moon\"; trigger = \"festival\"; topic = \"moon\"; window = \"1d\"; date = "
        "\"lunar 08-15\"; },"
        "{ name = \"spring\"; trigger = \"festival\"; topic = \"spring\"; window = \"1d\"; date = "
        "\"lunar 01-01\"; });",
        "test.conf", &err);
    struct rulebook_facts f = {.trigger = FOLLOW_UP_ON_CASE_RESOLVED, .tier = "gold"};
    const char *why = NULL;

    (void)state;
    assert_non_null(b);
    assert_string_equal(rulebook_match(b, NULL, &f)->name, "gold");
    f.tier = "silver";
    assert_string_equal(rulebook_match(b, NULL, &f)->name, "all");
    assert_string_equal(rulebook_match(b, "case_resolved", &f)->name, "all");
    assert_null(rulebook_match(b, "moon", &f));
    f.trigger = FOLLOW_UP_ON_FESTIVAL;
    assert_string_equal(rulebook_match(b, NULL, &f)->name, "moon");
    assert_string_equal(rulebook_match(b, "spring", &f)->name, "spring");
    assert_false(rulebook_matches(rulebook_find(b, "all"), &f, &why));
    assert_string_equal(why, "trigger");
    f.trigger = FOLLOW_UP_ON_BIRTHDAY;
    assert_null(rulebook_match(b, NULL, &f));
    rulebook_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_condition_holds_for_its_values_alone),
        cmocka_unit_test(a_trigger_refuses_conditions_it_does_not_know),
        cmocka_unit_test(a_fault_is_one_of_the_codes),
        cmocka_unit_test(bounds_belong_to_the_rule),
        cmocka_unit_test(the_first_rule_of_a_topic_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
