/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_void_store.h - what taking records back reads and writes beyond the rest.
 *
 * A part of a batch that holds a RecordVoid asks for the receipts of the records that are to be
 * taken back first: only they say whom it is about. Then it goes on as any other, with the facts
 * and the history of the cases beside the rest. Writing changes rows that only the case's version,
 * or the receipt's voided_at, guards: who comes second finds those changed (40001).
 */
#ifndef TROTH_INTAKE_VOID_STORE_H
#define TROTH_INTAKE_VOID_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_record.h"
#include "services/intake/intake_work.h"

/* Queues the question for the receipts; false without a RecordVoid among the records: nothing is
 * queued. */
bool intake_void_ask_targets(struct db *db, struct intake_record *const *records, size_t count);
/* Fills target, names and bucket of the records. */
void intake_void_load_targets(const struct db_rows *rows, struct intake_record *const *records,
                              size_t count, struct intake_work *w);

/* Which sets of rows of the reading step are ours; -1: not asked. */
#define INTAKE_VOID_QUESTIONS 13
struct intake_void_reads {
    int sets[INTAKE_VOID_QUESTIONS];
};

struct intake_void_reads intake_void_read_nothing(void); /* to begin with */

/* Queues, after intake_read_records(); counts up *next. */
void intake_void_read(struct db *db, struct intake_record *const *records, size_t count, int *next,
                      struct intake_void_reads *ret_reads);
/* After intake_read_load(). */
void intake_void_load(const struct intake_void_reads *reads, const struct db_reply *reply,
                      struct intake_work *w);

/* Both queue statements; none has rows in the reply. They return how many rows they write. */

/* What was taken back, before the new facts: the reference of a redemption is free for one of them.
 */
size_t intake_void_queue_marks(struct db *db, const struct intake_work *w);
/* What became of the cases, after all inserts: it may have come in with this work. */
size_t intake_void_queue(struct db *db, const struct intake_work *w);

#endif
