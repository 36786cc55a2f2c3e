/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_link.h - keeps a client's connections coming back, for bus.c.
 *
 * libzmq reconnects by itself when a connection breaks, but gives an endpoint up for ever when the
 * peer refuses our key or sends what it must not. A key is often registered after its owner has
 * started, so we watch the socket's events and connect again, every 2 s.
 */
#ifndef TROTH_COMMON_RUNTIME_BUS_LINK_H
#define TROTH_COMMON_RUNTIME_BUS_LINK_H

#include "common/base/err.h"
#include "common/runtime/bus.h"
#include "common/runtime/loop.h"

struct bus_link;

/* Connects socket to each of the endpoints, which are separated by blanks. NULL with err, code
 * "connect_failed". */
struct bus_link *bus_link_new(struct loop *loop, void *context, void *socket, const char *endpoints,
                              struct err *err);

/* See bus_follow_key_file(). */
void bus_link_follow_key_file(struct bus_link *l, const char *path);

/* Connects each endpoint anew: with the keys that the socket has now. */
void bus_link_reconnect(struct bus_link *l);

/* As the last event told. */
enum bus_connection bus_link_connection(const struct bus_link *l);

/* Before the socket is closed. NULL is fine. */
void bus_link_free(struct bus_link *l);

#endif
