/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_call.h"

#include <string.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "dialer.pb-c.h"
#include "services/dialer/sip_keys.h"
#include "services/dialer/sip_rules.h"
#include "services/dialer/sip_talk.h"
#include "services/dialer/sip_wave.h"

enum {
    FRAME_MS = 20,
    FRAME_SAMPLES = SIP_WAVE_RATE / 1000 * FRAME_MS,
    LATE_MS = 500, /* we were held up: go on from now instead of making up for it */
    KEYS_TYPE = 101,
    PCMA_TYPE = 8,
    OK_FIRST = 200,
    RINGING_FIRST = 180,
};

#define OUTCOME(name) ((int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_##name)
#define ORDER_HEADER  "X-Troth-Order: %s\r\n"

enum stage {
    PREPARING = 1,
    DIALING,
    TALKING,
    OVER
};

struct sip_call {
    struct le le;
    struct sip_office *office;
    struct dialer_order order;
    struct sip_sound *sounds[SIP_SAY_COUNT];
    enum stage stage;
    bool has_response, is_ringing, is_asking;
    unsigned sent_count; /* how often the INVITE was given to the network */
    struct sipsess *session;
    struct sdp_session *sdp;
    struct sdp_media *audio;
    struct rtp_sock *rtp;
    struct tmr timer; /* the ring limit, then the next frame, then the end */
    /* what we send */
    struct sa peer;
    int type; /* of payload */
    uint32_t timestamp;
    uint64_t next_frame; /* of libre's clock, ms */
    bool has_sent;
    const int16_t *samples; /* of what is being said; NULL: we listen */
    size_t sample_count, sample_at;
    int32_t listen_ms; /* left */
    /* what we hear */
    int peer_keys_type;
    struct sa heard; /* the first who sent keys: nobody else may */
    struct sip_keys keys;
    struct sip_talk talk;
    size_t told_count; /* of its answers */
};

/* ---- the end */

static void destroy(void *data)
{
    struct sip_call *call = data;
    tmr_cancel(&call->timer);
    list_unlink(&call->le);
    /* Cancels or hangs up, as the case may be. */
    mem_deref(call->session);
    mem_deref(call->rtp);
    mem_deref(call->sdp);
    for (size_t i = 0; i < SIP_SAY_COUNT; i++) {
        sip_sounds_release(call->sounds[i]);
    }
    explicit_bzero(&call->order, sizeof(call->order));
}

static void on_over(void *arg)
{
    (void)mem_deref(arg);
}

static bool tell(const struct sip_call *call, struct sip_event event)
{
    (void)text_copy(event.key, sizeof(event.key), call->order.key);
    return call->office->tell(call->office->ctx, &event);
}

/* Not freed at once: libre may be in the middle of one of its objects. */
static void end(struct sip_call *call, struct sip_verdict verdict)
{
    if (call->stage == OVER) {
        return;
    }
    call->stage = OVER;
    (void)tell(call, (struct sip_event){.kind = SIP_EVENT_ENDED,
                                        .outcome = verdict.outcome,
                                        .refusal = verdict.refusal});
    tmr_start(&call->timer, 0, on_over, call);
}

static void give_up(struct sip_call *call)
{
    if (call->stage == OVER) {
        return;
    }
    log_warning("no_response", LOG_TEXT("order", call->order.key),
                LOG_INT("invites", call->sent_count));
    call->stage = OVER;
    (void)tell(call, (struct sip_event){.kind = SIP_EVENT_UNKNOWN});
    tmr_start(&call->timer, 0, on_over, call);
}

static void fail(struct sip_call *call, const char *why)
{
    log_warning("call_failed", LOG_TEXT("order", call->order.key), LOG_TEXT("code", why));
    end(call, (struct sip_verdict){.outcome = OUTCOME(FAILED)});
}

/* ---- talking */

static void follow(struct sip_call *call, struct sip_next next);

static void say(struct sip_call *call, size_t number)
{
    if (number >= SIP_SAY_ITEM && number < SIP_SAY_CLOSING && !call->is_asking) {
        call->is_asking = true;
        (void)tell(call, (struct sip_event){.kind = SIP_EVENT_ASKING});
    }
    if (!call->sounds[number]) {
        follow(call, sip_talk_said(&call->talk));
        return;
    }
    call->samples = sip_sound_samples(call->sounds[number], &call->sample_count);
    call->sample_at = 0;
}

/* At once, so that they outlive us. */
static void tell_answers(struct sip_call *call)
{
    const struct dialer_result *r = &call->talk.result;
    while (call->told_count < r->answer_count) {
        size_t item = 0;
        while (strcmp(call->order.items[item].code, r->answers[call->told_count].code) != 0) {
            item++;
        }
        (void)tell(call, (struct sip_event){.kind = SIP_EVENT_ANSWER,
                                            .item = (int32_t)item,
                                            .value = r->answers[call->told_count].value});
        call->told_count++;
    }
}

static void follow(struct sip_call *call, struct sip_next next)
{
    tell_answers(call);
    switch (next.what) {
    case SIP_DO_SAY:
        say(call, next.say);
        return;
    case SIP_DO_LISTEN:
        call->samples = NULL;
        call->listen_ms = next.wait_ms;
        return;
    case SIP_DO_HANG_UP:
        end(call, sip_talk_verdict(&call->talk));
        return;
    case SIP_DO_NOTHING:
    default:
        return;
    }
}

static void fill_frame(struct sip_call *call, uint8_t *frame)
{
    for (size_t i = 0; i < FRAME_SAMPLES; i++) {
        int16_t sample = 0;
        if (call->samples && call->sample_at < call->sample_count) {
            sample = call->samples[call->sample_at++];
        }
        frame[i] = call->type == PCMA_TYPE ? sip_wave_alaw(sample) : sip_wave_ulaw(sample);
    }
}

static void send_frame(struct sip_call *call)
{
    uint8_t frame[FRAME_SAMPLES];
    struct mbuf *packet = mbuf_alloc(RTP_HEADER_SIZE + FRAME_SAMPLES);
    if (!packet) {
        xalloc_failed("libre");
    }
    fill_frame(call, frame);
    packet->pos = packet->end = RTP_HEADER_SIZE;
    (void)mbuf_write_mem(packet, frame, sizeof(frame));
    packet->pos = RTP_HEADER_SIZE;
    /* What gets lost on the way is not repeated either. */
    (void)rtp_send(call->rtp, &call->peer, false, !call->has_sent, (uint8_t)call->type,
                   call->timestamp, packet);
    call->has_sent = true;
    call->timestamp += FRAME_SAMPLES;
    mem_deref(packet);
}

static void on_frame(void *arg)
{
    struct sip_call *call = arg;
    uint64_t now = tmr_jiffies();
    send_frame(call);
    if (call->samples && call->sample_at >= call->sample_count) {
        call->samples = NULL;
        follow(call, sip_talk_said(&call->talk));
    } else if (!call->samples) {
        call->listen_ms -= FRAME_MS;
        if (call->listen_ms <= 0) {
            follow(call, sip_talk_silence(&call->talk));
        }
    }
    if (call->stage != TALKING) {
        return;
    }
    call->next_frame += FRAME_MS;
    if (now > call->next_frame + LATE_MS) {
        call->next_frame = now;
    }
    tmr_start(&call->timer, call->next_frame > now ? call->next_frame - now : 0, on_frame, call);
}

static void on_rtp(const struct sa *source, const struct rtp_header *header, struct mbuf *packet,
                   void *arg)
{
    struct sip_call *call = arg;
    if (call->stage != TALKING ||
        (header->pt != KEYS_TYPE && (int)header->pt != call->peer_keys_type)) {
        return;
    }
    if (!sa_isset(&call->heard, SA_ALL)) {
        call->heard = *source;
    } else if (!sa_cmp(&call->heard, source, SA_ALL)) {
        return;
    }
    int key = sip_keys_take(&call->keys, header->ssrc, header->ts, mbuf_buf(packet),
                            mbuf_get_left(packet));
    if (key != SIP_KEY_NONE) {
        follow(call, sip_talk_key(&call->talk, key));
    }
}

/* ---- what libre tells */

/* Returns 0, or an errno when the other side wants no sound that we have. */
static int take_media(struct sip_call *call)
{
    const struct sdp_format *format = sdp_media_rformat(call->audio, NULL);
    const struct sdp_format *keys = sdp_media_rformat(call->audio, telev_rtpfmt);
    if (!format || sdp_media_rport(call->audio) == 0 || strcmp(format->name, telev_rtpfmt) == 0) {
        return EPROTO;
    }
    call->type = format->pt;
    call->peer = *sdp_media_raddr(call->audio);
    call->peer_keys_type = keys ? keys->pt : SIP_KEY_NONE;
    sa_init(&call->heard, AF_UNSPEC);
    return 0;
}

static int on_answer(const struct sip_msg *message, void *arg)
{
    struct sip_call *call = arg;
    int rc = call->stage == DIALING ? sdp_decode(call->sdp, message->mb, false) : ECONNABORTED;
    return rc ? rc : take_media(call);
}

/* The other side wants the sound elsewhere. */
static int on_offer(struct mbuf **ret_description, const struct sip_msg *message, void *arg)
{
    struct sip_call *call = arg;
    bool has_offer = mbuf_get_left(message->mb) > 0;
    if (call->stage != TALKING) {
        return ECONNABORTED;
    }
    int rc = has_offer ? sdp_decode(call->sdp, message->mb, true) : 0;
    rc = rc || !has_offer ? rc : take_media(call);
    return rc ? rc : sdp_encode(ret_description, call->sdp, !has_offer);
}

static void on_progress(const struct sip_msg *message, void *arg)
{
    struct sip_call *call = arg;
    call->has_response = true;
    if (call->stage == DIALING && message->scode >= RINGING_FIRST && !call->is_ringing) {
        call->is_ringing = true;
        (void)tell(call, (struct sip_event){.kind = SIP_EVENT_RINGING});
    }
}

static void on_established(const struct sip_msg *message, void *arg)
{
    struct sip_call *call = arg;
    (void)message;
    if (call->stage != DIALING) {
        return;
    }
    call->stage = TALKING;
    (void)tell(call, (struct sip_event){.kind = SIP_EVENT_CONNECTED});
    call->next_frame = tmr_jiffies();
    tmr_start(&call->timer, 0, on_frame, call);
    follow(call, sip_talk_begin(&call->talk, &call->order, call->office->setup.answer_ms,
                                call->office->setup.repeats));
}

static void on_closed(int failed, const struct sip_msg *message, void *arg)
{
    struct sip_call *call = arg;
    unsigned status = message && !message->req ? message->scode : 0;
    if (call->stage == TALKING) {
        end(call, sip_talk_verdict(&call->talk));
        return;
    }
    log_info("call_not_answered", LOG_TEXT("order", call->order.key), LOG_INT("status", status),
             LOG_INT("errno", failed));
    if (status < OK_FIRST &&
        sip_rules_may_have_rung(call->sent_count, call->has_response, failed)) {
        give_up(call);
        return;
    }
    end(call, sip_rules_verdict(status >= OK_FIRST ? status : 0));
}

void sip_call_sending(struct sip_office *office, const uint8_t *message, size_t len)
{
    static const char method[] = "INVITE ";
    char line[DIALER_KEY_SIZE + 32];
    if (len < strlen(method) || memcmp(message, method, strlen(method)) != 0) {
        return;
    }
    for (struct le *le = office->calls.head; le; le = le->next) {
        struct sip_call *call = le->data;
        (void)text_format(line, sizeof(line), ORDER_HEADER, call->order.key);
        if (call->stage == DIALING && memmem(message, len, line, strlen(line))) {
            call->sent_count++;
        }
    }
}

int sip_call_authenticate(char **user, char **password, const char *realm, void *office)
{
    const struct sip_office *o = office;
    (void)realm;
    if (text_is_empty(o->setup.user)) {
        return EAUTH;
    }
    int rc = str_dup(user, o->setup.user);
    return rc ? rc : str_dup(password, o->setup.password);
}

/* ---- the beginning */

/* No response does not mean that our call did not arrive: its way back may be closed. Also where
 * nothing was sent yet it is not certain: libre may still be at it, and goes on. */
static void on_rang_long(void *arg)
{
    struct sip_call *call = arg;
    if (!call->has_response) {
        give_up(call);
        return;
    }
    end(call, (struct sip_verdict){.outcome = OUTCOME(NO_ANSWER)});
}

/* Returns 0 or an errno. */
static int describe(struct sip_call *call, struct mbuf **ret_description)
{
    const struct sip_setup *setup = &call->office->setup;
    int rc = rtp_listen(&call->rtp, IPPROTO_UDP, &call->office->address, setup->port_low,
                        setup->port_high, false, on_rtp, NULL, call);
    rc = rc ? rc : sdp_session_alloc(&call->sdp, &call->office->address);
    rc = rc ? rc
            : sdp_media_add(&call->audio, call->sdp, sdp_media_audio, sa_port(rtp_local(call->rtp)),
                            sdp_proto_rtpavp);
    rc = rc ? rc
            : sdp_format_add(NULL, call->audio, false, "0", "PCMU", SIP_WAVE_RATE, 1, NULL, NULL,
                             NULL, false, NULL);
    rc = rc ? rc
            : sdp_format_add(NULL, call->audio, false, "8", "PCMA", SIP_WAVE_RATE, 1, NULL, NULL,
                             NULL, false, NULL);
    rc = rc ? rc
            : sdp_format_add(NULL, call->audio, false, "101", telev_rtpfmt, TELEV_SRATE, 1, NULL,
                             NULL, NULL, false, "0-11");
    return rc ? rc : sdp_encode(ret_description, call->sdp, true);
}

/* Returns 0 or an errno. */
static int invite(struct sip_call *call, const char *number)
{
    const struct sip_office *o = call->office;
    struct mbuf *description = NULL;
    char to[2 * SIP_TEXT_SIZE];
    (void)text_format(to, sizeof(to), "sip:%s@%s;transport=%s", number, o->setup.server,
                      o->setup.transport);
    int rc = describe(call, &description);
    if (rc == 0 && !tell(call, (struct sip_event){.kind = SIP_EVENT_DIALING})) {
        rc = EAGAIN;
    }
    if (rc == 0) {
        call->stage = DIALING;
        tmr_start(&call->timer, (uint64_t)o->setup.ring_ms, on_rang_long, call);
        rc = sipsess_connect(&call->session, o->sessions, to, NULL, o->from, o->user, NULL, 0,
                             "application/sdp", description, sip_call_authenticate, call->office,
                             false, on_offer, on_answer, on_progress, on_established, NULL, NULL,
                             on_closed, call, ORDER_HEADER, call->order.key);
    }
    explicit_bzero(to, sizeof(to));
    mem_deref(description);
    return rc;
}

static void dial(struct sip_call *call)
{
    char number[64];
    if (sip_rules_number(call->order.phone, number, sizeof(number)) < 0) {
        end(call, (struct sip_verdict){.outcome = OUTCOME(INVALID_NUMBER)});
        return;
    }
    if (dialer_start_is_past(dialer_order_start(&call->order), dialer_clocks_in(0))) {
        fail(call, "too_late");
        return;
    }
    int rc = invite(call, number);
    if (rc != 0) {
        log_error("invite_failed", LOG_TEXT("order", call->order.key), LOG_INT("errno", rc));
        fail(call, "invite_failed");
    }
    explicit_bzero(number, sizeof(number));
}

static void dial_if_prepared(struct sip_call *call)
{
    bool is_waiting = false, has_failed = false, has_sound = false;
    for (size_t i = 0; i < SIP_SAY_COUNT && call->stage == PREPARING; i++) {
        if (call->sounds[i]) {
            has_sound = true;
            is_waiting |= sip_sound_state(call->sounds[i]) == SIP_SOUND_WAITING;
            has_failed |= sip_sound_state(call->sounds[i]) == SIP_SOUND_FAILED;
        }
    }
    if (call->stage != PREPARING) {
        return;
    }
    if (has_failed) {
        fail(call, "sound_missing");
    } else if (!has_sound) {
        /* Nobody is called to hear nothing. */
        fail(call, "nothing_to_say");
    } else if (!is_waiting) {
        dial(call);
    }
}

void sip_call_dial_prepared(struct sip_office *office)
{
    /* Ended calls leave the list later, from the loop. */
    for (struct le *le = office->calls.head; le; le = le->next) {
        dial_if_prepared(le->data);
    }
}

static bool has_words(const struct dialer_order *order, size_t number)
{
    if (number < SIP_SAY_REASON || number >= SIP_SAY_CLOSING) {
        return true;
    }
    return number >= SIP_SAY_ITEM ? number - SIP_SAY_ITEM < order->item_count
                                  : number - SIP_SAY_REASON < order->reason_count;
}

void sip_call_begin(struct sip_office *office, const struct dialer_order *order)
{
    struct sip_call *call = mem_zalloc(sizeof(*call), destroy);
    if (!call) {
        xalloc_failed("libre");
    }
    call->office = office;
    call->order = *order;
    call->stage = PREPARING;
    call->peer_keys_type = SIP_KEY_NONE;
    tmr_init(&call->timer);
    sa_init(&call->heard, AF_UNSPEC);
    list_append(&office->calls, &call->le, call);
    for (size_t i = 0; i < SIP_SAY_COUNT; i++) {
        call->sounds[i] = has_words(order, i) ? sip_sounds_get(office->sounds, order, i) : NULL;
    }
    dial_if_prepared(call);
}

void sip_call_end_all(struct sip_office *office)
{
    list_flush(&office->calls);
}
