/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worklist_lease_store.h - the questions to followup.worklist_lease: who has which conversation in
 * hand, by the clock of the database. A row without `snoozed_until` is somebody's; one with it
 * keeps a listed follow-up off the list until then. See followup_store.h.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_WORKLIST_LEASE_STORE_H
#define TROTH_SERVICES_FOLLOWUP_WORKLIST_LEASE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/followup_order_key.h"
#include "services/followup/followup_row_store.h"

enum {
    WORKLIST_STAFF_SIZE = 65,
    WORKLIST_SEARCH_MAX = 16,
};

/* ---- giving out */

struct worklist_grant {
    int64_t follow_up;
    int32_t attempt;
    const char *staff;
    int64_t lease_us; /* from now on, machine time */
};

/* One statement without rows, in the transaction that orders. A row of a lease that somebody else
 * still has is DB_CONFLICT. */
void worklist_lease_store_put_grant(struct db *db, const struct worklist_grant *grant);

/* What this person has in hand: at most one row, the order key. */
void worklist_lease_store_put_held(struct db *db, const char *staff);
const char *worklist_lease_store_get_held(const struct db_rows *r); /* NULL: nothing */

/* When the lease of this follow-up ends, in machine time: at most one row. */
void worklist_lease_store_put_until(struct db *db, int64_t follow_up);
int64_t worklist_lease_store_get_until(const struct db_rows *r); /* FOLLOW_UP_NEVER: no lease */

/* ---- what there is to give out */

struct worklist_search {
    const struct db_array *buckets; /* int2 */
    int64_t now_us;                 /* business time */
    const char *staff;              /* who returned one does not get it again for an hour */
    const char *branch;             /* only of this one; "": any */
};

/* Planned ones on the channel of people that are due, the most urgent first,
 * WORKLIST_SEARCH_MAX at most. Locks nothing. Rows: followup_due_store_get_row(). */
void worklist_lease_store_put_due(struct db *db, const struct worklist_search *search);

/* Listed follow-ups that nobody has in hand, the most urgent first, eight at most. Locks nothing.
 * Rows: followup_store_get(). */
void worklist_lease_store_put_listed(struct db *db, const struct worklist_search *search);

/* Locks that follow-up if it is still listed and as it was read: one row, followup_store_get(), or
 * none. */
void worklist_lease_store_put_lock(struct db *db, const struct follow_up *f);

/* ---- what comes back */

enum worklist_lease_change {
    WORKLIST_LEASE_ACCEPTED = 1, /* its holder has until_us from now on (microseconds) */
    WORKLIST_LEASE_ENDED,        /* nobody's any more */
    WORKLIST_LEASE_SNOOZED,      /* the same, and off the list until until_us (business time) */
};

struct worklist_lease_move {
    int64_t follow_up;
    int32_t attempt;
    enum worklist_lease_change change;
    int64_t until_us;
};

/* One statement without rows; none is changed when the lease is of another order by now. */
void worklist_lease_store_put_move(struct db *db, const struct worklist_lease_move *move);

/* The order counts in the contact budgets from now on, those of the person and of the number. One
 * statement without rows. */
void worklist_lease_store_put_count(struct db *db, int64_t follow_up, int32_t attempt,
                                    int64_t now_us);

/* Leases of these buckets that have run out. */
void worklist_lease_store_put_over(struct db *db, const struct db_array *buckets);
struct worklist_over {
    char key[FOLLOWUP_ORDER_KEY_SIZE];
    bool was_accepted;
};
void worklist_lease_store_get_over(const struct db_rows *r, size_t row, struct worklist_over *ret);

#endif
