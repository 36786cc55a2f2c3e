/* SPDX-License-Identifier: Apache-2.0 */
/* bus_profile.h - the socket profile: every option of every ZeroMQ socket is set here. For bus.c
 * and zap.c alone. */
#ifndef TROTH_COMMON_RUNTIME_BUS_PROFILE_H
#define TROTH_COMMON_RUNTIME_BUS_PROFILE_H

#include "common/base/err.h"
#include "common/runtime/bus.h"

/* NULL with err. */
void *bus_profile_context(struct err *err);

/* The context of all pure clients of this process, which may come and go: contexts are never ended,
 * so each of its own would stay behind with its threads. NULL with err. */
void *bus_profile_client_context(struct err *err);

/* A socket of type ZMQ_ROUTER or ZMQ_PUB that is a CURVE server in the ZAP domain, which is
 * enforced; NULL with err. */
void *bus_profile_server(void *context, int type, const struct bus_keys *keys, const char *domain,
                         struct err *err);

/* A socket of type ZMQ_DEALER or ZMQ_SUB that is a CURVE client of server_key (Z85); NULL with err.
 */
void *bus_profile_client(void *context, int type, const struct bus_keys *keys,
                         const char *server_key, struct err *err);

/* Other keys for what such a client connects from now on. -1 with zmq_errno(). */
MUST_CHECK int bus_profile_set_keys(void *socket, const struct bus_keys *keys);

#endif
