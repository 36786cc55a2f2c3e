/* SPDX-License-Identifier: Apache-2.0 */
/* rhythm_store.h - followup.customer_rhythm: what rules ask of a customer's past that no single
 * event says. */
#ifndef TROTH_SERVICES_FOLLOWUP_RHYTHM_STORE_H
#define TROTH_SERVICES_FOLLOWUP_RHYTHM_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/plan_index.h"

/* What is new of a customer; DB_NO_TIME: nothing. */
struct rhythm_beat {
    int64_t customer;
    int64_t contact_us; /* the customer said something */
    int64_t purchase_us;
    int64_t refusal_us; /* the customer did not want to talk when we called */
    uint32_t servqual;  /* bit (1 << item): items of SERVQUAL that were answered */
};

/* Beats in hand, one for each customer; start with {0}. */
struct rhythm_list {
    struct rhythm_beat *items;
    size_t count, capacity;
    struct plan_index by_customer;
};
/* Merges it into what is there of the same customer. */
void rhythm_list_add(struct rhythm_list *l, const struct rhythm_beat *beat);
void rhythm_list_clear(struct rhythm_list *l);
void rhythm_list_free(struct rhythm_list *l);

/* Queues one statement, which may span buckets; nothing for none. Contacts and purchases are only
 * written when they move by more than an hour, refusals always; nothing moves back. Once all items
 * of SERVQUAL were answered a new round begins, see servqual_round.h. */
void rhythm_store_put(struct db *db, const struct rhythm_list *list);

#endif
