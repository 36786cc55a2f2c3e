/* SPDX-License-Identifier: Apache-2.0 */
/* followup_outbox_store.h - the questions to followup.record_outbox. See followup_store.h. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_OUTBOX_STORE_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_OUTBOX_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/runtime/db.h"
#include "services/followup/followup_order_key.h"

/* Stored. */
enum followup_outbox_state {
    FOLLOWUP_OUTBOX_WAITING = 1,
    FOLLOWUP_OUTBOX_ACCEPTED,
    FOLLOWUP_OUTBOX_REJECTED, /* never will be taken; kept for a person */
};

struct followup_outbox_record {
    int64_t follow_up;
    char key[FOLLOWUP_ANSWER_KEY_SIZE];
    struct bytes record; /* troth.v1.Record, packed and sealed to our own key; borrowed */
};

/* What intake said to a record. */
struct followup_outbox_receipt {
    int64_t follow_up;
    char key[FOLLOWUP_ANSWER_KEY_SIZE];
    char code[40]; /* "" when accepted */
};

/* Adds records that wait; a key that is there already is left as it is. No rows. */
void followup_outbox_store_put_insert(struct db *db, const struct followup_outbox_record *list,
                                      size_t count, int64_t now_us);

/* Records that wait in these buckets (int2), but those that were added later than now_us. */
void followup_outbox_store_put_waiting(struct db *db, const struct db_array *buckets,
                                       int64_t now_us, int32_t limit);
/* Borrowed from the row. */
void followup_outbox_store_get_waiting(const struct db_rows *r, size_t row,
                                       struct followup_outbox_record *ret);

/* Ends records that wait: accepted ones lose their body. One statement per bucket, without rows. */
void followup_outbox_store_put_receipts(struct db *db, const struct followup_outbox_receipt *list,
                                        size_t count, int64_t now_us);

#endif
