/* SPDX-License-Identifier: Apache-2.0 */
/* worklist_leases.h - ends what people took and did not finish: not accepted in time, nothing was
 * done; accepted and without an outcome, nobody knows. */
#ifndef TROTH_SERVICES_FOLLOWUP_WORKLIST_LEASES_H
#define TROTH_SERVICES_FOLLOWUP_WORKLIST_LEASES_H

struct followup;
struct worklist_leases;

struct worklist_leases *worklist_leases_new(struct followup *f);
void worklist_leases_free(struct worklist_leases *l); /* NULL is fine */

#endif
