/* SPDX-License-Identifier: Apache-2.0 */
/* http_private.h - what http.c, http_exchange.c and http_peers.c share. */
#ifndef TROTH_COMMON_RUNTIME_HTTP_PRIVATE_H
#define TROTH_COMMON_RUNTIME_HTTP_PRIVATE_H

#include <microhttpd.h>

#include "common/runtime/http.h"
#include "common/runtime/http_address.h"

struct http_entry {
    struct http_entry *next;
    char *method, *path, *content_type;
    http_handler_fn *handler; /* or */
    http_later_fn *later;
    http_admit_fn *admit;
    void *ctx;
};

/* A connection. Listed, oldest first, while we wait for what its peer does. */
struct http_peer {
    struct http_peer *older, *newer;
    int fd;
    bool is_listed;
    int64_t since_us;
};

struct http {
    struct MHD_Daemon *daemon;
    struct loop *loop;
    struct loop_watch *watch;
    struct loop_timer *timer;
    struct http_options options; /* endpoint: ours */
    struct http_entry *entries;
    struct http_exchange *waiting; /* suspended, in no order */
    struct http_peer *oldest, *newest;
    size_t peer_count;
    size_t busy_count;
    size_t body_bytes; /* of bodies that are being received */
    struct http_counters counters;
    char endpoint[HTTP_ADDRESS_TEXT_SIZE];
};

/* ---- http_exchange.c: libmicrohttpd's callbacks, one request each */

// NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's
enum MHD_Result http_on_data(void *ctx, struct MHD_Connection *connection, const char *path,
                             const char *method, const char *version, const char *data,
                             size_t *data_len, void **exchange);
void http_on_end(void *ctx, struct MHD_Connection *connection, void **exchange,
                 enum MHD_RequestTerminationCode code);
/* Before the daemon is stopped. */
void http_drop_waiting(struct http *h);

/* ---- http_peers.c */

void http_on_connection(void *ctx, struct MHD_Connection *connection, void **peer,
                        enum MHD_ConnectionNotificationCode code);
struct http_peer *http_peer_of(struct MHD_Connection *connection);
/* From now on, we wait for the peer (anew). */
void http_peer_wait(struct http *h, struct http_peer *p);
/* It waits for us. */
void http_peer_rest(struct http *h, struct http_peer *p);
/* Closes those that are too late. Returns the microseconds until the next one may be, or -1. */
int64_t http_peers_sweep(struct http *h);

#endif
