/* SPDX-License-Identifier: Apache-2.0 */
/* train_triage_store.h - the cases that triage learns from. */
#ifndef TROTH_INTAKE_TRAIN_TRIAGE_STORE_H
#define TROTH_INTAKE_TRAIN_TRIAGE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/runtime/db.h"

enum {
    TRAIN_TRIAGE_SLICE = 200 /* cases of one statement: milliseconds */
};

/* Columns of the rows. */
enum {
    TRAIN_TRIAGE_CASE,
    TRAIN_TRIAGE_CATEGORY, /* null: of its mood alone there is something to learn */
    TRAIN_TRIAGE_BY_STAFF,
    TRAIN_TRIAGE_KIND,
    TRAIN_TRIAGE_TEXT, /* five columns, as opened_text_field() wants them */
};

struct train_triage_slice {
    int16_t bucket;
    int64_t before;   /* numbers less than this, the largest first: the newest cases */
    bool is_held_out; /* the fifth that is never learned from; else the others */
    int64_t cases_max;
};
/* Queues the question for cases whose source, or staff, told the category, and for complaints and
 * praise; with the texts of the contacts that opened them. Who was erased is not among them. */
void train_triage_read(struct db *db, const struct train_triage_slice *slice);

#endif
