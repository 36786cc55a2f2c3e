/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_simulation.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "dialer.pb-c.h"
#include "services/dialer/dialer_simulated_mood.h"

/* Share of answered calls on which the customer also says how likely a recommendation is. */
#define ANSWERS_NPS 0.8

/* A call is wished for after 1 to so many hours. */
#define CALL_BACK_HOURS 24

struct share {
    double share;
    Troth__V1__CallOutcome outcome;
};

enum {
    SHARES = 11
};

static void list_shares(const struct dialer_simulation *s, struct share ret[SHARES])
{
    const struct share rows[SHARES] = {
        {s->no_answer,       TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_NO_ANSWER      },
        {s->busy,            TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_BUSY           },
        {s->voicemail,       TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_VOICEMAIL      },
        {s->refused,         TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_REFUSED        },
        {s->wrong_number,    TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_WRONG_NUMBER   },
        {s->machine,         TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_MACHINE        },
        {s->partly_answered, TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_PARTLY_ANSWERED},
        {s->call_back,       TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_CALL_BACK      },
        {s->language,        TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_LANGUAGE       },
        {s->invalid_number,  TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_INVALID_NUMBER },
        {s->failed,          TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED         },
    };
    memcpy(ret, rows, sizeof(rows));
}

int dialer_simulation_check(const struct dialer_simulation *s, struct err *err)
{
    struct share rows[SHARES];
    double sum = 0.0;
    list_shares(s, rows);
    for (size_t i = 0; i < SHARES; i++) {
        sum += rows[i].share;
    }
    if (sum > 1.0 + 1e-9) {
        return err_set(err, "setting_invalid",
                       "the shares of calls that are not answered add up to %.3f, more than 1",
                       sum);
    }
    sum = s->refused_purpose + s->refused_everything;
    if (sum > 1.0 + 1e-9) {
        return err_set(err, "setting_invalid",
                       "the shares of refusals that are for ever add up to %.3f, more than 1", sum);
    }
    return 0;
}

double dialer_simulation_chance(const struct dialer_simulation *s, const struct dialer_order *order,
                                const char *question)
{
    char text[2 * DIALER_PHONE_SIZE + 128];
    (void)text_format(text, sizeof(text), "%" PRId64 "/%s/%s%s/%" PRId64 "/%d", s->seed, question,
                      order->phone, order->address, order->now_us, order->attempt);
    return (double)(bytes_hash64(bytes_of_text(text)) >> 11) * 0x1.0p-53;
}

static int32_t choose_outcome(const struct dialer_simulation *s, double roll)
{
    struct share rows[SHARES];
    double sum = 0.0;
    list_shares(s, rows);
    for (size_t i = 0; i < SHARES; i++) {
        sum += rows[i].share;
        if (roll < sum) {
            return (int32_t)rows[i].outcome;
        }
    }
    return (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED;
}

/* What can go wrong with a mail: that the address does not exist, or that nobody takes it. */
static int32_t choose_sending(const struct dialer_simulation *s, double roll)
{
    if (roll < s->invalid_number) {
        return (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_INVALID_NUMBER;
    }
    return (int32_t)(roll < s->invalid_number + s->failed
                         ? TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED
                         : TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_SENT);
}

/* ---- what the customer says */

static void add_answer(struct dialer_result *r, const struct dialer_item *item, int32_t value)
{
    size_t i = r->answer_count++;
    (void)text_copy(r->answers[i].code, sizeof(r->answers[i].code), item->code);
    r->answers[i].instrument = item->instrument;
    r->answers[i].value = value;
}

/* An order without questions asks the two that always fit. */
static void answer_usual(const struct dialer_simulation *s, const struct dialer_order *order,
                         int32_t csat, struct dialer_result *r)
{
    static const struct dialer_item usual[] = {
        {.code = "csat",
         .instrument = (int32_t)TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_CSAT               },
        {.code = "nps",  .instrument = (int32_t)TROTH__V1__SURVEY_INSTRUMENT__SURVEY_INSTRUMENT_NPS},
    };
    add_answer(r, &usual[0], csat);
    if (dialer_simulation_chance(s, order, "answers nps") < ANSWERS_NPS) {
        add_answer(r, &usual[1], dialer_mood_nps(csat, dialer_simulation_chance(s, order, "nps")));
    }
}

static void answer_items(const struct dialer_simulation *s, const struct dialer_order *order,
                         int32_t csat, struct dialer_result *r)
{
    enum dialer_mood mood = dialer_mood_of(order);
    /* Who rings off does so half way through, after one answer at least. */
    size_t patience = r->outcome == (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_PARTLY_ANSWERED
                          ? (order->item_count + 1) / 2
                          : order->item_count;
    for (size_t i = 0; i < order->item_count && r->answer_count < patience; i++) {
        const struct dialer_item *item = &order->items[i];
        if (dialer_item_is_asked(item, r)) {
            double roll = dialer_simulation_chance(s, order, item->code);
            add_answer(r, item, dialer_mood_value(item, mood, csat, roll));
        }
    }
}

static void say_more(const struct dialer_simulation *s, const struct dialer_order *order,
                     struct dialer_result *r)
{
    static const char *const notes[][2] = {
        [DIALER_MOOD_NEUTRAL] = {"Asked when the next service is due.", "问下次保养是什么时候。"},
        [DIALER_MOOD_PLEASED] = {"Praised how fast it went.",           "称赞处理得很快。"         },
        [DIALER_MOOD_LET_DOWN] = {"Waited far too long for an answer.",  "等答复等得太久了。"      },
    };
    if (dialer_simulation_chance(s, order, "note") < s->notes) {
        int chinese = strncmp(order->language, "zh", 2) == 0 ? 1 : 0;
        (void)text_copy(r->note, sizeof(r->note), notes[dialer_mood_of(order)][chinese]);
    }
    if (dialer_simulation_chance(s, order, "new number") < s->new_number) {
        int number = (int)(dialer_simulation_chance(s, order, "digits") * 100000000.0);
        (void)text_format(r->new_phone, sizeof(r->new_phone), "+86139%08d", number);
    }
}

static void answer(const struct dialer_simulation *s, const struct dialer_order *order,
                   struct dialer_result *r)
{
    int32_t csat =
        dialer_mood_csat(dialer_mood_of(order), dialer_simulation_chance(s, order, "csat"));
    if (order->item_count == 0) {
        answer_usual(s, order, csat, r);
    } else {
        answer_items(s, order, csat, r);
    }
    if (r->outcome == (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED) {
        say_more(s, order, r);
    }
}

static int32_t choose_refusal(const struct dialer_simulation *s, double roll)
{
    if (roll < s->refused_purpose) {
        return (int32_t)TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_PURPOSE;
    }
    return (int32_t)(roll < s->refused_purpose + s->refused_everything
                         ? TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING
                         : TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_TIME);
}

/* To the full hour: people do not say minutes. */
static int64_t choose_call_back(const struct dialer_simulation *s, const struct dialer_order *order)
{
    int64_t hours =
        1 + (int64_t)(dialer_simulation_chance(s, order, "call back") * CALL_BACK_HOURS);
    int64_t at_us = order->now_us + hours * DURATION_H;
    return at_us - at_us % DURATION_H;
}

void dialer_simulation_call(const struct dialer_simulation *s, const struct dialer_order *order,
                            struct dialer_result *ret)
{
    double roll = dialer_simulation_chance(s, order, "outcome");
    bool is_sent = order->channel == (int32_t)TROTH__V1__CHANNEL__CHANNEL_MAIL ||
                   order->channel == (int32_t)TROTH__V1__CHANNEL__CHANNEL_MESSAGE;
    *ret = (struct dialer_result){
        .outcome = is_sent ? choose_sending(s, roll) : choose_outcome(s, roll),
        .started_us = order->now_us,
        .ended_us = order->now_us,
    };
    switch (ret->outcome) {
    case TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_ANSWERED:
    case TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_PARTLY_ANSWERED:
        answer(s, order, ret);
        break;
    case TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_REFUSED:
        ret->refusal = choose_refusal(s, dialer_simulation_chance(s, order, "refusal"));
        break;
    case TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_CALL_BACK:
        ret->call_back_us = choose_call_back(s, order);
        break;
    case TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_LANGUAGE:
        (void)text_copy(ret->language, sizeof(ret->language),
                        strncmp(order->language, "zh", 2) == 0 ? "en" : "zh-CN");
        break;
    default:
        break;
    }
}
