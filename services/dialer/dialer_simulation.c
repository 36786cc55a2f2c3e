/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_simulation.h"

#include <inttypes.h>
#include <stddef.h>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "event.pb-c.h"

/* Share of answered calls on which the customer also says how likely a recommendation is. */
#define ANSWERS_NPS 0.8

int dialer_simulation_check(const struct dialer_simulation *s, struct err *err)
{
    double sum = s->no_answer + s->busy + s->voicemail + s->refused + s->wrong_number;
    if (sum > 1.0) {
        return err_set(err, "setting_invalid",
                       "the shares of calls that are not answered add up to %.3f, more than 1",
                       sum);
    }
    return 0;
}

/* In [0, 1): even over calls, and independent for each question. */
static double chance(const struct dialer_simulation *s, const struct dialer_order *o,
                     const char *question)
{
    char text[DIALER_PHONE_SIZE + 128];
    (void)text_format(text, sizeof(text), "%" PRId64 "/%s/%s/%" PRId64 "/%d", s->seed, question,
                      o->phone, o->now_us, o->attempt);
    return (double)(bytes_hash64(bytes_of_text(text)) >> 11) * 0x1.0p-53;
}

static int32_t choose_outcome(const struct dialer_simulation *s, double roll)
{
    const struct {
        double share;
        Troth__V1__CallOutcome outcome;
    } rows[] = {
        {s->no_answer,    TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_NO_ANSWER   },
        {s->busy,         TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_BUSY        },
        {s->voicemail,    TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_VOICEMAIL   },
        {s->refused,      TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_REFUSED     },
        {s->wrong_number, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_WRONG_NUMBER},
    };
    double sum = 0.0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        sum += rows[i].share;
        if (roll < sum) {
            return (int32_t)rows[i].outcome;
        }
    }
    return (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED;
}

enum mood {
    MOOD_NEUTRAL,
    MOOD_PLEASED,
    MOOD_LET_DOWN
};

/* One broken promise outweighs those that were kept. */
static enum mood mood_of(const struct dialer_order *o)
{
    if (o->promises_broken > 0) {
        return MOOD_LET_DOWN;
    }
    return o->promises_kept > 0 ? MOOD_PLEASED : MOOD_NEUTRAL;
}

static int32_t choose_csat(enum mood mood, double roll)
{
    /* Cumulative shares of 1 to 4; the rest says 5. */
    static const double shares[][4] = {
        [MOOD_NEUTRAL] = {0.05, 0.15, 0.40, 0.75},
        [MOOD_PLEASED] = {0.02, 0.05, 0.15, 0.55},
        [MOOD_LET_DOWN] = {0.30, 0.60, 0.85, 0.95},
    };
    int32_t csat = 1;
    while (csat < 5 && roll >= shares[mood][csat - 1]) {
        csat++;
    }
    return csat;
}

static int32_t choose_nps(int32_t csat, double roll)
{
    /* Who is satisfied recommends, give or take: lowest and number of values by CSAT. */
    static const struct {
        int32_t low, count;
    } ranges[] = {
        {0, 4},
        {2, 4},
        {5, 3},
        {7, 3},
        {8, 3}
    };
    return ranges[csat - 1].low + (int32_t)(roll * ranges[csat - 1].count);
}

void dialer_simulation_call(const struct dialer_simulation *s, const struct dialer_order *order,
                            struct dialer_result *ret)
{
    *ret = (struct dialer_result){
        .outcome = choose_outcome(s, chance(s, order, "outcome")),
        .started_us = order->now_us,
        .ended_us = order->now_us,
    };
    if (ret->outcome != (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED) {
        return;
    }
    int32_t csat = choose_csat(mood_of(order), chance(s, order, "csat"));
    ret->answers[ret->answer_count].instrument =
        (int32_t)TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT;
    ret->answers[ret->answer_count++].value = csat;
    if (chance(s, order, "answers nps") < ANSWERS_NPS) {
        ret->answers[ret->answer_count].instrument =
            (int32_t)TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS;
        ret->answers[ret->answer_count++].value = choose_nps(csat, chance(s, order, "nps"));
    }
}
