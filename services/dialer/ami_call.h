/* SPDX-License-Identifier: Apache-2.0 */
/* ami_call.h - one call through a PBX: what is known of it, how it is asked for, and what the
 * dialplan tells about it. Knows no connection. */
#ifndef TROTH_SERVICES_DIALER_AMI_CALL_H
#define TROTH_SERVICES_DIALER_AMI_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "services/dialer/ami_message.h"
#include "services/dialer/dialer_asterisk.h"
#include "services/dialer/dialer_driver.h"

struct ami_call {
    struct dialer_order order;     /* after a restart the key alone */
    char id[DIALER_KEY_SIZE + 16]; /* of its first channel */
    int64_t begun_us;              /* monotonic */
    int64_t sent_us;               /* monotonic */
    int misses;                    /* lists of channels in a row that it should have been in */
    bool is_sent;
    bool is_old;   /* sent before this connection: perhaps the PBX never got it */
    bool is_found; /* among the channels that the PBX has */
    bool is_first_up, is_customer_up;
    bool is_gone;     /* hung up before we heard that it was up */
    bool has_leg;     /* the customer's leg has ended without an answer: */
    int32_t leg;      /* its outcome */
    int32_t reported; /* outcome that was told by TrothOutcome; 0: none */
    struct dialer_result result;
    struct ami_call *prev, *next;
};

/* In memory that ami_call_free() wipes and frees. */
struct ami_call *ami_call_new(const char *key);
void ami_call_free(struct ami_call *call);

/* Appends the action that has the PBX call, and forgets number and address. Returns 0; -1: this
 * order cannot be written so, out has nothing that may be sent. */
MUST_CHECK int ami_call_originate(struct ami_call *call, const struct dialer_asterisk_settings *s,
                                  struct text *out);

/* UserEvents TrothAnswer and TrothOutcome. Return 0, or -1: they say nothing that we know. */
MUST_CHECK int ami_call_answer(struct ami_call *call, const struct ami_message *m);
MUST_CHECK int ami_call_outcome(struct ami_call *call, const struct ami_message *m);

/* Whether a channel that is called first stays for as long as the call, and with it our id. A
 * Local/ channel without the option 'n' is taken out once both sides are connected. */
bool ami_call_keeps_channel(const char *channel);

/* After a list of the PBX's channels, by is_found: whether the call is over. One that was sent
 * before this connection must be in each; another one, sent at least grace_us ago, may be left out
 * once. */
bool ami_call_is_missed(struct ami_call *call, int64_t now_us, int64_t grace_us);

/* What came of a call that is over: a CallOutcome, or 0 when nothing was seen that tells. */
int32_t ami_call_verdict(const struct ami_call *call);

#endif
