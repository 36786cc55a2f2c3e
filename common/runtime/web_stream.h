/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_stream.h - a connection over which its user speaks a protocol of its own, with or without
 * TLS, by libcurl in the loop: names are looked up beside it, certificates verified.
 */
#ifndef TROTH_COMMON_RUNTIME_WEB_STREAM_H
#define TROTH_COMMON_RUNTIME_WEB_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/runtime/web_client.h"

struct web_stream;

struct web_stream_options {
    const char *url;    /* "http://host:port", or "https://host:port" for TLS; copied */
    int64_t timeout_us; /* until it is connected */
    /* Once, from the loop. code "" when it stands; else it never will, and is to be closed. */
    void (*connected)(void *ctx, const struct err *err);
    /* events: LOOP_READ, LOOP_WRITE. Read until there is no more: TLS may hold some back that the
     * socket does not show. Both may close it. */
    void (*ready)(void *ctx, int events);
    void *ctx;
};

/* Never NULL. The client's proxy must be none. */
struct web_stream *web_stream_open(struct web_client *c, const struct web_stream_options *options);
void web_stream_close(struct web_stream *s); /* NULL is fine; calls nobody */

/* These, once it is connected. Return how much, 0: not now (recv: try again when it is ready); -1:
 * the connection is over. */
MUST_CHECK ssize_t web_stream_send(struct web_stream *s, const void *data, size_t len);
MUST_CHECK ssize_t web_stream_recv(struct web_stream *s, void *data, size_t size);
/* Which events ready() is called for; LOOP_READ at first. */
void web_stream_events(struct web_stream *s, int events);
/* The other side is this machine: 127.0.0.0/8 or ::1. */
bool web_stream_is_near(const struct web_stream *s);

#endif
