/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request_client.h - asks another service over ZeroMQ without waiting: by request id, with a
 * deadline, sent again meanwhile, and never more than so many at once.
 *
 * For requests whose reply repeats their request_id. One that could not be handed over (nobody
 * connected yet, the queue is full) is tried again until its deadline; one that was, is sent again
 * as often as the caller says, for what is asked may have been lost with the process that had it.
 */
#ifndef TROTH_COMMON_RUNTIME_REQUEST_CLIENT_H
#define TROTH_COMMON_RUNTIME_REQUEST_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/runtime/bus.h"
#include "common/runtime/loop.h"

struct request_client;

#define REQUEST_CLIENT_ID_SIZE 37 /* a UUID and the NUL */

struct request_client_options {
    struct loop *loop;
    struct bus *bus;
    const char *service;         /* whom it asks, for the log: "loyalty" */
    const char *endpoints;       /* as bus_connect_dealer() takes them */
    const char *server_key_file; /* with the service's public key */
    const ProtobufCMessageDescriptor *reply;
    /* The request_id of a reply; NULL: it answers none. */
    const char *(*id_of)(const ProtobufCMessage *reply);
    size_t open_max; /* requests that wait at most, e.g. 32 */
};

/* Connects in the background. NULL with err. The texts are borrowed for the call, service for
 * ever. */
struct request_client *request_client_new(const struct request_client_options *options,
                                          struct err *err);
/* NULL is fine. Who waits is not called any more. */
void request_client_free(struct request_client *c);
size_t request_client_open_count(const struct request_client *c); /* NULL: 0 */

/* An id that no other request has; written into the message before it is asked. */
void request_client_make_id(char ret_id[REQUEST_CLIENT_ID_SIZE]);

/* Called once, from the loop, never from inside request_client_ask(). reply is borrowed for the
 * call; NULL: there was none in time. It may ask the next question. */
typedef void request_done_fn(void *ctx, const ProtobufCMessage *reply);

struct request_question {
    const ProtobufCMessage *message; /* packed during the call; has the id below */
    const char *id;
    int64_t wait_us;   /* until it is given up; machine time */
    int64_t resend_us; /* without a reply for so long it is sent again; 0: never */
    request_done_fn *done;
    void *ctx;
};

/* False: as many wait as may, or the message is larger than BUS_MESSAGE_MAX; done is not called. */
MUST_CHECK bool request_client_ask(struct request_client *c,
                                   const struct request_question *question);
/* Those with this ctx are not waited for any more, and done is not called. NULL client is fine. */
void request_client_forget(struct request_client *c, const void *ctx);

#endif
