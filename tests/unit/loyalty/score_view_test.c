/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/domain/identifier.h"

#define CUSTOMER    0x10107
#define MESSAGE_MAX ((size_t)64 * 1024)

static struct score_row row_of(int64_t number)
{
    struct score_row row = {
        .customer = {.number = number,
                     .account = {.kept = 3, .kept_late = 1, .broken = 2},
                     .changed_us = 77}
    };

    row.customer.answers =
        (struct satisfaction){.csat_count = 2, .csat_sum = 7, .nps_detractors = 1};
    row.customer.index = index_of(&row.customer.account, &row.customer.answers);
    return row;
}

static struct evidence evidence_of(int64_t customer, enum evidence_kind kind, int64_t subject,
                                   int32_t value)
{
    return (struct evidence){
        .customer = customer,
        .kind = kind,
        .subject = subject,
        .value = value,
        .at_us = 42,
        .stream = "intake.3",
        .seq = 99,
    };
}

static void a_score_shows_contributions_with_their_evidence(void **state)
{
    struct score_row row = row_of(CUSTOMER);
    struct evidence evidence[] = {
        evidence_of(CUSTOMER, EVIDENCE_PROMISE, 0x20207, 5),
        evidence_of(CUSTOMER, EVIDENCE_PROMISE, 0x20307, 4),
        evidence_of(CUSTOMER, EVIDENCE_CSAT, 0x30307, 2),
        evidence_of(CUSTOMER + 256, EVIDENCE_NPS, 0x40407, 9),
    };
    char promise[IDENTIFIER_TEXT_SIZE], service_case[IDENTIFIER_TEXT_SIZE];

    evidence[2].service_case = 0x50507;
    Troth__V1__ScoreReply *reply = score_reply_new("r-1", NULL, NULL);
    score_reply_add(reply, &row, evidence, 4);
    const Troth__V1__Score *score = reply->scores[0];
    assert_string_equal(reply->request_id, "r-1");
    assert_null(reply->code);
    assert_int_equal(score->n_contributions, CONTRIBUTION_COUNT);
    double sum = 0;
    for (size_t i = 0; i < score->n_contributions; i++) {
        sum += score->contributions[i]->points;
    }
    assert_true(sum - score->index < 1e-9 && score->index - sum < 1e-9);
    const Troth__V1__Contribution *trust = score->contributions[CONTRIBUTION_TRUST];
    assert_int_equal(trust->n_evidence, 2);
    assert_string_equal(trust->evidence[0]->kind, "promise_broken");
    assert_string_equal(trust->evidence[1]->kind, "promise_kept_late");
    assert_string_equal(trust->evidence[0]->subject,
                        identifier_format(IDENTIFIER_PROMISE, 0x20207, promise));
    assert_string_equal(trust->evidence[0]->event, "intake.3/7/99");
    const Troth__V1__Contribution *satisfaction = score->contributions[CONTRIBUTION_SATISFACTION];
    assert_string_equal(satisfaction->evidence[0]->subject,
                        identifier_format(IDENTIFIER_CASE, 0x50507, service_case));
    assert_true(satisfaction->evidence[0]->value == 2.0);
    assert_int_equal(score->contributions[CONTRIBUTION_RECOMMENDATION]->n_evidence, 0);
    assert_int_equal(score->promises_kept, 3);
    assert_int_equal(score->promises_broken, 3);
    assert_true(score->csat_mean == 3.5);
    assert_true(score->nps == -100.0);
    assert_int_equal(score->changed_us, 77);
    assert_false(score->has_index_before);
    troth__v1__score_reply__free_unpacked(reply, NULL);
}

static void without_evidence_nothing_is_invented(void **state)
{
    struct score_row row = {
        .customer = {.number = CUSTOMER, .changed_us = INT64_MIN}
    };

    row.customer.index = index_of(&row.customer.account, &row.customer.answers);
    Troth__V1__ScoreReply *reply = score_reply_new(NULL, NULL, NULL);
    score_reply_add(reply, &row, NULL, 0);
    const Troth__V1__Score *score = reply->scores[0];
    assert_true(score->index == 50.0);
    assert_false(score->has_csat_mean);
    assert_false(score->has_nps);
    assert_false(score->has_changed_us);
    assert_true(score->trust == 0.5);
    assert_true(score->trust_uncertainty == 1.0);
    troth__v1__score_reply__free_unpacked(reply, NULL);
}

static void a_reply_that_is_too_large_loses_old_evidence_first(void **state)
{
    enum {
        SCORES = 100,
        EACH = 3 * SCORE_EVIDENCE_MAX
    };
    static struct evidence evidence[EACH];
    Troth__V1__ScoreReply *reply = score_reply_new("r", NULL, NULL);

    for (int64_t i = 0; i < SCORES; i++) {
        struct score_row row = row_of(CUSTOMER + 256 * i);
        for (int64_t k = 0; k < EACH; k++) {
            evidence[k] =
                evidence_of(CUSTOMER + 256 * i, (enum evidence_kind)(1 + k % 3), INT64_MAX - k, 3);
        }
        score_reply_add(reply, &row, evidence, EACH);
    }
    assert_true(troth__v1__score_reply__get_packed_size(reply) > MESSAGE_MAX);
    score_reply_fit(reply, MESSAGE_MAX);
    assert_true(troth__v1__score_reply__get_packed_size(reply) <= MESSAGE_MAX);
    assert_int_equal(reply->n_scores, SCORES);
    assert_non_null(reply->text);
    score_reply_fit(reply, 4096);
    assert_true(troth__v1__score_reply__get_packed_size(reply) <= 4096);
    assert_in_range(reply->n_scores, 1, SCORES - 1);
    troth__v1__score_reply__free_unpacked(reply, NULL);
}

static void a_reply_that_fits_is_left_alone(void **state)
{
    struct score_row row = row_of(CUSTOMER);
    const struct evidence evidence = evidence_of(CUSTOMER, EVIDENCE_PROMISE, 0x20207, 5);
    Troth__V1__ScoreReply *reply = score_reply_new("r", NULL, NULL);

    score_reply_add(reply, &row, &evidence, 1);
    score_reply_fit(reply, MESSAGE_MAX);
    assert_null(reply->text);
    assert_int_equal(reply->scores[0]->contributions[CONTRIBUTION_TRUST]->n_evidence, 1);
    troth__v1__score_reply__free_unpacked(reply, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_score_shows_contributions_with_their_evidence),
        cmocka_unit_test(without_evidence_nothing_is_invented),
        cmocka_unit_test(a_reply_that_is_too_large_loses_old_evidence_first),
        cmocka_unit_test(a_reply_that_fits_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
