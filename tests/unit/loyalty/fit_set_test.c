/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/fit_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/loyalty/churn_model.h"

static const char purchases[] = "{\"r\": 0.243, \"alpha\": 30.9, \"a\": 0.79, \"b\": 2.4}";

static void take(struct fit_set *set, int64_t id, enum fit_model model, const char *parameters)
{
    struct err err;
    if (fit_set_take(set, id, model, parameters, &err) < 0) {
        fail_msg("%s", err.text);
    }
}

static void without_fits_the_averages_are_the_middles_of_the_scales(void **state)
{
    const struct fit_set *s = &fit_set_none;
    assert_false(s->has_purchases || s->has_spend || s->has_churn || s->has_averages || s->has_rfm);
    assert_true(s->id == 0 && s->average_csat == 3 && s->average_ces == 4);
    assert_true(s->average_nps_share == 0 && s->average_gap == 0 && s->average_experience == 0);
}

static void each_model_is_taken_alone_and_the_newest_names_the_set(void **state)
{
    struct fit_set s = fit_set_none;
    take(&s, 9, FIT_PURCHASES, purchases);
    take(&s, 7, FIT_SPEND,
         "{\"p\":6.25,\"q\":3.74,\"gamma\":1544,\"currency\":\"CNY\",\"more\":1}");
    assert_true(s.has_purchases && s.has_spend && !s.has_churn);
    assert_true(s.id == 9 && s.purchases.alpha == 30.9 && s.spend.q == 3.74);
    assert_string_equal(s.currency, "CNY");
}

/* Any double must come back as it was. */
static void what_is_written_is_read_again_to_the_last_bit(void **state)
{
    for (enum fit_model m = FIT_PURCHASES; m < FIT_MODEL_END; m++) {
        struct fit_set from = fit_set_none, to = fit_set_none;
        struct text text = {0};
        double value = 1 + 1.0 / 3;
        for (const struct fit_parameter *p = fit_model_parameters(m); p->name; p++) {
            double fit = value < p->max ? value : 1.0 / 3;
            memcpy((char *)&from + p->at, &fit, sizeof(fit));
            value += 0.1;
        }
        (void)text_copy(from.currency, sizeof(from.currency), "EUR");
        (void)text_copy(from.rfm_currency, sizeof(from.rfm_currency), "USD");
        from.is_churn_by_alive = true;
        fit_set_write(&from, m, &text);
        take(&to, 3, m, text.data);
        for (const struct fit_parameter *p = fit_model_parameters(m); p->name; p++) {
            assert_memory_equal((char *)&from + p->at, (char *)&to + p->at, sizeof(double));
        }
        assert_string_equal(to.currency, m == FIT_SPEND ? "EUR" : "");
        assert_string_equal(to.rfm_currency, m == FIT_RFM ? "USD" : "");
        assert_true(to.is_churn_by_alive == (m == FIT_CHURN));
        text_free(&text);
    }
}

static void what_a_model_cannot_use_is_refused_and_changes_nothing(void **state)
{
    static const struct {
        enum fit_model model;
        const char *parameters;
    } cases[] = {
        {FIT_PURCHASES, ""                                                                 },
        {FIT_PURCHASES, "[]"                                                               },
        {FIT_PURCHASES, "{}"                                                               },
        {FIT_PURCHASES, "{\"r\":0.2,\"alpha\":30,\"a\":0.7}"                               },
        {FIT_PURCHASES, "{\"r\":0.2,\"alpha\":30,\"a\":0.7,\"b\":0}"                       },
        {FIT_PURCHASES, "{\"r\":0.2,\"alpha\":30,\"a\":0.7,\"b\":\"2\"}"                   },
        {FIT_PURCHASES, "{\"r\":1e400,\"alpha\":30,\"a\":0.7,\"b\":2}"                     },
        {FIT_SPEND,     "{\"p\":6,\"q\":1,\"gamma\":15,\"currency\":\"CNY\"}"              },
        {FIT_SPEND,     "{\"p\":6,\"q\":3,\"gamma\":15}"                                   },
        {FIT_SPEND,     "{\"p\":6,\"q\":3,\"gamma\":15,\"currency\":\"YUAN\"}"             },
        {FIT_CHURN,     "{\"intercept\":1}"                                                },
        {FIT_AVERAGES,  "{\"csat\":6,\"nps_share\":0,\"ces\":4,\"gap\":0,\"experience\":0}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fit_set s = fit_set_none;
        struct err err;
        take(&s, 1, FIT_PURCHASES, purchases);
        assert_int_equal(fit_set_take(&s, 2, cases[i].model, cases[i].parameters, &err), -1);
        assert_string_equal(err.code, "fit_invalid");
        assert_true(s.id == 1 && s.purchases.r == 0.243 && !s.has_churn && !s.has_spend);
    }
}

static void names_are_those_of_the_table_and_of_the_features(void **state)
{
    for (enum fit_model m = FIT_PURCHASES; m < FIT_MODEL_END; m++) {
        assert_int_equal(fit_model_of(fit_model_name(m)), m);
    }
    assert_int_equal(fit_model_of("contracts"), 0);
    for (size_t i = 0; i < CHURN_FEATURE_COUNT; i++) {
        assert_string_equal(fit_model_parameters(FIT_CHURN)[i + 1].name, churn_feature_name(i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_fits_the_averages_are_the_middles_of_the_scales),
        cmocka_unit_test(each_model_is_taken_alone_and_the_newest_names_the_set),
        cmocka_unit_test(what_is_written_is_read_again_to_the_last_bit),
        cmocka_unit_test(what_a_model_cannot_use_is_refused_and_changes_nothing),
        cmocka_unit_test(names_are_those_of_the_table_and_of_the_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
