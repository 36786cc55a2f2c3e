/* SPDX-License-Identifier: Apache-2.0 */
/* followup_group.h - for stores: who is the same person as a customer by a merge. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_GROUP_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_GROUP_H

/* Customers m who are the same person as c by a merge, c itself among them, both of
 * intake.customer_public; few customers are. */
#define SURVIVOR "coalesce(c.merged_into, c.number)"
#define OF_GROUP                                                                                   \
    "(c.merged_into IS NOT NULL OR c.follower_count > 0)"                                          \
    " AND (m.merged_into = " SURVIVOR " OR (m.bucket = (" SURVIVOR " & 255)::int2"                 \
    " AND m.number = " SURVIVOR "))"

#endif
