/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk_changes.h - GET /v1/changes?since=TOKEN: answered when something has changed that the
 * dashboard shows, or after 25 s.
 *
 * What has changed is read from the database, once a second while anybody waits, so it does not
 * matter which process made it. At most one answer a second goes to anybody. When too many wait,
 * the one that has waited longest is answered for the new one, and told by retry_after_s (in the
 * body and as Retry-After) when to ask again.
 */
#ifndef TROTH_REPORTING_DESK_CHANGES_H
#define TROTH_REPORTING_DESK_CHANGES_H

#include "services/reporting/web_door.h"

struct desk_changes;

struct desk_changes *desk_changes_new(struct reporting *r, struct web_door *door);
void desk_changes_free(struct desk_changes *c); /* NULL is fine; who waits gets no answer */
/* Answers everybody now, and from then on at once. */
void desk_changes_drain(struct desk_changes *c);

#endif
