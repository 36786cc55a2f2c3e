/* SPDX-License-Identifier: Apache-2.0 */
/* followup_watch.h - looks after orders that have no result: asks their dialer, or gives them to a
 * person. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_WATCH_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_WATCH_H

struct followup;
struct followup_watch;

/* Looks every ask_every by itself. */
struct followup_watch *followup_watch_new(struct followup *f);
void followup_watch_free(struct followup_watch *w); /* NULL is fine */

/* A dialer came back: ask it about its orders now. */
void followup_watch_wake(struct followup_watch *w);

#endif
