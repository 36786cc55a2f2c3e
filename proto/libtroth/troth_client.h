/* SPDX-License-Identifier: Apache-2.0 */
/* troth_client.h - the inside of a client, for troth_client.c and troth_send.c. */
#ifndef TROTH_PROTO_LIBTROTH_TROTH_CLIENT_H
#define TROTH_PROTO_LIBTROTH_TROTH_CLIENT_H

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/runtime/bus.h"
#include "common/runtime/loop.h"
#include "common/runtime/record_sender.h"
#include "proto/libtroth/troth.h"
#include "proto/libtroth/troth_failover.h"
#include "proto/libtroth/troth_wake.h"

/* A record on its way; its tag is its place in the list of them. */
struct troth_place {
    bool is_taken;
    size_t bytes;
    troth_receipt_fn *on_receipt;
    void *ctx;
    size_t next_free;
};

struct troth_client {
    struct loop *loop;
    struct bus *bus;
    struct bus_socket *socket; /* to the endpoint in use */
    struct record_sender *sender;
    struct loop_timer *watch; /* looks at the signs while records wait */
    struct troth_wake *wake;  /* NULL until troth_client_fd() */
    struct arena *arena;      /* of one reply */
    struct buffer packed;     /* reused */
    struct troth_failover failover;
    char server_key[BUS_KEY_TEXT_SIZE];
    char *server_key_file; /* followed when intake changes its key; NULL: it was given as a text */
    size_t window_records, window_bytes;
    struct troth_place *places; /* window_records */
    size_t first_free;
    size_t bytes;       /* of what waits */
    struct err trouble; /* why the last endpoint that was left could not be used; code "": none */
    struct err refusal; /* what intake said to a request as a whole, until it is reported */
    bool is_running;    /* callbacks are being called */
};

/* As troth_submit(), with our own kind of error; ret_place is where it stands until its receipt. */
MUST_CHECK int troth_client_add(struct troth_client *c, const Troth__V1__Record *record,
                                const struct troth_place *what, char ret_key[TROTH_KEY_SIZE],
                                size_t *ret_place, struct err *err);

/* The record with this key and place is not waited for any more. */
void troth_client_forget(struct troth_client *c, const char *key, size_t place);

/* As troth_client_run(). */
MUST_CHECK int troth_client_turn(struct troth_client *c, int64_t max_wait_us, struct err *err);

/* Why nothing comes: always -1. */
int troth_client_explain(const struct troth_client *c, struct err *err);

/* NULL is fine. Returns -1. */
int troth_error_set(struct troth_error *error, const struct err *err);

#endif
