/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip_talk.h - the conversation of a machine with a customer who has a keypad: what to say next,
 * when to listen, and what came of it. Pure: told what happens, it says what to do.
 *
 *   opening, each reason, each question that is to be asked, closing
 *
 * A key answers as soon as the question has begun. A question that nobody answers, or that is
 * answered with a key that means nothing, is asked again `repeats` times and then left out.
 *
 * '#' before the first question means "do not call me any more" and ends the call. Later it does
 * not: there people end a number with it, also one that was complete without.
 *
 * What came of a call that was picked up:
 *
 *   heard to the end, nothing asked or something answered    answered
 *   heard to the end, and not one key                        voicemail: most likely a machine
 *   rung off after an answer, or when nothing is asked       partly answered
 *   rung off before the first answer                         refused, this time
 *   '#' before the first question                            refused, everything
 */
#ifndef TROTH_SERVICES_DIALER_SIP_TALK_H
#define TROTH_SERVICES_DIALER_SIP_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/dialer/dialer_driver.h"
#include "services/dialer/sip_keys.h"
#include "services/dialer/sip_rules.h"

/* What can be said, by number. */
enum {
    SIP_SAY_OPENING = 0,
    SIP_SAY_REASON = 1, /* and further ones */
    SIP_SAY_ITEM = SIP_SAY_REASON + DIALER_AGENDA_MAX,
    SIP_SAY_CLOSING = SIP_SAY_ITEM + DIALER_ITEMS_MAX,
    SIP_SAY_COUNT,
};

enum {
    SIP_DIGIT_MS = 2000 /* how long a second digit may take */
};

/* The words of an order by number; "" when there are none. name: of a recorded sound; for reasons
 * that of their rule. */
const char *sip_talk_words(const struct dialer_order *order, size_t say, const char **ret_name);

enum sip_do {
    SIP_DO_NOTHING = 1, /* go on as before */
    SIP_DO_SAY,         /* say, instead of what is being said */
    SIP_DO_LISTEN,      /* be silent for wait_ms, also if something is being said */
    SIP_DO_HANG_UP,
};

struct sip_next {
    enum sip_do what;
    size_t say;
    int32_t wait_ms;
};

struct sip_talk {
    const struct dialer_order *order; /* borrowed */
    int32_t answer_ms, repeats;       /* see struct sip_setup */
    size_t say;                       /* what was begun last */
    int32_t tries;                    /* of this question, so far */
    bool has_asked;
    bool is_over; /* everything was said */
    bool is_refused;
    struct sip_entry entry;
    struct dialer_result result; /* answers so far */
};

/* Somebody picked up. */
struct sip_next sip_talk_begin(struct sip_talk *talk, const struct dialer_order *order,
                               int32_t answer_ms, int32_t repeats);
/* What was to be said has been said. */
struct sip_next sip_talk_said(struct sip_talk *talk);
/* key: see sip_keys.h. */
struct sip_next sip_talk_key(struct sip_talk *talk, int key);
/* The time to listen is over. */
struct sip_next sip_talk_silence(struct sip_talk *talk);

/* The call is over, now; see above. */
struct sip_verdict sip_talk_verdict(const struct sip_talk *talk);

#endif
