/* SPDX-License-Identifier: Apache-2.0 */
/* branch_zones.h - which time zone each branch is in, as intake knows it. */
#ifndef TROTH_SERVICES_FOLLOWUP_BRANCH_ZONES_H
#define TROTH_SERVICES_FOLLOWUP_BRANCH_ZONES_H

#include <stddef.h>

/* Start with {0}. */
struct branch_zones {
    struct branch_zone {
        char *branch;
        char *zone;
    } * items; /* by branch */
    size_t count;
};

void branch_zones_free(struct branch_zones *z);

/* Copies both; the last one of a branch counts. */
void branch_zones_set(struct branch_zones *z, const char *branch, const char *zone);

/* The name of its zone; NULL: not known. branch may be NULL. */
const char *branch_zones_find(const struct branch_zones *z, const char *branch);

#endif
