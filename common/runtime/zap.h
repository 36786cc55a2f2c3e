/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zap.h - the ZAP handler (ZeroMQ RFC 27): a thread that lets known CURVE keys in and nobody else.
 *
 * It answers from the principal table in memory, never from SQL, because its queue has no limit.
 * The User-Id it sets is the public key in hex, and not the principal's id: a key that was replaced
 * is refused on its open connections too. Domain "events" also needs RIGHT_EVENTS; other domains
 * only a known key (rights are checked on every message). If the thread fails, the process ends:
 * without a handler everybody would be let in. A thread that is stuck, or that somebody killed
 * alone, lets nobody in; zap_is_alive() finds it.
 */
#ifndef TROTH_COMMON_RUNTIME_ZAP_H
#define TROTH_COMMON_RUNTIME_ZAP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/principal.h"

#define ZAP_DOMAIN_REQUESTS "requests"
#define ZAP_DOMAIN_EVENTS   "events"

struct zap;

/* Binds inproc://zeromq.zap.01 in context and starts the thread. principals is borrowed. */
struct zap *zap_start(void *context, struct principal_table *principals, struct err *err);
void zap_stop(struct zap *z); /* NULL is fine; nobody gets in afterwards */

/* Asked once a second by the loop. False: the thread has not turned for three of these questions,
 * though it does several times a second: the process should end. */
bool zap_is_alive(struct zap *z);

struct zap_counters {
    int64_t accepted, refused; /* handshakes; a refused peer tries again and again */
};
struct zap_counters zap_counters(struct zap *z);

/* Binds a throw-away socket as the bus does and tries to enter with a random key. Returns 0 when it
 * stayed out, -1 (code "zap_self_test_failed") when it got in or the handler did not answer. Waits
 * up to 2 s: start-up only. */
MUST_CHECK int zap_self_test(void *context, struct err *err);

#endif
