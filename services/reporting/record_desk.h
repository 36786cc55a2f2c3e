/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record_desk.h - what a customer said on a page, handed to intake as records, and what became of
 * all records of one answer.
 *
 * A key that is used already is no failure: the same was said before, on this page or another try.
 * Whoever waits for too long withdraws; intake may have the records all the same, and the next try
 * sends the same keys.
 */
#ifndef TROTH_REPORTING_RECORD_DESK_H
#define TROTH_REPORTING_RECORD_DESK_H

#include <stddef.h>

#include "common/domain/answer_writer.h"
#include "services/reporting/reporting.h"

struct record_desk;

/* How many records of one answer were accepted (now, or the very same before), known (something
 * else was said under the key) and failed (rejected for another reason). */
struct record_tally {
    size_t accepted, known, failed;
};

/* All records have their receipts. Called from the loop, once, also from within
 * record_desk_send(). */
typedef void record_desk_fn(void *ctx, const struct record_tally *tally);

/* Connects to the setting intake, with intake_key_file. Up to capacity records wait for receipts.
 * NULL with err. */
struct record_desk *record_desk_new(struct reporting *r, size_t capacity, struct err *err);
void record_desk_free(struct record_desk *d); /* NULL is fine; who waits is not called */

/* packed has the bodies at the records' offsets; both are borrowed for the call. One answer of ctx
 * at a time. done may free ctx. */
void record_desk_send(struct record_desk *d, const struct answer_record *records, size_t count,
                      const struct buffer *packed, record_desk_fn *done, void *ctx);
/* done is not called any more for this ctx. */
void record_desk_withdraw(struct record_desk *d, const void *ctx);

#endif
