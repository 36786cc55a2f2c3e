/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worklist_listed.h - listed follow-ups for the person who asks: each is given out with a lease and
 * an attempt of its own, and stays listed until its outcome settles it, so no machine calls about
 * it again.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_WORKLIST_LISTED_H
#define TROTH_SERVICES_FOLLOWUP_WORKLIST_LISTED_H

struct worklist_take;

/* Looks for one, on the take's own conversation, and hands it over, or says that there is none. */
void worklist_listed_begin(struct worklist_take *t);

#endif
