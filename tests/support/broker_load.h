/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_load.h - what the load generators for other message brokers share: one connection, at most
 * so many messages without acknowledgement, and what that took.
 *
 * The brokers' own protocols are spoken in plain bytes on one socket. That costs a client less than
 * any library does, so that what is measured is the broker.
 */
#ifndef TROTH_TESTS_SUPPORT_BROKER_LOAD_H
#define TROTH_TESTS_SUPPORT_BROKER_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"

struct broker_load;

struct broker_protocol {
    /* Appends message number i, with len bytes of body, to out. */
    void (*publish)(struct broker_load *l, int64_t i, struct bytes body, struct buffer *out);
    /* Takes one whole message of the broker from in; returns its length, 0 when it is not whole
     * yet. Calls broker_load_acknowledged() for those that it acknowledges. */
    size_t (*take)(struct broker_load *l, struct bytes in);
};

struct broker_load {
    const struct broker_protocol *protocol;
    void *ctx; /* the protocol's */
    int64_t count, window;
    size_t body_bytes;
    int fd;
    struct buffer in, out;
    size_t taken, written;           /* of in, of out */
    int64_t sent, done, last_ack_us; /* done: acknowledged */
    int64_t *sent_us, *latency_us;
    bool *is_done;
};

/* Reads PORT COUNT WINDOW BYTES from argv[1] on and connects to that port of this machine; ends the
 * process with a word on how to call it, or on what is wrong. */
void broker_load_open(struct broker_load *l, const struct broker_protocol *protocol, char **argv);
void broker_load_close(struct broker_load *l);

/* For the talk before and after: sends out, then takes messages until until(l) is true. */
void broker_load_turn_until(struct broker_load *l, bool (*until)(const struct broker_load *l));

/* Publishes all and waits for every acknowledgement; returns microseconds. */
int64_t broker_load_run(struct broker_load *l);
/* Message i is safe, says the broker; an acknowledgement that comes twice ends the process. */
void broker_load_acknowledged(struct broker_load *l, int64_t i);

/* One line of JSON; stored: how many messages the broker says it has, which must be all. */
void broker_load_print(struct broker_load *l, int64_t took_us, int64_t stored);

NO_RETURN void broker_load_give_up(const char *what, const char *detail);

#endif
