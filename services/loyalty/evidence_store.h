/* SPDX-License-Identifier: Apache-2.0 */
/* evidence_store.h - a row of loyalty.score_evidence as struct evidence. */
#ifndef TROTH_LOYALTY_EVIDENCE_STORE_H
#define TROTH_LOYALTY_EVIDENCE_STORE_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/loyalty/evidence.h"

/* What a SELECT names of a row that it calls e. */
#define EVIDENCE_COLUMNS                                                                           \
    "e.customer_number, e.kind, e.subject, e.part, e.version, e.value, e.expectation,"             \
    " e.dimension, e.is_void, e.case_number, e.at, e.recorded_at, e.made_at, e.due_at,"            \
    " e.done_at, e.branch, e.team, e.label, e.event_stream, e.event_seq"

/* first: the column of EVIDENCE_COLUMNS' first. Texts are borrowed from the rows. */
struct evidence evidence_store_take(const struct db_rows *rows, size_t row, int first);

#endif
