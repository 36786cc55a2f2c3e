/* SPDX-License-Identifier: Apache-2.0 */
/* answer_rhythm_store.h - what a conversation leaves in followup.customer_rhythm at once: refusals.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_ANSWER_RHYTHM_STORE_H
#define TROTH_SERVICES_FOLLOWUP_ANSWER_RHYTHM_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/followup/followup_order_key.h"

struct answer_refusal {
    int64_t customer;
    int64_t refused_us;
    char key[FOLLOWUP_ANSWER_KEY_SIZE]; /* of the Consent record in the outbox: until intake has
                                           it, the refusal counts here. "": only this time */
    int32_t purpose;                    /* 0: every call */
};

/* One statement without rows; nothing for an empty list. Beside those that intake has not got yet,
 * or rejected. */
void answer_rhythm_store_put_refusals(struct db *db, const struct answer_refusal *list,
                                      size_t count);

#endif
