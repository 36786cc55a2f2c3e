/* SPDX-License-Identifier: Apache-2.0 */
/* What an event adds by itself; and that what happened twice or is no number adds nothing wrong. */
#include "services/reporting/event_bundle.h"

#include <float.h>
#include <math.h>

#include "common/base/compiler.h"
#include "tests/support/bundle_entries.h"
#include "tests/support/writable.h"

#define BODY(name) TROTH__V1__EVENT__BODY_##name

static Troth__V1__Event event_of(Troth__V1__Event__BodyCase body)
{
    Troth__V1__Event e = TROTH__V1__EVENT__INIT;

    e.has_occurred_us = true;
    e.occurred_us = HOURS(12, 0);
    e.body_case = body;
    return e;
}

static void assert_event(const Troth__V1__Event *e, const char *want)
{
    struct figure_bundle bundle = {.count = 0};

    event_bundle_make(e, zone, &bundle);
    assert_bundle(&bundle, NULL, want);
    figure_bundle_free(&bundle);
}

static char *text(const char *from)
{
    return writable(from); /* nobody writes to it */
}

static void a_purchase_counts_for_branch_product_and_currency(void **state)
{
    Troth__V1__PurchaseMade purchase = TROTH__V1__PURCHASE_MADE__INIT;
    Troth__V1__Event e = event_of(BODY(PURCHASE_MADE));
    struct figure_bundle bundle = {.count = 0};

    e.purchase_made = &purchase;
    assert_event(&e, "purchases d0\nrevenue d0 0\n"); /* nothing is known of it but that it was */
    purchase.branch = text("north");
    purchase.product = text("x5");
    purchase.currency = text("CNY");
    purchase.has_amount_minor = true;
    purchase.amount_minor = INT64_MAX;
    event_bundle_make(&e, zone, &bundle);
    assert_string_equal(bundle.values[DIMENSION_BRANCH], "north");
    assert_string_equal(bundle.values[DIMENSION_PRODUCT], "x5");
    assert_string_equal(bundle.values[DIMENSION_CURRENCY], "CNY");
    assert_true(bundle.entries[1].sum == INT64_MAX);
    figure_bundle_free(&bundle);
}

static void a_refund_counts_for_branch_and_currency(void **state)
{
    Troth__V1__RefundMade refund = TROTH__V1__REFUND_MADE__INIT;
    Troth__V1__Event e = event_of(BODY(REFUND_MADE));
    struct figure_bundle bundle = {.count = 0};

    e.refund_made = &refund;
    refund.branch = text("north");
    refund.currency = text("CNY");
    refund.amount_minor = 8000;
    assert_event(&e, "refunds d0 8000\n");
    event_bundle_make(&e, zone, &bundle);
    assert_string_equal(bundle.values[DIMENSION_BRANCH], "north");
    assert_string_equal(bundle.values[DIMENSION_CURRENCY], "CNY");
    figure_bundle_free(&bundle);
}

static void what_is_taken_back_has_the_same_bundle_on_the_same_day(void **state)
{
    Troth__V1__PurchaseMade purchase = TROTH__V1__PURCHASE_MADE__INIT;
    Troth__V1__Event e = event_of(BODY(PURCHASE_MADE));

    e.purchase_made = &purchase;
    purchase.amount_minor = 8000;
    for (int i = 0; i <= 1; i++) {
        e.has_is_reversal = e.is_reversal = i != 0;
        e.has_recorded_us = true;
        e.recorded_us = HOURS(100, 0);
        e.occurred_us = HOURS(24, 0) - 1;
        assert_event(&e, "purchases d0\nrevenue d0 8000\n");
        e.occurred_us = HOURS(24, 0);
        assert_event(&e, "purchases d1\nrevenue d1 8000\n");
    }
}

static void a_tier_moves_up_or_down_between_tiers_that_there_are(void **state)
{
    static const struct {
        const char *before, *after, *want;
    } cases[] = {
        {"bronze", "silver", "tier_up d0 move=bronze>silver\n"},
        {"bronze", "gold",   "tier_up d0 move=bronze>gold\n"  },
        {"silver", "gold",   "tier_up d0 move=silver>gold\n"  },
        {"gold",   "silver", "tier_down d0 move=gold>silver\n"},
        {"gold",   "bronze", "tier_down d0 move=gold>bronze\n"},
        {"gold",   "gold",   ""                               },
        {"",       "gold",   ""                               },
        {"gold",   "",       ""                               },
        {NULL,     "gold",   ""                               },
        {"gold",   NULL,     ""                               },
        {"silver", "Gold",   ""                               },
        {"silver", "platin", ""                               },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Troth__V1__TierChanged moved = TROTH__V1__TIER_CHANGED__INIT;
        Troth__V1__Event e = event_of(BODY(TIER_CHANGED));
        moved.before = text(cases[i].before);
        moved.after = text(cases[i].after);
        e.tier_changed = &moved;
        assert_event(&e, cases[i].want);
    }
}

static void only_a_risk_that_rose_is_counted(void **state)
{
    static const struct {
        const char *before, *after, *want;
    } cases[] = {
        {"low",    "raised", "churn_raised d0 move=low>raised\n" },
        {"low",    "high",   "churn_raised d0 move=low>high\n"   },
        {"raised", "high",   "churn_raised d0 move=raised>high\n"},
        {"high",   "raised", ""                                  },
        {"raised", "raised", ""                                  },
        {"",       "high",   ""                                  },
        {NULL,     "high",   ""                                  },
        {"low",    NULL,     ""                                  },
        {"low",    "gone",   ""                                  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Troth__V1__ChurnRiskChanged moved = TROTH__V1__CHURN_RISK_CHANGED__INIT;
        Troth__V1__Event e = event_of(BODY(CHURN_RISK_CHANGED));
        moved.before = text(cases[i].before);
        moved.after = text(cases[i].after);
        e.churn_risk_changed = &moved;
        assert_event(&e, cases[i].want);
    }
}

static void an_index_moves_by_the_hundredths_that_people_see(void **state)
{
    static const struct {
        double before, after;
        const char *want;
    } cases[] = {
        {50,        52.5,    "index_rose d0 250 reason=\n"  },
        {52.5,      50,      "index_fell d0 250 reason=\n"  },
        {50,        50,      ""                             },
        {50.001,    50.004,  ""                             },
        {50.004,    50.006,  "index_rose d0 1 reason=\n"    },
        {0,         100,     "index_rose d0 10000 reason=\n"},
        {100,       0,       "index_fell d0 10000 reason=\n"},
        {NAN,       0,       ""                             },
        {NAN,       NAN,     ""                             },
        {INFINITY,  0,       ""                             },
        {-INFINITY, 0,       ""                             },
        {DBL_MAX,   0,       ""                             },
        {-DBL_MAX,  0,       ""                             },
        {0,         -1e17,   ""                             },
        {-1e18,     1e18,    ""                             },
        {0,         DBL_MIN, ""                             },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Troth__V1__ScoreChanged moved = TROTH__V1__SCORE_CHANGED__INIT;
        Troth__V1__Event e = event_of(BODY(SCORE_CHANGED));
        moved.index_before = cases[i].before;
        moved.index_after = cases[i].after;
        e.score_changed = &moved;
        assert_event(&e, cases[i].want);
    }
}

/* What is lost and won adds up to where the index is. */
static void many_small_moves_add_up_to_the_whole(void **state)
{
    struct figure_bundle bundle = {.count = 0};
    double index = 50;
    int64_t hundredths = 0;

    for (int i = 0; i < 1000; i++) {
        Troth__V1__ScoreChanged moved = TROTH__V1__SCORE_CHANGED__INIT;
        Troth__V1__Event e = event_of(BODY(SCORE_CHANGED));
        moved.index_before = index;
        index += i % 3 == 0 ? -0.0931 : 0.0117 * (i % 7);
        moved.index_after = index;
        moved.reason = text("promise");
        e.score_changed = &moved;
        figure_bundle_clear(&bundle);
        event_bundle_make(&e, zone, &bundle);
        for (size_t k = 0; k < bundle.count; k++) {
            const struct figure_entry *entry = &bundle.entries[k];
            assert_true(entry->sum > 0);
            assert_string_equal(entry->values[0].value, "promise");
            hundredths += entry->measure == MEASURE_INDEX_ROSE ? entry->sum : -entry->sum;
        }
    }
    assert_int_equal(hundredths, llround(index * 100) - 5000);
    figure_bundle_free(&bundle);
}

/* Events that say which case, follow-up or answer to look at add nothing by themselves; nor do
 * those that say nothing. */
static void all_other_events_add_nothing(void **state)
{
    const ProtobufCMessageDescriptor *type = &troth__v1__event__descriptor;
    size_t bodies = 0, empty = 0;

    for (unsigned i = 0; i < type->n_fields; i++) {
        const unsigned id = type->fields[i].id;
        const uint8_t wire[] = {(uint8_t)(id << 3 | 2) | 0x80, (uint8_t)(id >> 4), 0};
        struct figure_bundle bundle = {.count = 0};
        if ((type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) {
            continue;
        }
        Troth__V1__Event *e = troth__v1__event__unpack(NULL, sizeof(wire), wire);
        assert_non_null(e);
        assert_int_equal(e->body_case, id);
        event_bundle_make(e, zone, &bundle);
        bodies++;
        empty += bundle.count == 0;
        figure_bundle_free(&bundle);
        troth__v1__event__free_unpacked(e, NULL);
    }
    assert_int_equal(bodies - empty, 3); /* a purchase, a refund, trust that broke */
    const Troth__V1__Event nothing = event_of(BODY(_NOT_SET));
    assert_event(&nothing, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_purchase_counts_for_branch_product_and_currency),
        cmocka_unit_test(a_refund_counts_for_branch_and_currency),
        cmocka_unit_test(what_is_taken_back_has_the_same_bundle_on_the_same_day),
        cmocka_unit_test(a_tier_moves_up_or_down_between_tiers_that_there_are),
        cmocka_unit_test(only_a_risk_that_rose_is_counted),
        cmocka_unit_test(an_index_moves_by_the_hundredths_that_people_see),
        cmocka_unit_test(many_small_moves_add_up_to_the_whole),
        cmocka_unit_test(all_other_events_add_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
