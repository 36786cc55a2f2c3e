/* SPDX-License-Identifier: Apache-2.0 */
/* followup_requests.h - what arrives at the ROUTER (proto/dialer.proto) and from intake. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_REQUESTS_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_REQUESTS_H

#include "common/runtime/bus.h"

/* Handlers of the bus; ctx is the struct followup. */
void followup_on_request(void *ctx, struct bus_socket *s, const struct bus_message *m);
void followup_on_intake(void *ctx, struct bus_socket *s, const struct bus_message *m);
void followup_on_intake_event(void *ctx, struct bus_socket *s, const struct bus_message *m);

#endif
