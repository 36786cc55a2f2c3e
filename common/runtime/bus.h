/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus.h - with zap, all that touches zmq_* (the loop's zmq_poll apart): one context per process,
 * one socket profile.
 *
 * CURVE on every socket, ipc:// too (so that a principal is always known); a ZAP handler runs
 * before any bind, with an enforced domain; a start-up self-test with a random key ends the process
 * if it gets in. MAXMSGSIZE 64 KiB, SNDHWM 64, RCVHWM 1024 at servers and none at clients,
 * handshake 2 s, MANDATORY 1, IMMEDIATE 1 but for subscribers, LINGER 0, reconnect 100 ms to 5 s,
 * no routing ids. Clients send heartbeats, 1 s / 3 s; servers have the kernel's, for there may be
 * thousands of clients. A successful send means nothing: what matters is asked for again by key.
 */
#ifndef TROTH_COMMON_RUNTIME_BUS_H
#define TROTH_COMMON_RUNTIME_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/runtime/loop.h"
#include "common/runtime/principal.h"

#define BUS_MESSAGE_MAX 65536

struct bus;
struct bus_socket;

/* A CURVE key pair in Z85 as zmq_curve_keypair() makes it. */
#define BUS_KEY_TEXT_SIZE 41
struct bus_keys {
    char public_key[BUS_KEY_TEXT_SIZE];
    char secret_key[BUS_KEY_TEXT_SIZE];
};
MUST_CHECK int bus_keys_new(struct bus_keys *ret_keys, struct err *err);
/* A key file holds two lines, "public-key = ..." and "secret-key = ...", and below them, while the
 * key is being replaced, earlier pairs in the same way; refused unless its mode is 0600 or 0400
 * (or, for secret mounts, it is not ours: secret_file.h). Returns how many pairs, 1 to
 * BUS_KEY_PAIRS_MAX, the one to use first; -1 with err when one of them is not whole. The caller
 * wipes them. */
#define BUS_KEY_PAIRS_MAX 4
MUST_CHECK int bus_key_pairs_read(const char *path, struct bus_keys ret_pairs[BUS_KEY_PAIRS_MAX],
                                  struct err *err);
/* The first of them. */
MUST_CHECK int bus_keys_read(const char *path, struct bus_keys *ret_keys, struct err *err);
MUST_CHECK int bus_keys_write(const char *path, const struct bus_keys *keys,
                              struct err *err); /* mode 0600, never overwrites */
/* The version of libzmq that runs, "4.3.4"; false: one before 4.3.3, in which a peer that never
 * gets in can keep others out (CVE-2020-15166). */
#define BUS_VERSION_SIZE 40
bool bus_library_is_safe(char ret_version[BUS_VERSION_SIZE]);

/* The public key alone, Z85, from a key file or a ".pub" file with only the first line. */
MUST_CHECK int bus_public_key_read(const char *path, char ret_key[BUS_KEY_TEXT_SIZE],
                                   struct err *err);
/* All public keys of such a file, which has several lines while a service changes its key. Returns
 * how many, at most BUS_SERVER_KEYS_MAX; -1 with err when there is none. */
#define BUS_SERVER_KEYS_MAX 4
MUST_CHECK int bus_public_keys_read(const char *path,
                                    char ret_keys[BUS_SERVER_KEYS_MAX][BUS_KEY_TEXT_SIZE],
                                    struct err *err);
MUST_CHECK int bus_key_decode(const char *z85, uint8_t ret_key[PRINCIPAL_KEY_LEN], struct err *err);

/* Makes the context, starts the ZAP thread and tests it (principals is borrowed; NULL for a pure
 * client, which then cannot bind). The context is never terminated: bus_free() closes sockets only.
 */
struct bus *bus_new(struct loop *loop, const struct bus_keys *keys,
                    struct principal_table *principals, struct err *err);
void bus_free(struct bus *b);

/* Other keys of ours, while everything runs: bound sockets are opened anew as by bus_reopen(), what
 * is connected connects again. What was on its way is lost. Returns -1 with err when a socket could
 * not be opened: the process should end. */
MUST_CHECK int bus_set_keys(struct bus *b, const struct bus_keys *keys, struct err *err);

/* One message that arrived. Everything is borrowed for the call. */
struct bus_message {
    struct bytes peer;          /* ROUTER: the routing id to answer to; else empty */
    struct principal principal; /* ROUTER: who sent it, from the payload frame's User-Id, looked up
                                   in the table now. id 0 and no rights: a key that was let in and
                                   is revoked; the handler answers not_permitted. Else zero */
    struct bytes topic;         /* SUB: first frame; else empty */
    struct bytes body;
};
typedef void bus_message_fn(void *ctx, struct bus_socket *s, const struct bus_message *m);

/* A ROUTER that answers. Messages without a known User-Id or with more than one body frame are
 * counted and dropped. */
struct bus_socket *bus_bind_router(struct bus *b, const char *endpoint, bus_message_fn *on_message,
                                   void *ctx, struct err *err);
/* A PUB for principals with RIGHT_EVENTS. */
struct bus_socket *bus_bind_pub(struct bus *b, const char *endpoint, struct err *err);

/* Ends all connections of a bound socket and binds it anew, in the next turns of the loop; nothing
 * changes for who holds s. Everybody has to pass the authenticator again: for keys that were let in
 * and get messages without asking. What was on its way is lost. Not from a handler of s. */
MUST_CHECK int bus_reopen(struct bus_socket *s, struct err *err);

/* Connects in the background and for ever; server_key is Z85. Several endpoints may be given,
 * separated by blanks: connected to all. */
struct bus_socket *bus_connect_dealer(struct bus *b, const char *endpoints, const char *server_key,
                                      bus_message_fn *on_message, void *ctx, struct err *err);
/* Subscribed to every topic. */
struct bus_socket *bus_connect_sub(struct bus *b, const char *endpoints, const char *server_key,
                                   bus_message_fn *on_message, void *ctx, struct err *err);
void bus_close(struct bus_socket *s); /* NULL is fine */

/* For what is connected: whenever the server turns out to have another key, the file is read again
 * and each of its keys tried in turn, so that a server may change its key while we run. The path is
 * copied. */
void bus_follow_key_file(struct bus_socket *s, const char *path);

/* How a client's connection stands, as the last event told; with several endpoints, any of them. */
enum bus_connection {
    BUS_CONNECTION_NONE = 1, /* nobody has answered there yet */
    BUS_CONNECTION_UP,
    BUS_CONNECTION_KEY_REFUSED, /* our key is not registered there */
    BUS_CONNECTION_NO_HANDSHAKE /* somebody listens, but has another key than server_key */
};
enum bus_connection bus_connection(const struct bus_socket *s);

/* The endpoint as bound, with the port that a wildcard "tcp://127.0.0.1:*" got. Borrowed. */
const char *bus_endpoint(const struct bus_socket *s);

/* Never blocks. Returns 0, or -1 when it could not be handed over (peer gone, queue full, nobody
 * connected): keep it or forget it, by design. */
int bus_send(struct bus_socket *s, struct bytes body);
int bus_reply(struct bus_socket *s, struct bytes peer, struct bytes body);
int bus_publish(struct bus_socket *s, const char *topic, struct bytes body);

/* Stops (false) or resumes reading from a ROUTER: how a full service pushes back. */
void bus_set_reading(struct bus_socket *s, bool is_reading);

struct bus_counters {
    int64_t received, sent, send_failed,
        refused; /* refused: no or unknown principal, bad framing */
};
const struct bus_counters *bus_counters(const struct bus_socket *s);

/* Handshakes that the ZAP handler decided; zero for a pure client. */
void bus_handshakes(const struct bus *b, int64_t *ret_accepted, int64_t *ret_refused);

#endif
