/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_read_store.h - step 1 of a transaction: reads what stands about everybody whom the records
 * name.
 *
 * Nothing is locked: what is written back must still have the version that was read
 * (intake_write_store.h).
 */
#ifndef TROTH_INTAKE_READ_STORE_H
#define TROTH_INTAKE_READ_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "services/intake/intake_record.h"
#include "services/intake/intake_work.h"

/* Which set of rows of the step answers which question; -1: not asked. */
struct intake_reads {
    int receipts, customers, customer_numbers, cases, pauses, case_references, reference_pauses,
        promises, promise_pauses, points, open_cases, open_pauses, staff, steps, blocks,
        case_customers, survivors, survivor_pauses, reference_tiers, case_tiers,
        reference_redemptions, number_redemptions, erasure_members, erasure_references,
        erasure_events, erasure_told;
    int next;
};

struct intake_reads intake_read_nothing(void); /* to begin with */

/* Queues the questions about these records. */
void intake_read_records(struct db *db, struct intake_record *const *records, size_t count,
                         struct intake_reads *ret_reads);

/* Queues the taking of blocks for numbers; count 0: nothing. */
void intake_read_blocks(struct db *db, size_t count, struct intake_reads *reads);

/* Fills the work from the reply, which was DB_OK. Texts are borrowed from the reply. Returns how
 * many promises with a due step there were. */
size_t intake_read_load(const struct intake_reads *reads, const struct db_reply *reply,
                        struct intake_work *w);

/* Only the blocks. */
void intake_read_load_blocks(const struct intake_reads *reads, const struct db_reply *reply,
                             struct intake_numbers *n);

#endif
