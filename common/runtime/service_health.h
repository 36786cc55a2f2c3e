/* SPDX-License-Identifier: Apache-2.0 */
/* service_health.h - /livez, /readyz and /metrics of every process, and the client that asks for
 * them. */
#ifndef TROTH_COMMON_RUNTIME_SERVICE_HEALTH_H
#define TROTH_COMMON_RUNTIME_SERVICE_HEALTH_H

#include "common/base/err.h"
#include "common/runtime/service.h"

struct service_health;

/* Adds the routes to s->http, if there is one. s is borrowed. /readyz says no until
 * service_health_begin(). */
struct service_health *service_health_new(struct service *s);
void service_health_begin(struct service_health *h); /* the service has started */
void service_health_free(struct service_health *h);  /* after http_stop(); NULL is fine */

/* Asks the process at the HTTP endpoint for /readyz, within 3 s. Returns 0 when it is ready. */
MUST_CHECK int service_health_ask(const char *endpoint, struct err *err);

/* What time that process' machine has, in seconds since 1970, ready or not. */
MUST_CHECK int service_health_ask_time(const char *endpoint, int64_t *ret_s, struct err *err);

#endif
