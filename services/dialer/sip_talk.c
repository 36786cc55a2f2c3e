/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_talk.h"

#include "common/base/text.h"
#include "dialer.pb-c.h"

#define OUTCOME(name) ((int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name)

const char *sip_talk_words(const struct dialer_order *order, size_t say, const char **ret_name)
{
    if (say == SIP_SAY_OPENING) {
        *ret_name = "opening";
        return order->opening;
    }
    if (say == SIP_SAY_CLOSING) {
        *ret_name = "closing";
        return order->closing;
    }
    if (say >= SIP_SAY_ITEM) {
        const struct dialer_item *item = &order->items[say - SIP_SAY_ITEM];
        *ret_name = item->code;
        return item->question;
    }
    const struct dialer_reason *reason = &order->agenda[say - SIP_SAY_REASON];
    *ret_name = reason->rule;
    return reason->say;
}

static bool is_item(size_t say)
{
    return say >= SIP_SAY_ITEM && say < SIP_SAY_CLOSING;
}

static const struct dialer_item *item_of(const struct sip_talk *t)
{
    return &t->order->items[t->say - SIP_SAY_ITEM];
}

static bool is_to_be_said(const struct sip_talk *t, size_t say)
{
    if (is_item(say)) {
        size_t i = say - SIP_SAY_ITEM;
        return i < t->order->item_count && dialer_item_is_asked(&t->order->items[i], &t->result);
    }
    return say < SIP_SAY_REASON || say >= SIP_SAY_CLOSING ||
           say - SIP_SAY_REASON < t->order->reason_count;
}

static struct sip_next say_from(struct sip_talk *t, size_t first)
{
    size_t say = first;
    while (say < SIP_SAY_COUNT && !is_to_be_said(t, say)) {
        say++;
    }
    t->say = say;
    t->tries = 0;
    t->entry = (struct sip_entry){.value = 0};
    /* Who rings off during the closing has heard all that matters. */
    t->is_over = say >= SIP_SAY_CLOSING;
    t->has_asked = t->has_asked || is_item(say);
    if (say == SIP_SAY_COUNT) {
        return (struct sip_next){.what = SIP_DO_HANG_UP};
    }
    return (struct sip_next){.what = SIP_DO_SAY, .say = say};
}

struct sip_next sip_talk_begin(struct sip_talk *talk, const struct dialer_order *order,
                               int32_t answer_ms, int32_t repeats)
{
    *talk = (struct sip_talk){.order = order, .answer_ms = answer_ms, .repeats = repeats};
    return say_from(talk, SIP_SAY_OPENING);
}

struct sip_next sip_talk_said(struct sip_talk *talk)
{
    if (is_item(talk->say)) {
        return (struct sip_next){.what = SIP_DO_LISTEN, .wait_ms = talk->answer_ms};
    }
    return say_from(talk, talk->say + 1);
}

static struct sip_next ask_again(struct sip_talk *t)
{
    t->entry = (struct sip_entry){.value = 0};
    if (t->tries++ < t->repeats) {
        return (struct sip_next){.what = SIP_DO_SAY, .say = t->say};
    }
    return say_from(t, t->say + 1);
}

static struct sip_next note_answer(struct sip_talk *t)
{
    const struct dialer_item *item = item_of(t);
    size_t i = t->result.answer_count++;
    (void)text_copy(t->result.answers[i].code, DIALER_CODE_SIZE, item->code);
    t->result.answers[i].instrument = item->instrument;
    t->result.answers[i].value = t->entry.value;
    return say_from(t, t->say + 1);
}

static struct sip_next go_on(struct sip_talk *t, enum sip_entry_state state)
{
    switch (state) {
    case SIP_ENTRY_DONE:
        return note_answer(t);
    case SIP_ENTRY_MORE:
        return (struct sip_next){.what = SIP_DO_LISTEN, .wait_ms = SIP_DIGIT_MS};
    case SIP_ENTRY_WRONG:
    default:
        return ask_again(t);
    }
}

struct sip_next sip_talk_key(struct sip_talk *talk, int key)
{
    if (talk->say < SIP_SAY_ITEM && key == SIP_KEY_POUND) {
        talk->is_refused = true;
        return (struct sip_next){.what = SIP_DO_HANG_UP};
    }
    if (!is_item(talk->say)) {
        return (struct sip_next){.what = SIP_DO_NOTHING};
    }
    const struct dialer_item *item = item_of(talk);
    return go_on(talk, sip_entry_push(&talk->entry, key, item->low, item->high));
}

struct sip_next sip_talk_silence(struct sip_talk *talk)
{
    if (!is_item(talk->say)) {
        return say_from(talk, talk->say + 1);
    }
    if (!talk->entry.has_digits) {
        return ask_again(talk);
    }
    const struct dialer_item *item = item_of(talk);
    return go_on(talk, sip_entry_end(&talk->entry, item->low, item->high));
}

struct sip_verdict sip_talk_verdict(const struct sip_talk *talk)
{
    bool has_answer = talk->result.answer_count > 0;
    if (talk->is_refused) {
        return (struct sip_verdict){
            .outcome = OUTCOME(REFUSED),
            .refusal = (int32_t)TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING,
        };
    }
    if (talk->is_over && (has_answer || !talk->has_asked)) {
        return (struct sip_verdict){.outcome = OUTCOME(ANSWERED)};
    }
    if (talk->is_over) {
        return (struct sip_verdict){.outcome = OUTCOME(VOICEMAIL)};
    }
    if (has_answer || talk->order->item_count == 0) {
        return (struct sip_verdict){.outcome = OUTCOME(PARTLY_ANSWERED)};
    }
    return (struct sip_verdict){
        .outcome = OUTCOME(REFUSED),
        .refusal = (int32_t)TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_THIS_TIME,
    };
}
