/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/read_texts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "common/base/duration.h"
#include "common/domain/identifier.h"
#include "common/runtime/event_log.h"
#include "services/intake/intake_disclosure_store.h"
#include "services/intake/intake_keyring_store.h"
#include "services/intake/intake_numbers.h"
#include "services/intake/intake_read_store.h"
#include "services/intake/intake_settings.h"
#include "services/intake/opened_text.h"
#include "services/intake/read_texts_store.h"
#include "services/intake/text_reader.h"

#define CONNECT_US (10 * DURATION_S)
#define PURPOSE    "job read-texts"
/* Contacts bear the instant at which their transaction began, so some show late; days that are
 * looked at again for nothing are replaced by the same. */
#define LATE_US DURATION_H

enum {
    TRIES_MAX = 20,
    TEXT_BYTES_MAX = 1024 * 1024, /* of one fact and its person, opened */
};

/* ---- steps */

const struct db_reply *text_reader_run(struct text_reader *r, text_reader_queue_fn *queue,
                                       const void *what, struct err *err)
{
    for (int tries = 1;; tries++) {
        queue(r, what);
        const struct db_reply *reply = db_run_wait(r->db);
        bool may_retry = reply->outcome == DB_RETRY || reply->outcome == DB_CONFLICT;
        if (reply->outcome == DB_OK) {
            return reply;
        }
        if (!may_retry || tries == TRIES_MAX || r->service->is_draining) {
            (void)err_set(err, reply->err.code, "%s", reply->err.text);
            return NULL;
        }
    }
}

void text_reader_open(struct text_reader *r, const struct db_rows *rows, size_t row, int column)
{
    struct err err = ERR_NONE;
    const struct opened_place place = {r->keyring, rows, row, column, r->arena};
    arena_reset(r->arena);
    if (opened_text_plain(&place, &r->text, &err) < 0) {
        r->damaged++;
        plain_text_clear(&r->text);
        opened_text_log_damaged(&place, &err);
    }
}

/* ---- who read what */

static void queue_blocks(struct text_reader *r, const void *what)
{
    struct intake_reads reads = intake_read_nothing();
    (void)what;
    intake_read_blocks(r->db, 1, &reads);
}

static void queue_disclosure(struct text_reader *r, const void *what)
{
    intake_disclosure_write(r->db, what);
}

/* Of nobody in particular, by nobody but us. */
int text_reader_note_reading(struct text_reader *r, const char *purpose, struct err *err)
{
    struct intake_numbers numbers = {.range_count = 0};
    struct intake_reads reads = intake_read_nothing();
    reads.blocks = 0;
    const struct db_reply *reply = text_reader_run(r, queue_blocks, NULL, err);
    if (!reply) {
        return -1;
    }
    intake_read_load_blocks(&reads, reply, &numbers);
    const struct intake_disclosure reading = {
        .number = intake_numbers_take(&numbers, 0),
        .kind = TROTH__V1__DISCLOSURE_KIND__DISCLOSURE_KIND_CASE_TEXTS,
        .purpose = purpose,
        .at_us = r->began_us,
        .outcome = "disclosed",
    };
    return text_reader_run(r, queue_disclosure, &reading, err) ? 0 : -1;
}

/* ---- fingerprints */

struct case_slice {
    int16_t bucket;
    int64_t after;
    struct db_columns columns;
};

static void queue_cases(struct text_reader *r, const void *what)
{
    const struct case_slice *slice = what;
    read_texts_cases(r->db, slice->bucket, slice->after);
}

/* Makes what is to be written of the rows; moves after past them. */
static size_t make_fingerprints(struct text_reader *r, const struct db_rows *rows,
                                struct case_slice *slice)
{
    size_t count = db_row_count(rows);
    read_texts_init_fingerprints(&slice->columns);
    for (size_t i = 0; i < count; i++) {
        struct fingerprints f;
        slice->after = db_get_int(rows, i, READ_TEXTS_CASE);
        text_reader_open(r, rows, i, READ_TEXTS_CASE_TEXT);
        fingerprint_text(r->gram_key, &r->text, &f);
        read_texts_add_fingerprints(&slice->columns, slice->after,
                                    db_get_int(rows, i, READ_TEXTS_CASE_CUSTOMER), &f);
    }
    return count;
}

/* Somebody in the way costs the slice, not the run: the cases are found again by the next one. */
static int fingerprint_slice(struct text_reader *r, struct case_slice *slice, size_t *ret_count,
                             struct err *err)
{
    const struct db_reply *reply = text_reader_run(r, queue_cases, slice, err);
    if (!reply) {
        return -1;
    }
    *ret_count = make_fingerprints(r, reply->rows[0], slice);
    if (*ret_count == 0) {
        db_columns_free(&slice->columns);
        return 0;
    }
    read_texts_write_fingerprints(r->db, slice->bucket, &slice->columns);
    reply = db_run_wait(r->db);
    if (reply->outcome == DB_OK) {
        r->cases += (int64_t)*ret_count;
    } else if (reply->outcome != DB_RETRY) {
        return err_set(err, reply->err.code, "%s", reply->err.text);
    }
    return 0;
}

static void queue_forget(struct text_reader *r, const void *what)
{
    const int16_t *bucket = what;
    db_begin(r->db);
    read_texts_forget(r->db, *bucket);
    db_commit(r->db);
}

static void queue_solved(struct text_reader *r, const void *what)
{
    const int16_t *bucket = what;
    read_texts_note_solved(r->db, *bucket);
}

static int fingerprint_bucket(struct text_reader *r, int16_t bucket, struct err *err)
{
    struct case_slice slice = {.bucket = bucket};
    const struct db_reply *reply = text_reader_run(r, queue_forget, &bucket, err);
    if (!reply) {
        return -1;
    }
    r->forgotten += db_get_int(reply->rows[0], 0, 0);
    for (size_t count = 1; count > 0 && !r->service->is_draining;) {
        if (fingerprint_slice(r, &slice, &count, err) < 0) {
            return -1;
        }
    }
    reply = text_reader_run(r, queue_solved, &bucket, err);
    if (!reply) {
        return -1;
    }
    r->solved_changed += db_affected(reply->rows[0]);
    return 0;
}

static void queue_forget_counts(struct text_reader *r, const void *what)
{
    (void)what;
    read_texts_forget_counts(r->db);
}

static int make_all_fingerprints(struct text_reader *r, struct err *err)
{
    for (int16_t bucket = 0; bucket < BUCKET_COUNT && !r->service->is_draining; bucket++) {
        if (fingerprint_bucket(r, bucket, err) < 0) {
            return -1;
        }
    }
    return text_reader_run(r, queue_forget_counts, NULL, err) ? 0 : -1;
}

/* ---- since when */

static void queue_last(struct text_reader *r, const void *what)
{
    (void)what;
    read_texts_last(r->db);
}

static void queue_began(struct text_reader *r, const void *what)
{
    (void)what;
    read_texts_began(r->db, r->began_us);
}

static int read_all(struct text_reader *r, struct err *err)
{
    const struct db_reply *reply = text_reader_run(r, queue_last, NULL, err);
    if (!reply) {
        return -1;
    }
    int64_t since_us =
        db_row_count(reply->rows[0]) > 0 ? db_get_time(reply->rows[0], 0, 0) - LATE_US : 0;
    if (text_reader_note_reading(r, PURPOSE, err) < 0 || make_all_fingerprints(r, err) < 0 ||
        text_reader_count_words(r, since_us, err) < 0) {
        return -1;
    }
    return r->service->is_draining || text_reader_run(r, queue_began, NULL, err) ? 0 : -1;
}

/* ---- the job */

static int report(const struct text_reader *r, struct err *err)
{
    (void)printf("cases with new fingerprints: %" PRId64 ", forgotten: %" PRId64
                 ", solved or not any more: %" PRId64 "\n",
                 r->cases, r->forgotten, r->solved_changed);
    (void)printf("days counted: %" PRId64 " (%" PRId64 " contacts), changed: %" PRId64
                 ", words and products of many customers on them: %" PRId64 "\n",
                 r->days, r->contacts, r->days_changed, r->words);
    if (r->service->is_draining) {
        (void)printf("stopped before the end; start it again to go on\n");
        return -1;
    }
    return r->damaged == 0 ? 0
                           : err_set(err, "damaged",
                                     "%" PRId64 " texts do not open and count as nothing said; see "
                                     "the log",
                                     r->damaged);
}

/* So that the slot is free at once; if it cannot be said in time, the lease ends by itself. */
static void give_back(struct text_reader *r)
{
    struct err err = ERR_NONE;
    lease_set_give_back(r->slots);
    for (int i = 0; i < 2; i++) { /* the release goes first; then this is behind it */
        r->db = db_pool_wait(r->service->db, CONNECT_US, &err);
        if (!r->db) {
            return;
        }
        (void)text_reader_run(r, queue_last, NULL, &err);
        db_release(r->db);
    }
}

static int run(struct service *s, struct keyring *keyring, struct err *err)
{
    struct text_reader r = {.service = s, .keyring = keyring, .began_us = service_now_us(s)};
    if (intake_keyring_register(s->db, keyring, NULL, err) < 0) {
        return -1;
    }
    r.db = db_pool_wait(s->db, CONNECT_US, err);
    if (!r.db) {
        return -1;
    }
    keyring_gram_key(keyring, r.gram_key);
    r.arena = arena_new(TEXT_BYTES_MAX);
    r.slots = lease_set_new(s->loop, s->db,
                            &(struct lease_options){
                                .group = "stream/intake",
                                .count = EVENT_SLOT_COUNT,
                                .want = 1,
                                .holder = s->holder,
                                .length_us = s->common->lease_us,
                            },
                            NULL, NULL);
    int rc = read_all(&r, err) < 0 ? -1 : report(&r, err);
    if (r.db) {
        db_release(r.db);
    }
    give_back(&r);
    lease_set_free(r.slots);
    plain_text_free(&r.text);
    arena_free(r.arena);
    sodium_memzero(r.gram_key, sizeof(r.gram_key));
    return rc;
}

int read_texts_run(struct service *s, struct err *err)
{
    const struct intake_settings *settings = s->settings;
    struct keyring *keyring = keyring_load(settings->master_key_file, err);
    int rc = keyring ? run(s, keyring, err) : -1;
    keyring_free(keyring);
    return rc;
}
