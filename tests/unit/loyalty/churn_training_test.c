/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/churn_training.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/duration.h"
#include "common/model/special_function.h"
#include "tests/unit/loyalty/chance.h"

#define NEAR(a, b, tolerance) assert_true(fabs((double)(a) - (double)(b)) <= (tolerance))
#define NOW                   (INT64_C(20000) * DURATION_DAY)
#define AGO(days)             (NOW - (days)*DURATION_DAY)

/* ---- what is learned */

/* Who leaves does so for broken promises and silence, and not for complaints. */
static struct churn_observation make(struct chance *c, uint8_t part)
{
    struct churn_observation o = {.part = part};
    double broken = floor(3 * chance_uniform(c)), silence = 2 * chance_uniform(c);
    o.features[CHURN_BROKEN] = (float)broken;
    o.features[CHURN_SILENCE] = (float)silence;
    o.features[CHURN_COMPLAINTS] = (float)floor(2 * chance_uniform(c));
    o.features[CHURN_VALUE] = (float)chance_uniform(c);
    o.has_left = chance_uniform(c) < logistic_of_logit(-2 + 1.2 * broken + 0.6 * silence);
    return o;
}

static struct churn_training *training_of(size_t count, uint64_t seed)
{
    struct churn_training *t = churn_training_new();
    struct chance c = {seed};
    for (size_t i = 0; i < count; i++) {
        if (i % CHURN_BUCKET_MAX == 0) {
            churn_training_bucket(t);
        }
        struct churn_observation o = make(&c, (uint8_t)(i % 5));
        churn_training_add(t, &o);
    }
    return t;
}

static struct fit_row finish(struct churn_training *t)
{
    struct fit_set fits = fit_set_none;
    fits.has_purchases = true;
    struct fit_row row = churn_training_finish(t, &fits, AGO(400), AGO(200));
    churn_training_free(t);
    return row;
}

static double error_of(const struct fit_row *row, const char *name)
{
    for (size_t i = 0; i < row->error_count; i++) {
        if (strcmp(row->errors[i].name, name) == 0) {
            return row->errors[i].value;
        }
    }
    fail_msg("there is no %s", name);
    return NAN;
}

static void it_finds_why_customers_left(void **state)
{
    struct fit_row row = finish(training_of(20000, 1));
    const double *b = row.set.churn_coefficients;
    assert_true(row.is_in_force && row.is_converged && row.set.is_churn_by_alive);
    assert_int_equal(row.observations, 20000);
    NEAR(b[0], -2, 0.15);
    NEAR(b[1 + CHURN_BROKEN], 1.2, 0.1);
    NEAR(b[1 + CHURN_SILENCE], 0.6, 0.1);
    NEAR(b[1 + CHURN_COMPLAINTS], 0, 0.1);
    assert_true(b[1 + CHURN_GONE] == 0); /* was always the same */
    assert_true(row.has_standard_errors);
    assert_true(row.standard_errors[1 + CHURN_BROKEN] > 0.01);
    assert_true(row.standard_errors[1 + CHURN_BROKEN] < 0.05);
    NEAR(row.set.churn_calibration[0], 0, 0.15);
    NEAR(row.set.churn_calibration[1], 1, 0.15);
    assert_true(row.has_likelihood && row.log_likelihood < 0);
}

static void what_it_tells_others_comes_true_and_beats_the_rule(void **state)
{
    struct fit_row row = finish(training_of(20000, 2));
    NEAR(error_of(&row, "learned"), 12000, 0);
    NEAR(error_of(&row, "calibrated"), 4000, 0);
    NEAR(error_of(&row, "told"), 4000, 0);
    NEAR(error_of(&row, "told_share"), error_of(&row, "left_share"), 0.03);
    assert_true(error_of(&row, "calibration_error") < 0.04);
    assert_true(error_of(&row, "auc") > 0.7);
    assert_true(error_of(&row, "brier") < error_of(&row, "brier_of_share"));
    assert_true(error_of(&row, "brier") < error_of(&row, "rule_brier"));
}

static void too_little_history_is_said_with_numbers(void **state)
{
    struct fit_row row = finish(training_of(199, 3));
    assert_false(row.is_in_force || row.is_converged);
    assert_non_null(strstr(row.why_not, "199 observations"));
    assert_non_null(strstr(row.why_not, "200 are needed"));
    assert_false(finish(churn_training_new()).is_in_force);
    /* Enough of them, and next to none left. */
    struct churn_training *t = churn_training_new();
    struct chance c = {4};
    for (int i = 0; i < 1000; i++) {
        struct churn_observation o = make(&c, (uint8_t)(i % 5));
        o.has_left = i < 19;
        churn_training_add(t, &o);
    }
    row = finish(t);
    assert_false(row.is_in_force);
    assert_non_null(strstr(row.why_not, "19 of whom left"));
}

/* What is true of those who are learned from is the other way round for the parts up to this one.
 */
static struct fit_row learn_what_is_not_so(uint8_t wrong_part)
{
    struct churn_training *t = churn_training_new();
    struct chance c = {5};
    for (int i = 0; i < 1000; i++) {
        struct churn_observation o = make(&c, (uint8_t)(i % 5));
        o.has_left = (o.features[CHURN_BROKEN] > 0) == (o.part > wrong_part);
        churn_training_add(t, &o);
    }
    return finish(t);
}

static void what_tells_others_no_better_than_the_share_is_not_put_in_force(void **state)
{
    struct fit_row row = learn_what_is_not_so(0);
    assert_true(row.is_converged);
    assert_false(row.is_in_force);
    assert_non_null(strstr(row.why_not, "no better than to tell everyone the same"));
    row = learn_what_is_not_so(1);
    assert_true(row.is_converged);
    assert_false(row.is_in_force);
    assert_non_null(strstr(row.why_not, "left the less the likelier it told it"));
}

static void a_large_bucket_is_a_random_choice_and_the_same_each_time(void **state)
{
    struct churn_training *t[2];
    struct fit_row rows[2];
    for (int k = 0; k < 2; k++) {
        struct chance c = {6};
        t[k] = churn_training_new();
        churn_training_bucket(t[k]);
        for (int i = 0; i < 20000; i++) {
            struct churn_observation o = make(&c, (uint8_t)(i % 5));
            churn_training_add(t[k], &o);
        }
        rows[k] = finish(t[k]);
    }
    assert_int_equal(rows[0].observations, CHURN_BUCKET_MAX);
    assert_true(rows[0].log_likelihood == rows[1].log_likelihood);
    /* Not only the first ones: those have another likelihood. */
    struct fit_row first = finish(training_of(CHURN_BUCKET_MAX, 6));
    assert_true(first.log_likelihood != rows[0].log_likelihood);
    NEAR(rows[0].set.churn_coefficients[1 + CHURN_BROKEN], 1.2, 0.25);
}

/* ---- what is observed */

struct history {
    struct evidence rows[8];
    size_t count;
    int64_t contacts_us[4];
    size_t contact_count;
};

static void buy(struct history *h, int64_t at_us)
{
    size_t i = h->count++;
    h->rows[i] = (struct evidence){
        .customer = 0x1207,
        .kind = EVIDENCE_PURCHASE,
        .subject = (int64_t)i + 1,
        .version = 1,
        .value = 100,
        .at_us = at_us,
        .recorded_us = at_us,
        .label = "CNY",
    };
}

static size_t observe(const struct history *h, struct churn_observation *ret)
{
    struct churn_dates dates = churn_dates_of(NOW);
    struct churn_observer o = {
        .builder = account_builder_new(),
        .policy = &score_policy_default,
        .fits = &fit_set_none,
        .dates = &dates,
    };
    const struct churn_person person = {0x1207, h->rows, h->count, h->contacts_us,
                                        h->contact_count};
    size_t count = churn_observe(&o, &person, ret);
    account_builder_free(o.builder);
    return count;
}

static void dates_are_a_quarter_apart_and_their_future_is_past(void **state)
{
    struct churn_dates d = churn_dates_of(NOW);
    assert_true(d.at_us[CHURN_DATES_MAX - 1] == AGO(CHURN_HORIZON_DAYS));
    assert_true(d.at_us[0] == AGO(CHURN_HORIZON_DAYS + 11 * 91));
    assert_true(d.after_us == d.at_us[0] - 364 * DURATION_DAY);
}

static void who_was_not_heard_of_for_a_year_is_not_observed(void **state)
{
    struct churn_observation seen[CHURN_DATES_MAX];
    struct history h = {.count = 0};
    assert_int_equal(observe(&h, seen), 0);
    buy(&h, AGO(CHURN_HORIZON_DAYS)); /* the very last date */
    assert_int_equal(observe(&h, seen), 1);
    assert_true(seen[0].has_left);
    NEAR(seen[0].features[CHURN_SILENCE], 0, 0);
    h.count = 0;
    buy(&h, AGO(CHURN_HORIZON_DAYS + 2 * 91)); /* that date and two after it */
    assert_int_equal(observe(&h, seen), 3);
    assert_true(seen[0].has_left && seen[2].has_left);
    assert_true(seen[2].features[CHURN_SILENCE] > seen[1].features[CHURN_SILENCE]);
}

static void a_purchase_or_a_contact_within_the_horizon_is_staying(void **state)
{
    struct churn_observation seen[CHURN_DATES_MAX];
    struct history h = {.count = 0};
    buy(&h, AGO(CHURN_HORIZON_DAYS));
    buy(&h, NOW);
    assert_int_equal(observe(&h, seen), 1);
    assert_false(seen[0].has_left);
    h.rows[1].is_void = true; /* taken back */
    assert_int_equal(observe(&h, seen), 1);
    assert_true(seen[0].has_left);
    h.contacts_us[h.contact_count++] = AGO(5);
    assert_int_equal(observe(&h, seen), 1);
    assert_false(seen[0].has_left);
    h.contacts_us[0] = NOW + 1; /* too late */
    assert_int_equal(observe(&h, seen), 1);
    assert_true(seen[0].has_left);
}

static void what_came_later_is_not_in_the_features(void **state)
{
    struct churn_observation before[CHURN_DATES_MAX], after[CHURN_DATES_MAX];
    struct history h = {.count = 0};
    buy(&h, AGO(CHURN_HORIZON_DAYS));
    assert_int_equal(observe(&h, before), 1);
    buy(&h, AGO(3));
    h.contacts_us[h.contact_count++] = AGO(20);
    assert_int_equal(observe(&h, after), 1);
    assert_memory_equal(before[0].features, after[0].features, sizeof(before[0].features));
    assert_int_equal(before[0].part, after[0].part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_why_customers_left),
        cmocka_unit_test(what_it_tells_others_comes_true_and_beats_the_rule),
        cmocka_unit_test(too_little_history_is_said_with_numbers),
        cmocka_unit_test(what_tells_others_no_better_than_the_share_is_not_put_in_force),
        cmocka_unit_test(a_large_bucket_is_a_random_choice_and_the_same_each_time),
        cmocka_unit_test(dates_are_a_quarter_apart_and_their_future_is_past),
        cmocka_unit_test(who_was_not_heard_of_for_a_year_is_not_observed),
        cmocka_unit_test(a_purchase_or_a_contact_within_the_horizon_is_staying),
        cmocka_unit_test(what_came_later_is_not_in_the_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
