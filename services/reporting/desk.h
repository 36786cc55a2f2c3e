/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk.h - what people at the dashboard work with: the story of a case and of a customer, the
 * clocks of its promises, texts and numbers (each view written down), the worklist, and being told
 * when something has changed.
 *
 * Registers these routes at the door: GET /v1/cases/N and /v1/cases/N/clocks, POST
 * /v1/cases/N/texts; GET /v1/customers/N and /v1/customers?source=&ref=, POST
 * /v1/customers/N/contact; GET /v1/fallen; GET /v1/worklist, POST /v1/worklist/take and
 * /v1/worklist/report; GET /v1/changes. Texts are asked of intake, scores of loyalty, the worklist
 * of the follow-up scheduler; without one of them the others work.
 */
#ifndef TROTH_REPORTING_DESK_H
#define TROTH_REPORTING_DESK_H

#include <stddef.h>

#include "services/reporting/reporting.h"
#include "services/reporting/web_door.h"

struct desk;

/* Before the loop turns. Borrows both. NULL with err: a key file that cannot be read. */
struct desk *desk_new(struct reporting *r, struct web_door *door, struct err *err);
void desk_free(struct desk *d); /* NULL is fine; who waits gets no answer. Before the door */

/* Who waits for changes is answered now. NULL is fine. */
void desk_drain(struct desk *d);
size_t desk_open_count(const struct desk *d); /* requests that are worked on. NULL: 0 */

#endif
