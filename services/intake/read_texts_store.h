/* SPDX-License-Identifier: Apache-2.0 */
/* read_texts_store.h - what the job read-texts asks and writes, in small slices. */
#ifndef TROTH_INTAKE_READ_TEXTS_STORE_H
#define TROTH_INTAKE_READ_TEXTS_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "common/runtime/db.h"
#include "common/runtime/db_columns.h"
#include "services/intake/fingerprint.h"
#include "services/intake/word_count.h"

enum {
    READ_TEXTS_SLICE = 500 /* texts that are read at once */
};

/* ---- since when */

/* Queues: one row, when the job last began, for business time; none: never. */
void read_texts_last(struct db *db);
/* Queues that it began then. */
void read_texts_began(struct db *db, int64_t at_us);

/* ---- fingerprints */

/* Queues the cases of a bucket above after without a fingerprint, whose customers live: rows (case,
 * customer, then OPENED_TEXT_COLUMNS of the contact that opened it), ascending. */
enum {
    READ_TEXTS_CASE,
    READ_TEXTS_CASE_CUSTOMER,
    READ_TEXTS_CASE_TEXT
};
void read_texts_cases(struct db *db, int16_t bucket, int64_t after);

/* Rows to write: (case, customer, fingerprints). Ended by read_texts_write_fingerprints(). */
void read_texts_init_fingerprints(struct db_columns *ret_columns);
void read_texts_add_fingerprints(struct db_columns *columns, int64_t service_case, int64_t customer,
                                 const struct fingerprints *f);
/* Queues those that are not there yet, and how many cases have each. Frees the columns. */
void read_texts_write_fingerprints(struct db *db, int16_t bucket, struct db_columns *columns);

/* Queues: forgets the fingerprints of who was erased and of what was taken back; one row, how
 * many. */
void read_texts_forget(struct db *db, int16_t bucket);
/* Queues: notes which cases of the bucket are solved; affects those that changed. */
void read_texts_note_solved(struct db *db, int16_t bucket);
/* Queues: fingerprints that no case has any more are not counted any more. */
void read_texts_forget_counts(struct db *db);

/* ---- words of a day (UTC) */

/* Queues the days of which a contact came, or was taken back, since then: rows (day). */
void read_texts_days(struct db *db, int64_t since_us);
/* Queues: one row, how many contacts that day has. */
void read_texts_day_size(struct db *db, int64_t day_us);

/* A day, and the buckets first to last of it. */
struct read_texts_part {
    int64_t day_us;
    int16_t first, last;
};
/* Queues what people said, customer by customer: rows (customer, is merged into another,
 * then OPENED_TEXT_COLUMNS). */
enum {
    READ_TEXTS_SAID_CUSTOMER,
    READ_TEXTS_SAID_IS_MERGED,
    READ_TEXTS_SAID_TEXT
};
void read_texts_said(struct db *db, const struct read_texts_part *part);
/* Queues the products that the cases were about: rows (product, contacts, customers). */
void read_texts_products(struct db *db, const struct read_texts_part *part);

struct words_of_day {
    int64_t day_us;
    int64_t contacts; /* that were counted */
    struct word_list words, products;
};
/* Queues: one row, in how many rows what is stored of that day differs from this. */
void read_texts_differences(struct db *db, const struct words_of_day *w);
/* Queues: this is what is known of that day. */
void read_texts_replace(struct db *db, const struct words_of_day *w);

#endif
