/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_peers.c - whom we wait for, and for how long.
 *
 * libmicrohttpd's own time-out begins anew with every byte, so that a peer who sends one byte every
 * few seconds stays for ever. Here the time of a whole request counts. Closing is done by
 * shutdown(): libmicrohttpd then sees the end of the connection in its own time.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "common/runtime/http_private.h"

static void unlist(struct http *h, struct http_peer *p)
{
    if (!p->is_listed) {
        return;
    }
    *(p->older ? &p->older->newer : &h->oldest) = p->newer;
    *(p->newer ? &p->newer->older : &h->newest) = p->older;
    p->older = p->newer = NULL;
    p->is_listed = false;
}

void http_peer_rest(struct http *h, struct http_peer *p)
{
    if (p) {
        unlist(h, p);
    }
}

void http_peer_wait(struct http *h, struct http_peer *p)
{
    if (!p) {
        return;
    }
    unlist(h, p);
    p->since_us = instant_monotonic_us();
    p->older = h->newest;
    *(h->newest ? &h->newest->newer : &h->oldest) = p;
    h->newest = p;
    p->is_listed = true;
}

static void close_oldest(struct http *h)
{
    struct http_peer *p = h->oldest;
    unlist(h, p);
    (void)shutdown(p->fd, SHUT_RDWR);
    h->counters.late++;
}

int64_t http_peers_sweep(struct http *h)
{
    int64_t now_us = instant_monotonic_us();
    while (h->oldest && h->oldest->since_us + h->options.request_us <= now_us) {
        close_oldest(h);
    }
    return h->oldest ? h->oldest->since_us + h->options.request_us - now_us : -1;
}

struct http_peer *http_peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static struct http_peer *begin(struct http *h, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct http_peer *p = xcalloc(1, sizeof(*p));
    p->fd = info->connect_fd;
    h->peer_count++;
    http_peer_wait(h, p);
    return p;
}

void http_on_connection(void *ctx, struct MHD_Connection *connection, void **peer,
                        enum MHD_ConnectionNotificationCode code)
{
    struct http *h = ctx;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *peer = begin(h, connection);
        /* The new one is the newest: it goes only if all others are being worked on. */
        if (h->peer_count > h->options.connections_max) {
            close_oldest(h);
        }
    } else if (*peer) {
        unlist(h, *peer);
        h->peer_count--;
        free(*peer);
        *peer = NULL;
    }
}
