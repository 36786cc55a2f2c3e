/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip_call.h - one call: its sounds, the INVITE, the voice, the keys, the end.
 *
 * Preparing (sounds are spoken) -> dialing -> talking -> over. Belongs to libre's loop. What it
 * knows of the customer is wiped when it is over.
 */
#ifndef TROTH_SERVICES_DIALER_SIP_CALL_H
#define TROTH_SERVICES_DIALER_SIP_CALL_H

#include <stdbool.h>

#include "services/dialer/sip_libre.h"
#include "services/dialer/sip_sounds.h"
#include "services/dialer/sip_wire.h"

/* What all calls share; outlives them. */
struct sip_office {
    struct sip_setup setup;
    struct sa address; /* ours, without a port */
    struct sipsess_sock *sessions;
    struct sip_sounds *sounds;
    struct list calls; /* of struct sip_call, by their own element */
    char from[2 * SIP_TEXT_SIZE];
    char user[SIP_TEXT_SIZE]; /* what the Contact says */
    /* Returns true when the event is in the socket, so that it outlives us. */
    bool (*tell)(void *ctx, const struct sip_event *event);
    void *ctx;
};

struct sip_call;

/* Begins with an order, which is copied. The call ends by itself, and says so. */
void sip_call_begin(struct sip_office *office, const struct dialer_order *order);
/* Sounds have come or failed: dials those that were waiting. */
void sip_call_dial_prepared(struct sip_office *office);
/* A SIP message of ours is about to be sent: perhaps the INVITE of a call. */
void sip_call_sending(struct sip_office *office, const uint8_t *message, size_t len);
/* All calls, without a word: those that ring are cancelled, the others hung up. */
void sip_call_end_all(struct sip_office *office);

/* For libre: who we are. */
int sip_call_authenticate(char **user, char **password, const char *realm, void *office);

#endif
