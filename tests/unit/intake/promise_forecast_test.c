/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/promise_forecast.h"

#include "services/intake/forecast.h"
#include "tests/unit/intake/decide_world.h"

/* 60 % of resolutions are done after two days, 80 % after two and a half. */
static const struct survival_step steps[] = {
    {2 * DURATION_DAY,     0.4, 0.1},
    {5 * DURATION_DAY / 2, 0.2, 0.1}
};

static struct forecast *forecast;
static struct standard_shelf *shelf;
static double told_chance; /* of the last promise that was made; -1: none was told */

static void note_chance(void *ctx, const Troth__V1__Event *e)
{
    note_event(ctx, e);
    if (e->body_case == TROTH__V1__EVENT__BODY_PROMISE_MADE) {
        told_chance = e->promise_made->has_chance ? e->promise_made->chance : -1.0;
    }
}

static void know(const char *kind, const char *team)
{
    forecast_add(forecast, &(struct forecast_curve){
                               .key = {kind, team, "24x7"},
                               .past_cases = 33,
                               .kept_cases = 30,
                               .known_us = SURVIVAL_NEVER,
                               .steps = steps,
                               .step_count = ARRAY_LEN(steps),
    });
}

/* The standard in force stands on a shelf, as in intake. */
static int begin_with_past(void **state)
{
    struct err err = ERR_NONE;
    (void)begin(state);
    forecast = forecast_new();
    shelf = standard_shelf_new();
    standard_shelf_add(shelf, 3, standard_load(STANDARD, &err));
    t.work->forecast = forecast;
    t.work->shelf = shelf;
    t.work->emit = note_chance;
    told_chance = -2.0;
    return 0;
}

static int end_with_past(void **state)
{
    (void)end(state);
    forecast_free(forecast);
    standard_shelf_free(shelf);
    return 0;
}

#define PAST_TEST(name) cmocka_unit_test_setup_teardown(name, begin_with_past, end_with_past)

static const Troth__V1__ReceiptPromise *told(const Troth__V1__Receipt *receipt, const char *kind)
{
    for (size_t i = 0; i < receipt->n_promises; i++) {
        if (strcmp(receipt->promises[i]->kind, kind) == 0) {
            return receipt->promises[i];
        }
    }
    fail_msg("no %s in the receipt", kind);
    abort(); /* not reached */
}

static void the_receipt_tells_the_chance_and_the_safe_date(void **state)
{
    know("resolution", "customer_care");
    const Troth__V1__Receipt *receipt = decide(contact(NOW_US, KIND(COMPLAINT)));
    const Troth__V1__ReceiptPromise *p = told(receipt, "resolution"); /* in 3 days */
    (void)state;
    assert_true(p->has_chance && p->chance == 1.0 - 0.2);
    assert_int_equal(p->safe_us, NOW_US + 5 * DURATION_DAY / 2);
    assert_int_equal(p->past_cases, 33);
    assert_true(told_chance == 1.0 - 0.2);
    const struct work_case *c = t.work->cases.first;
    const struct work_promise *kept = c->promises->next;
    assert_true(kept->chance == p->chance);
    assert_int_equal(kept->safe_us, p->safe_us);
    assert_int_equal(kept->past_cases, 33);
}

static void what_is_not_known_is_left_out(void **state)
{
    know("resolution", "workshop"); /* another team */
    const Troth__V1__Receipt *receipt = decide(contact(NOW_US, KIND(COMPLAINT)));
    (void)state;
    for (size_t i = 0; i < receipt->n_promises; i++) {
        assert_false(receipt->promises[i]->has_chance);
        assert_false(receipt->promises[i]->has_safe_us);
        assert_false(receipt->promises[i]->has_past_cases);
    }
    assert_true(told_chance == -1.0);
}

static void without_a_table_nothing_is_known(void **state)
{
    (void)state;
    t.work->forecast = NULL;
    assert_false(told(decide(contact(NOW_US, KIND(COMPLAINT))), "resolution")->has_chance);
}

static void history_has_no_forecast(void **state)
{
    struct intake_record *r = contact(NOW_US - 100 * DURATION_DAY, KIND(COMPLAINT));
    (void)state;
    know("resolution", "customer_care");
    r->is_historical = true;
    assert_false(told(decide(r), "resolution")->has_chance);
}

static struct intake_record *given(int64_t case_number, const char *kind, int64_t due_us)
{
    struct intake_record *r = record(NULL, NOW_US);
    Troth__V1__PromiseGiven *m = body(sizeof(*m));
    *m = (Troth__V1__PromiseGiven)TROTH__V1__PROMISE_GIVEN__INIT;
    m->kind = borrowed(kind);
    m->words = borrowed("we see to it");
    m->has_due_us = true;
    m->due_us = due_us;
    message(r)->body_case = TROTH__V1__RECORD__BODY_PROMISE_GIVEN;
    message(r)->promise_given = m;
    r->names.customer_ref = NULL;
    r->names.case_number = case_number;
    return r;
}

static void a_date_that_a_person_gave_is_like_the_standards_promises_of_that_kind(void **state)
{
    static const struct {
        const char *kind;
        int64_t due_us;
        bool is_known;
        double chance;
    } rows[] = {
        {"resolution", 2 * DURATION_DAY,     true,  1.0 - 0.4},
        {"resolution", 2 * DURATION_DAY - 1, true,  0.0      },
        {"callback",   2 * DURATION_DAY,     false, 0.0      }, /* the rule promises none */
        {"custom",     2 * DURATION_DAY,     false, 0.0      },
    };
    (void)state;
    know("resolution", "customer_care");
    know("callback", "customer_care");
    know("custom", "customer_care");
    const struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const Troth__V1__Receipt *receipt =
            decide(given(c->number, rows[i].kind, NOW_US + rows[i].due_us));
        const Troth__V1__ReceiptPromise *p = told(receipt, rows[i].kind);
        assert_int_equal(p->has_chance, rows[i].is_known);
        if (rows[i].is_known) {
            assert_true(p->chance == rows[i].chance);
            assert_int_equal(p->safe_us, NOW_US + 5 * DURATION_DAY / 2);
        }
    }
}

static void a_second_date_has_no_forecast(void **state)
{
    (void)state;
    know("resolution", "customer_care");
    struct work_case *c = open_case(NOW_US, KIND(COMPLAINT));
    const struct work_promise *p =
        promise_decide_give(t.work, c,
                            &(struct promise_gift){.kind = "resolution",
                                                   .due_us = NOW_US + 4 * DURATION_DAY,
                                                   .source_id = 7,
                                                   .replaces = RESOLUTION(c)->number},
                            (struct work_when){.occurred_us = NOW_US});
    assert_int_equal(p->past_cases, 0);
    assert_int_equal(p->safe_us, WORK_NO_TIME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAST_TEST(the_receipt_tells_the_chance_and_the_safe_date),
        PAST_TEST(what_is_not_known_is_left_out),
        PAST_TEST(without_a_table_nothing_is_known),
        PAST_TEST(history_has_no_forecast),
        PAST_TEST(a_date_that_a_person_gave_is_like_the_standards_promises_of_that_kind),
        PAST_TEST(a_second_date_has_no_forecast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
