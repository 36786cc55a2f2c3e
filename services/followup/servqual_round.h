/* SPDX-License-Identifier: Apache-2.0 */
/*
 * servqual_round.h - which items of SERVQUAL a customer is asked next, so that all 22 are answered
 * over time at two a contact. Pure.
 *
 * A mask has the bit (1 << item) of each item that was answered in the current round; it is empty
 * again when all were. Items are marked when their answer has come and not when they are ordered:
 * most orders reach nobody, and an item that was never heard is not covered.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_SERVQUAL_ROUND_H
#define TROTH_SERVICES_FOLLOWUP_SERVQUAL_ROUND_H

#include <stddef.h>
#include <stdint.h>

enum {
    SERVQUAL_PER_CONTACT = 2,
    SERVQUAL_ROUND_ALL = (1 << 23) - 2, /* the mask of all 22 */
};

/* Items of the round that were not answered yet, of different dimensions where that can be.
 * seed (customer and follow-up) says where to begin: customers begin at different items, and what
 * one leaves unanswered does not come back each time. Returns how many, 1 to 2. */
size_t servqual_round_next(uint32_t asked, uint64_t seed, int ret_items[SERVQUAL_PER_CONTACT]);

/* Its bit in a mask; 0: there is no such item. */
uint32_t servqual_round_bit(int item);

#endif
