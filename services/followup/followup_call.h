/* SPDX-License-Identifier: Apache-2.0 */
/*
 * followup_call.h - a claimed follow-up on its way to an order. In memory only: when the process
 * dies, the claim runs out and the follow-up is claimed again.
 *
 * Owned by one part at a time: made by followup_claims, handed to followup_numbers, then to
 * followup_orders, which frees it.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_CALL_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_CALL_H

#include <stdint.h>

#include "common/base/hash_table.h"
#include "services/followup/followup_arbiter.h"
#include "services/followup/followup_dialers.h"
#include "services/followup/followup_order_key.h"

struct agenda;

#define FOLLOWUP_PHONE_SIZE 256

struct followup_call {
    struct followup_due due;           /* as claimed: stored_version is the version of the claim */
    struct followup_dialer *dialer;    /* a line of it is booked; NULL: none any more */
    enum follow_up_event event;        /* what is to be done with it: order, or give the claim up */
    char key[FOLLOWUP_ORDER_KEY_SIZE]; /* of the order to come */
    char journal[FOLLOWUP_JOURNAL_SIZE]; /* of the dialer, as the order names it; "": none yet */
    char phone[FOLLOWUP_PHONE_SIZE]; /* or address: disclosed for this order; wiped when freed */
    struct agenda *agenda;           /* what it covers; owned; NULL until it is ordered */
    int64_t claim_until_us;          /* monotonic */
    int64_t next_ask_us;             /* monotonic: for the number */
    int64_t start_by_us;             /* real clock; of the order */
    int64_t ordered_us;              /* business time */
    int64_t due_us;                  /* business time: what the attempt was planned for */
    /* Takes it once the number is known, or is not to be had; NULL: it becomes an order. */
    void (*on_number)(struct followup_call *call);
    struct followup_call *prev, *next;
    UT_hash_handle hh; /* for who owns it */
};

/* Unbooks the line if one is still booked. NULL is fine. */
void followup_call_free(struct followup_call *c);

/* Lists by prev and next; a list is a pointer that begins as NULL. */
void followup_call_append(struct followup_call **list, struct followup_call *c);
void followup_call_remove(struct followup_call **list, struct followup_call *c);
void followup_call_free_list(struct followup_call **list);

#endif
