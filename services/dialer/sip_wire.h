/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip_wire.h - what the driver `sip` and its line, a child process, say to each other.
 *
 * One struct per packet over a SOCK_SEQPACKET pair. Both ends are the same program file (the child
 * is started from /proc/self/exe, so also while that file is being replaced), which is why the
 * structs themselves travel: there is nothing to parse and nothing that two versions could read
 * differently. A packet of another size is our bug.
 *
 * The order of packets is what safety rests on: SIP_EVENT_DIALING is in the socket before the first
 * byte of the call is on the network, and what is in the socket outlives its sender. So a driver
 * that has read all that a dead line left behind knows of each call that did not announce DIALING
 * that nobody was called.
 */
#ifndef TROTH_SERVICES_DIALER_SIP_WIRE_H
#define TROTH_SERVICES_DIALER_SIP_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "services/dialer/dialer_driver.h"

enum {
    SIP_LINE_FD = 3, /* the child's end */
    SIP_TEXT_SIZE = 256,
    SIP_ALIVE_MS = 1000,
};

/* The first packet to the line. Texts are those of the settings; "" where nothing is set. */
struct sip_setup {
    char server[SIP_TEXT_SIZE]; /* HOST or HOST:PORT */
    char transport[8];          /* "udp" or "tcp" */
    char caller[SIP_TEXT_SIZE];
    char user[SIP_TEXT_SIZE];
    char password[SIP_TEXT_SIZE];
    char address[SIP_TEXT_SIZE]; /* ADDRESS or ADDRESS:PORT to listen on */
    char sounds[SIP_TEXT_SIZE];
    uint16_t port_low, port_high; /* of RTP */
    bool is_registering;
    bool may_speak;
    int32_t ring_ms;
    int32_t answer_ms; /* how long a question waits for the first key */
    int32_t repeats;   /* how often a question is asked again */
};

enum sip_command_kind {
    SIP_COMMAND_SETUP = 1,
    SIP_COMMAND_DIAL,
};

struct sip_command {
    enum sip_command_kind kind;
    union {
        struct sip_setup setup;
        struct dialer_order order;
    };
};

enum sip_event_kind {
    SIP_EVENT_READY = 1, /* the line can dial */
    SIP_EVENT_DIALING,   /* the next thing that happens is the call */
    SIP_EVENT_RINGING,
    SIP_EVENT_CONNECTED,
    SIP_EVENT_ASKING,  /* the first question */
    SIP_EVENT_ANSWER,  /* item, value */
    SIP_EVENT_ENDED,   /* outcome, refusal */
    SIP_EVENT_UNKNOWN, /* instead of ENDED: nobody knows whether the telephone rang */
    SIP_EVENT_ALIVE,   /* the line's loop turns; each SIP_ALIVE_MS, of no order */
};

struct sip_event {
    enum sip_event_kind kind;
    char key[DIALER_KEY_SIZE];
    int32_t item; /* index in the order */
    int32_t value;
    int32_t outcome; /* CallOutcome */
    int32_t refusal; /* DialRefusal */
};

#endif
