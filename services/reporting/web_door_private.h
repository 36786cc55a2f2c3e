/* SPDX-License-Identifier: Apache-2.0 */
/* web_door_private.h - the door and its own parts: sessions, accounts, files, views written down.
 */
#ifndef TROTH_REPORTING_WEB_DOOR_PRIVATE_H
#define TROTH_REPORTING_WEB_DOOR_PRIVATE_H

#include "services/reporting/web_door.h"
#include "services/reporting/web_gate.h"
#include "services/reporting/web_rates.h"

#define WEB_REST_SIZE 256

struct web_door {
    struct reporting *reporting;
    struct web_gate *gate;
    struct web_rates *rates;
    struct loop_timer *timer;
    struct door_route *routes;
    struct asking *asking; /* oldest first */
    size_t asking_count;
    int64_t *passed, *refused, *throttled;
    /* web_parts.c */
    struct web_files *files;
    struct web_views *views;
    struct account_desk *accounts;
};

/* web_parts.c: their routes. */
MUST_CHECK int web_parts_open(struct web_door *d, struct err *err);
void web_parts_close(struct web_door *d);
size_t web_parts_open_count(const struct web_door *d);

#endif
