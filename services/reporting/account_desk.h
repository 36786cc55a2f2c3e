/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account_desk.h - /v1/session and /v1/users: logging in and out, one's own settings, and the
 * accounts of all for those who keep them.
 */
#ifndef TROTH_REPORTING_ACCOUNT_DESK_H
#define TROTH_REPORTING_ACCOUNT_DESK_H

#include "services/reporting/web_door.h"
#include "services/reporting/web_gate.h"

struct account_desk;

/* Adds the routes to the door; borrows all. NULL with err: thread_failed. */
struct account_desk *account_desk_new(struct reporting *r, struct web_door *door,
                                      const struct web_gate *gate, struct err *err);
void account_desk_free(struct account_desk *d); /* NULL is fine */
size_t account_desk_open_count(const struct account_desk *d);

#endif
