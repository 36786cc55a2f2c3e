/* SPDX-License-Identifier: Apache-2.0 */
/* text_reader.h - what the jobs share that read texts: read-texts and train-triage. */
#ifndef TROTH_INTAKE_TEXT_READER_H
#define TROTH_INTAKE_TEXT_READER_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/runtime/lease.h"
#include "common/runtime/service.h"
#include "services/intake/keyring.h"
#include "services/intake/plain_text.h"

struct text_reader {
    struct service *service;
    struct db *db; /* NULL: lost for good */
    const struct keyring *keyring;
    uint8_t gram_key[KEYRING_GRAM_KEY_LEN];
    struct lease_set *slots; /* the stream that this run writes */
    struct arena *arena;     /* of one text */
    struct plain_text text;  /* the same */
    int64_t began_us;        /* business time */
    int64_t cases, forgotten, solved_changed, damaged, days, days_changed, words, contacts;
};

/* Queues the statements of one step; called again when the step has to be repeated. */
typedef void text_reader_queue_fn(struct text_reader *r, const void *what);
/* Runs it until it is done: NULL with err when it cannot be. Rows are valid until the next db_
 * call. */
const struct db_reply *text_reader_run(struct text_reader *r, text_reader_queue_fn *queue,
                                       const void *what, struct err *err);

/* Writes down that this run reads texts, with its purpose: committed before anything is read. */
MUST_CHECK int text_reader_note_reading(struct text_reader *r, const char *purpose,
                                        struct err *err);

/* Opens the texts of a row of rows into r->text; what is damaged is logged, counted and empty.
 * column: see opened_text.h. */
void text_reader_open(struct text_reader *r, const struct db_rows *rows, size_t row, int column);

/* Counts the words of the days since then, and tells of those that changed (read_texts_words.c). */
MUST_CHECK int text_reader_count_words(struct text_reader *r, int64_t since_us, struct err *err);

#endif
