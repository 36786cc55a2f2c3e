/* SPDX-License-Identifier: Apache-2.0 */
/* cli_client.h - a question to a service and its answer: a CURVE DEALER and a loop that is turned
 * while we wait. */
#ifndef TROTH_SERVICES_CLI_CLI_CLIENT_H
#define TROTH_SERVICES_CLI_CLI_CLIENT_H

#include <stdbool.h>

#include <protobuf-c/protobuf-c.h>

#include "common/base/bytes.h"
#include "common/runtime/bus.h"
#include "services/cli/cli.h"

struct cli_client;

/* NULL with err when the settings or key files are wrong; whether somebody answers there shows
 * later. */
struct cli_client *cli_client_open(const struct cli *cli, enum cli_service service,
                                   struct err *err);
void cli_client_close(struct cli_client *c); /* NULL is fine */

/* Is this reply the one we wait for? Others are dropped. */
typedef bool cli_client_match_fn(void *ctx, const ProtobufCMessage *reply);

/* Sends the request, again and again until the answer comes, so it must be harmless to repeat.
 * Returns the answer, valid until the next question or close; NULL with err (code "no_answer")
 * after the time-out of the settings. */
const ProtobufCMessage *cli_client_ask(struct cli_client *c, const ProtobufCMessage *request,
                                       const ProtobufCMessageDescriptor *reply_type,
                                       cli_client_match_fn *matches, void *ctx, struct err *err);

/* For long work with its own pace: every message goes to on_message instead. */
typedef void cli_client_message_fn(void *ctx, struct bytes body);
void cli_client_listen(struct cli_client *c, cli_client_message_fn *on_message, void *ctx);
struct loop *cli_client_loop(struct cli_client *c);
struct bus_socket *cli_client_socket(struct cli_client *c);

/* "no_answer": who did not answer, where, and what to look at. Returns -1. */
int cli_client_no_answer(const struct cli_client *c, struct err *err);

/* A random request_id: 32 hex digits. */
#define CLI_REQUEST_ID_SIZE 33
void cli_client_request_id(char ret_id[CLI_REQUEST_ID_SIZE]);

/* The same text, for a field of a request: protobuf-c has no const texts, and nobody writes to
 * them. */
char *cli_client_text(const char *text);

#endif
