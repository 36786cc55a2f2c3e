/* SPDX-License-Identifier: Apache-2.0 */
/* http_private.h - what http.c and the other http_*.c share. */
#ifndef TROTH_COMMON_RUNTIME_HTTP_PRIVATE_H
#define TROTH_COMMON_RUNTIME_HTTP_PRIVATE_H

#include <microhttpd.h>

#include "common/runtime/http.h"
#include "common/runtime/http_address.h"

enum {
    HTTP_STATUS_CLASSES = 6,
};

struct http_entry {
    struct http_entry *next;
    char *method, *path, *content_type;
    bool is_prefix;
    http_handler_fn *handler; /* or */
    http_later_fn *later;
    http_admit_fn *admit;
    void *ctx;
    struct metrics_histogram *duration; /* NULL until one was answered */
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
    struct text always;      /* as headers of a response */
    struct metrics *metrics; /* NULL: not measured */
    char door[16];
    int64_t *answers[HTTP_STATUS_CLASSES]; /* by the first digit of the status */
    char endpoint[HTTP_ADDRESS_TEXT_SIZE];
};

/* What is refused without asking a handler. code and text need no escaping. */
struct http_refusal {
    int status;
    const char *code, *text;
    const char *allow;
    int64_t retry_after_s;
    bool is_closing; /* where the next request begins is not sure */
};

/* ---- http_route.c */

/* The entry for a request, NULL when there is none; HEAD is GET whose body libmicrohttpd keeps
 * back. *ret_rest is a part of path. ret_allow is filled with the methods that the path has when
 * the entry is missing, "" for none. */
struct http_allow {
    char text[96];
};
struct http_entry *http_find_entry(const struct http *h, const char *method, const char *path,
                                   const char **ret_rest, struct http_allow *ret_allow);

/* ---- http_head.c: is it a request at all, by its head alone */

/* What http_on_uri() returns for an address that is none: http_on_data() gets it as the exchange.
 */
extern char http_bad_uri;
void *http_on_uri(void *ctx, const char *uri, struct MHD_Connection *connection);
/* Framing, names of headers, Host. NULL: nothing is wrong. */
const struct http_refusal *http_head_fault(struct MHD_Connection *connection, const char *version);
/* The type and length of the body for this entry. */
const struct http_refusal *http_body_fault(struct MHD_Connection *connection,
                                           const struct http_entry *entry);

/* ---- http_measure.c */

void http_note_status(const struct http *h, unsigned status);
/* The handler of the entry has answered. */
void http_note_duration(const struct http *h, struct http_entry *entry, int64_t us);

/* ---- http_respond.c */

/* Takes r's texts over. NULL: out of memory. allow, is_closing: of a refusal. */
struct http_ready {
    struct MHD_Response *response;
    unsigned status;
};
struct http_ready http_make_ready(const struct http *h, struct MHD_Connection *connection,
                                  struct http_response *r, const struct http_refusal *why);
/* Fills r with what is told about the refusal. */
void http_print_refusal(struct http *h, const char *path, const struct http_refusal *why,
                        struct http_response *ret_r);

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
