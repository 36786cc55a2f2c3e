/* SPDX-License-Identifier: Apache-2.0 */
/* read_texts_words.c - the words of a day: read, counted, and told when they changed. */
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/event_log.h"
#include "services/intake/borrowed.h"
#include "services/intake/read_texts_store.h"
#include "services/intake/text_reader.h"
#include "services/intake/word_count.h"

#define SLOT_WAIT_US (30 * DURATION_S)

enum {
    ENTRIES_MAX = 1 << 20, /* about 90 MiB */
    PRODUCTS_MAX = 1 << 14,
};

struct counting {
    struct text_reader *reader;
    struct word_counter *words, *products;
    struct words_of_day day;
    struct event_batch *batch;
};

/* ---- counting */

static void queue_part(struct text_reader *r, const void *what)
{
    read_texts_said(r->db, what);
    read_texts_products(r->db, what);
}

static void count_rows(struct counting *c, const struct db_rows *rows)
{
    struct text_reader *r = c->reader;
    int64_t last = 0;
    for (size_t i = 0; i < db_row_count(rows); i++) {
        int64_t customer = db_get_int(rows, i, READ_TEXTS_SAID_CUSTOMER);
        if (customer != last) {
            word_counter_customer(c->words, !db_get_bool(rows, i, READ_TEXTS_SAID_IS_MERGED));
            last = customer;
        }
        text_reader_open(r, rows, i, READ_TEXTS_SAID_TEXT);
        word_counter_add(c->words, &r->text);
        c->day.contacts++;
    }
}

static void count_products(struct counting *c, const struct db_rows *rows)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        word_counter_add_name(c->products, db_get_text(rows, i, 0), db_get_int(rows, i, 1),
                              db_get_int(rows, i, 2));
    }
}

static void queue_size(struct text_reader *r, const void *what)
{
    const int64_t *day_us = what;
    read_texts_day_size(r->db, *day_us);
}

/* How many buckets at once, so that a slice has about READ_TEXTS_SLICE texts. */
static int buckets_at_once(int64_t contacts)
{
    int64_t count =
        contacts > 0 ? (int64_t)BUCKET_COUNT * READ_TEXTS_SLICE / contacts : BUCKET_COUNT;
    return count < 1 ? 1 : count > BUCKET_COUNT ? BUCKET_COUNT : (int)count;
}

static int count_day(struct counting *c, struct err *err)
{
    struct text_reader *r = c->reader;
    const struct db_reply *reply = text_reader_run(r, queue_size, &c->day.day_us, err);
    if (!reply) {
        return -1;
    }
    int step = buckets_at_once(db_get_int(reply->rows[0], 0, 0));
    word_counter_clear(c->words);
    word_counter_clear(c->products);
    c->day.contacts = 0;
    for (int first = 0; first < BUCKET_COUNT && !r->service->is_draining; first += step) {
        int last = first + step < BUCKET_COUNT ? first + step - 1 : BUCKET_COUNT - 1;
        const struct read_texts_part part = {c->day.day_us, (int16_t)first, (int16_t)last};
        reply = text_reader_run(r, queue_part, &part, err);
        if (!reply) {
            return -1;
        }
        count_rows(c, reply->rows[0]);
        count_products(c, reply->rows[1]);
    }
    word_counter_select(c->words, WORD_CUSTOMERS_MIN, &c->day.words);
    word_counter_select(c->products, WORD_CUSTOMERS_MIN, &c->day.products);
    return 0;
}

/* ---- telling */

/* In memory of its own: freed with fill_free(). */
static Troth__V1__WordCount **fill(const struct word_list *list)
{
    Troth__V1__WordCount **counts = xcalloc(list->count + 1, sizeof(Troth__V1__WordCount *));
    Troth__V1__WordCount *all = xcalloc(list->count + 1, sizeof(*all));
    for (size_t i = 0; i < list->count; i++) {
        all[i] = (Troth__V1__WordCount)TROTH__V1__WORD_COUNT__INIT;
        all[i].word = borrowed(list->at[i].text);
        all[i].has_contacts = all[i].has_customers = 1;
        all[i].contacts = list->at[i].contacts;
        all[i].customers = list->at[i].customers;
        counts[i] = &all[i];
    }
    counts[list->count] = all; /* so that there is one even for an empty list */
    return counts;
}

static void fill_free(Troth__V1__WordCount **counts, size_t count)
{
    free(counts[count]);
    free(counts);
}

/* About no customer: number 0, which no customer has, and so bucket 0. Its version grows. */
static void make_event(struct counting *c)
{
    Troth__V1__Event event = TROTH__V1__EVENT__INIT;
    Troth__V1__WordsCounted body = TROTH__V1__WORDS_COUNTED__INIT;
    body.words = fill(&c->day.words);
    body.n_words = c->day.words.count;
    body.products = fill(&c->day.products);
    body.n_products = c->day.products.count;
    body.has_day_us = body.has_contacts = 1;
    body.day_us = c->day.day_us;
    body.contacts = c->day.contacts;
    event.has_customer = event.has_version = event.has_occurred_us = event.has_recorded_us = 1;
    event.version = c->reader->began_us;
    event.occurred_us = c->day.day_us;
    event.recorded_us = c->reader->began_us;
    event.body_case = TROTH__V1__EVENT__BODY_WORDS_COUNTED;
    event.words_counted = &body;
    event_batch_clear(c->batch);
    event_batch_add(c->batch, &event);
    fill_free(body.words, body.n_words);
    fill_free(body.products, body.n_products);
}

/* The lease needs a connection too, and ours may be the only one. */
static int wait_for_slot(struct text_reader *r, struct err *err)
{
    int64_t deadline = instant_monotonic_us() + SLOT_WAIT_US;
    if (lease_held_count(r->slots) > 0) {
        return 0;
    }
    db_release(r->db);
    r->db = NULL;
    while (lease_held_count(r->slots) == 0) {
        if (instant_monotonic_us() > deadline || r->service->is_draining) {
            return err_set(err, "no_slot",
                           "all slots of the stream intake are taken by other processes");
        }
        loop_turn(r->service->loop, 100 * DURATION_MS);
    }
    r->db = db_pool_wait(r->service->db, SLOT_WAIT_US, err);
    return r->db ? 0 : -1;
}

static void queue_differences(struct text_reader *r, const void *what)
{
    const struct counting *c = what;
    read_texts_differences(r->db, &c->day);
}

static void queue_replace(struct text_reader *r, const void *what)
{
    const struct counting *c = what;
    db_begin(r->db);
    read_texts_replace(r->db, &c->day);
    event_log_append(r->db, "intake", r->slots, c->batch);
    db_commit(r->db);
}

static int tell_day(struct counting *c, struct err *err)
{
    struct text_reader *r = c->reader;
    const struct db_reply *reply = text_reader_run(r, queue_differences, c, err);
    if (!reply) {
        return -1;
    }
    r->days++;
    r->contacts += c->day.contacts;
    r->words += (int64_t)(c->day.words.count + c->day.products.count);
    if (db_get_int(reply->rows[0], 0, 0) == 0) {
        return 0;
    }
    make_event(c);
    if (wait_for_slot(r, err) < 0 || !text_reader_run(r, queue_replace, c, err)) {
        return -1;
    }
    r->days_changed++;
    return 0;
}

/* ---- the days */

static void queue_days(struct text_reader *r, const void *what)
{
    const int64_t *since_us = what;
    read_texts_days(r->db, *since_us);
}

static int find_days(struct text_reader *r, int64_t since_us, int64_t **ret_days, size_t *ret_count,
                     struct err *err)
{
    const struct db_reply *reply = text_reader_run(r, queue_days, &since_us, err);
    if (!reply) {
        return -1;
    }
    *ret_count = db_row_count(reply->rows[0]);
    *ret_days = xcalloc(*ret_count + 1, sizeof(**ret_days));
    for (size_t i = 0; i < *ret_count; i++) {
        (*ret_days)[i] = db_get_time(reply->rows[0], i, 0);
    }
    return 0;
}

int text_reader_count_words(struct text_reader *r, int64_t since_us, struct err *err)
{
    int64_t *days = NULL;
    size_t count = 0;
    int rc = find_days(r, since_us, &days, &count, err);
    struct counting *c = xcalloc(1, sizeof(*c));
    c->reader = r;
    c->words = word_counter_new(ENTRIES_MAX);
    c->products = word_counter_new(PRODUCTS_MAX);
    c->batch = event_batch_new();
    for (size_t i = 0; rc == 0 && i < count && !r->service->is_draining; i++) {
        c->day.day_us = days[i];
        rc = count_day(c, err);
        if (rc == 0 && !r->service->is_draining) {
            rc = tell_day(c, err);
        }
    }
    event_batch_free(c->batch);
    word_counter_free(c->words);
    word_counter_free(c->products);
    free(c);
    free(days);
    return rc;
}
