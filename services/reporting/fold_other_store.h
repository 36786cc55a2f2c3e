/* SPDX-License-Identifier: Apache-2.0 */
/* fold_other_store.h - follow-ups, and answers that belong to no case, as they are now: many at
 * once, as fold_case_store.h does it. */
#ifndef TROTH_REPORTING_FOLD_OTHER_STORE_H
#define TROTH_REPORTING_FOLD_OTHER_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/runtime/db.h"
#include "services/reporting/answer_bundle.h"
#include "services/reporting/fold_keys.h"
#include "services/reporting/follow_up_bundle.h"

enum fold_other_set {
    FOLD_OTHER_STORED_FOLLOW_UPS,
    FOLD_OTHER_FOLLOW_UPS,
    FOLD_OTHER_CALLS,
    FOLD_OTHER_STORED_ANSWERS,
    FOLD_OTHER_ANSWERS,
    FOLD_OTHER_ITEMS,
    FOLD_OTHER_SETS,
};

/* reporting.other_fact.subject */
#define FOLD_FOLLOW_UP "F"
#define FOLD_ANSWER    "A"

/* Both sealed. Queues FOLD_OTHER_SETS statements. */
void fold_other_store_ask(struct db *db, const struct fold_key_list *follow_ups,
                          const struct fold_key_list *answers);

/* Starts with {0}. */
struct fold_other_reader {
    const struct db_rows *const *sets; /* borrowed */
    size_t next[FOLD_OTHER_SETS];
    size_t call_room, item_room;
    struct follow_up_call *calls;
    struct answer_item *items;
};
void fold_other_reader_free(struct fold_other_reader *r);
void fold_other_reader_begin(struct fold_other_reader *r, const struct db_rows *const *sets);

/* place: among the keys, from 0, rising; ret_stored as in fold_case_store.h. False: it is not
 * there, or was taken back; then the rest is untouched. */
bool fold_other_next_follow_up(struct fold_other_reader *r, size_t place, struct bytes *ret_stored,
                               int64_t *ret_version, struct follow_up_rows *ret);
bool fold_other_next_answer(struct fold_other_reader *r, size_t place, struct bytes *ret_stored,
                            struct answer_row *ret);

#endif
