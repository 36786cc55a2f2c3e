/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service_notify.h - tells a supervisor that speaks systemd's sd_notify(3) how we are.
 *
 * One datagram a state, to the unix socket named by $NOTIFY_SOCKET; without that nothing is said to
 * anybody. When the supervisor watches ($WATCHDOG_USEC, and $WATCHDOG_PID is us or not there), a
 * timer of the loop says three times in that period that the loop turns: one that hangs falls
 * silent and is ended and started again.
 */
#ifndef TROTH_COMMON_RUNTIME_SERVICE_NOTIFY_H
#define TROTH_COMMON_RUNTIME_SERVICE_NOTIFY_H

#include "common/runtime/loop.h"

struct service_notify;

/* Reads the environment. Never fails: a service that nobody watches serves all the same, and what
 * cannot be told is logged once. The loop must outlive it. */
struct service_notify *service_notify_new(struct loop *l);
void service_notify_free(struct service_notify *n); /* NULL is fine */

/* We serve; from now on the loop is watched. */
void service_notify_ready(struct service_notify *n);

/* We were asked to stop and end what is in flight. NULL is fine. */
void service_notify_stopping(struct service_notify *n);

#endif
