/* SPDX-License-Identifier: Apache-2.0 */
/* plan_event_risk_test.c - which news of loyalty makes a follow-up, and by which rule. What is
 * known of the customer is read from the database: a system test has that. */
#include "services/followup/plan_events.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"

#define NOW_US   (500000 * DURATION_H) /* 2027-01-15 */
#define CUSTOMER (5 << 8 | 7)
#define UNSAID   ((double)NAN)

static struct rulebook *rulebook; /* of one test */

static const char rules_text[] =
    "rules = ("
    "{ name = \"likely\"; trigger = \"churn_risk\"; churn_at_least = 0.6; window = \"7d\"; },"
    "{ name = \"gold\"; trigger = \"churn_risk\"; tier = \"gold\"; score_below = 90;"
    "  window = \"7d\"; },"
    "{ name = \"low\"; trigger = \"churn_risk\"; score_below = 40; window = \"7d\"; } );";

static int set_up(void **state)
{
    static struct plan_batch b;
    plan_batch_init(&b);
    b.zones = zone_shelf_new();
    rulebook = rulebook_parse(rules_text, "test", NULL);
    b.plan.rules = rulebook;
    b.plan.rule_version = 1;
    b.plan.zone_version = "2025b";
    b.plan.now_us = NOW_US;
    assert_non_null(rulebook);
    *state = &b;
    return 0;
}

static int tear_down(void **state)
{
    struct plan_batch *b = *state;
    rulebook_free(rulebook);
    zone_shelf_free(b->zones);
    plan_batch_free(b);
    return 0;
}

/* The name of the rule that it was planned by; NULL: nothing was. */
static const char *plan(struct plan_batch *b, Troth__V1__Event *e)
{
    e->has_customer = e->has_occurred_us = true;
    e->customer = CUSTOMER;
    e->occurred_us = NOW_US;
    plan_batch_begin(b);
    if (plan_event_gather_risk(b, e)) {
        plan_event_apply_risk(b, e);
        plan_event_apply_risk(b, e); /* once in a quarter */
    }
    assert_in_range(b->plan.list.count, 0, 1);
    return b->plan.list.count > 0 ? b->plan.list.items[0].rule : NULL;
}

static void check(const char *name, const char *got, const char *want)
{
    if ((got != NULL) != (want != NULL) || (got && strcmp(got, want) != 0)) {
        fail_msg("%s: %s", name, got ? got : "nothing");
    }
}

static void a_higher_risk_is_acted_on_and_a_lower_one_is_not(void **state)
{
    static struct { /* messages take no constant texts */
        const char *name;
        char before[8], after[8];
        double churn, index;
        char tier[8];
        const char *want;
    } cases[] = {
        {"from low to high",     "low",    "high",   0.7,    70,     "",     "likely"},
        {"just high enough",     "raised", "high",   0.6,    70,     "",     "likely"},
        {"not so high",          "low",    "raised", 0.599,  70,     "",     NULL    },
        {"by the index then",    "low",    "raised", 0.5,    39.9,   "",     "low"   },
        {"by the tier it tells", "low",    "raised", 0.5,    70,     "gold", "gold"  },
        {"it falls",             "high",   "raised", 0.65,   70,     "",     NULL    },
        {"the same",             "high",   "high",   0.65,   70,     "",     NULL    },
        {"a word of tomorrow",   "high",   "huge",   0.9,    70,     "",     NULL    },
        {"no words",             "",       "",       0.9,    70,     "",     NULL    },
        {"nothing is said",      "low",    "high",   UNSAID, UNSAID, "",     NULL    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Troth__V1__ChurnRiskChanged body = TROTH__V1__CHURN_RISK_CHANGED__INIT;
        Troth__V1__Event e = TROTH__V1__EVENT__INIT;
        body.before = cases[i].before[0] ? cases[i].before : NULL;
        body.after = cases[i].after[0] ? cases[i].after : NULL;
        body.has_churn = !isnan(cases[i].churn);
        body.churn = cases[i].churn;
        body.has_index = !isnan(cases[i].index);
        body.index = cases[i].index;
        body.tier = cases[i].tier;
        e.body_case = TROTH__V1__EVENT__BODY_CHURN_RISK_CHANGED;
        e.churn_risk_changed = &body;
        check(cases[i].name, plan(*state, &e), cases[i].want);
        e.is_reversal = e.has_is_reversal = true;
        check(cases[i].name, plan(*state, &e), NULL);
    }
}

static void an_index_that_moved_tells_the_risk_with_it(void **state)
{
    static struct {
        const char *name;
        double churn, index;
        char tier[8];
        const char *want;
    } cases[] = {
        {"likely to leave",  0.6,    70,     "silver", "likely"},
        {"not likely, low",  0.2,    39,     "bronze", "low"   },
        {"neither",          0.2,    40,     "bronze", NULL    },
        {"gold and falling", 0.2,    85,     "gold",   "gold"  },
        {"without a risk",   UNSAID, 39,     "",       "low"   },
        {"without an index", 0.9,    UNSAID, "",       NULL    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Troth__V1__ScoreChanged body = TROTH__V1__SCORE_CHANGED__INIT;
        Troth__V1__Event e = TROTH__V1__EVENT__INIT;
        body.has_churn = !isnan(cases[i].churn);
        body.churn = cases[i].churn;
        body.has_index_after = !isnan(cases[i].index);
        body.index_after = cases[i].index;
        body.tier = cases[i].tier;
        e.body_case = TROTH__V1__EVENT__BODY_SCORE_CHANGED;
        e.score_changed = &body;
        check(cases[i].name, plan(*state, &e), cases[i].want);
    }
}

static void broken_trust_is_acted_on_by_what_else_is_known(void **state)
{
    Troth__V1__TrustBroken body = TROTH__V1__TRUST_BROKEN__INIT;
    Troth__V1__Event e = TROTH__V1__EVENT__INIT;
    e.body_case = TROTH__V1__EVENT__BODY_TRUST_BROKEN;
    e.trust_broken = &body;
    check("nothing is known", plan(*state, &e), NULL);
    body.has_index = true;
    body.index = 39;
    check("a low index", plan(*state, &e), "low");
    body.index = 95;
    check("a high index", plan(*state, &e), NULL);
}

static void only_these_three_are_planned_for(void **state)
{
    (void)state;
    assert_ptr_equal(plan_event_find(TROTH__V1__EVENT__BODY_SCORE_CHANGED)->apply,
                     plan_event_apply_risk);
    assert_ptr_equal(plan_event_find(TROTH__V1__EVENT__BODY_CHURN_RISK_CHANGED)->apply,
                     plan_event_apply_risk);
    assert_ptr_equal(plan_event_find(TROTH__V1__EVENT__BODY_TRUST_BROKEN)->apply,
                     plan_event_apply_risk);
    assert_null(plan_event_find(TROTH__V1__EVENT__BODY_TIER_CHANGED));
    assert_null(plan_event_find(TROTH__V1__EVENT__BODY_POINTS_CHANGED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_higher_risk_is_acted_on_and_a_lower_one_is_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_index_that_moved_tells_the_risk_with_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(broken_trust_is_acted_on_by_what_else_is_known, set_up,
                                        tear_down),
        cmocka_unit_test(only_these_three_are_planned_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
