/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_log.c - the SQL of the log, appending and publishing.
 *
 * Events get their numbers from the database (event_log_append) or from heads that are kept in
 * memory (event_log_append_at): the same numbers, but nothing has to be asked or answered.
 *
 * An event is packed without its position, which is known only after the append. To publish it, the
 * position is packed alone and put in front: protobuf reads the parts as one message.
 */
#include "common/runtime/event_log.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/event_log_private.h"

static const struct db_query event_log_append_query = {
    "event_log_append", "SELECT ordinal, seq FROM log.append($1, $2, $3, $4, $5, $6, $7, $8)",
    DB_ROWS};

static const struct db_query event_log_heads_query = {
    "event_log_heads", "SELECT bucket, seq FROM log.heads($1, $2)", DB_ROWS};

static const struct db_query event_log_append_at_query = {
    "event_log_append_at", "SELECT log.append_at($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    DB_HIDDEN};

/* No join: heads and cursors are gathered by place. Joined, every head was compared with every
 * cursor, because both tables look small (4 ms with one stream, and it grows with the square). */
static const struct db_query event_log_behind_query = {
    "event_log_behind",
    "SELECT p.stream, p.bucket, coalesce(p.old, 0), p.seq"
    "  FROM (SELECT u.stream, u.bucket, max(u.old) AS old, max(u.seq) AS seq"
    "          FROM (SELECT h.stream, h.bucket, NULL::int8 AS old, h.seq FROM log.head AS h"
    "                 UNION ALL"
    "                SELECT c.stream, c.bucket, c.seq, NULL FROM log.consumer_cursor AS c"
    "                 WHERE c.consumer = $1) AS u"
    "         WHERE u.stream = ANY ($2) AND u.bucket % $4 = ANY ($3)"
    "         GROUP BY u.stream, u.bucket) AS p"
    " WHERE p.seq > coalesce(p.old, 0)"
    " ORDER BY (p.stream, p.bucket) <= ($5, $6), p.stream, p.bucket"
    " LIMIT $7",
    DB_ROWS};

/* Who writes an event has that number before others can see it (event_naive.h). */
#ifdef TROTH_CRASH_POINTS
#define NAIVE_NUMBER ", xmin::text::int8 AS number"
#define NAIVE_SHOWN  ", e.number"
#define NAIVE_FOUND  ", found.number"
#else
#define NAIVE_NUMBER
#define NAIVE_SHOWN
#define NAIVE_FOUND
#endif

#define READ(table)                                                                                \
    "SELECT found.stream, found.bucket, found.old, found.seq, found.body" NAIVE_FOUND              \
    "  FROM (SELECT p.stream, p.bucket, p.old, e.seq, e.body" NAIVE_SHOWN                          \
    "          FROM unnest($1::text[], $2::int2[], $3::int8[]) WITH ORDINALITY"                    \
    "                 AS p (stream, bucket, old, place)"                                           \
    "         CROSS JOIN LATERAL ("                                                                \
    "               SELECT seq, body" NAIVE_NUMBER " FROM " table                                  \
    "                WHERE stream = p.stream AND bucket = p.bucket AND seq > p.old"                \
    "                ORDER BY seq LIMIT $5) AS e"                                                  \
    "         ORDER BY p.place, e.seq LIMIT $4) AS found"                                          \
    " ORDER BY found.stream COLLATE \"C\", found.bucket, found.seq"

/* The newest part alone, so that it costs the same however many were closed. */
static const struct db_query event_log_read_query = {"event_log_read", READ("ONLY log.event"),
                                                     DB_ROWS};
static const struct db_query event_log_read_all_query = {"event_log_read_all", READ("log.event"),
                                                         DB_ROWS};

static const struct db_query event_log_advance_query = {
    "event_log_advance", "SELECT log.advance($1, $2, $3, $4, $5)", DB_HIDDEN};

/* ---- append */

enum {
    STREAM_SIZE = 64,
    BUCKETS = 256
};

struct event_entry {
    const char *kind; /* from the descriptor: lives for ever */
    int16_t bucket;
    int64_t seq;        /* given by event_log_append_at() */
    size_t offset, len; /* in packed */
};

struct event_batch {
    char stream[STREAM_SIZE]; /* of the last append */
    struct event_entry *entries;
    size_t count, capacity;
    struct buffer packed;
    struct db_array buckets, customers, versions, kinds, times, bodies;
    struct db_array seqs;                        /* those of event_log_append_at() */
    struct db_array moved, moved_from, moved_to; /* its heads: each bucket once */
};

struct event_batch *event_batch_new(void)
{
    struct event_batch *b = xcalloc(1, sizeof(*b));
    db_array_init(&b->buckets, DB_INT2);
    db_array_init(&b->customers, DB_INT8);
    db_array_init(&b->versions, DB_INT8);
    db_array_init(&b->kinds, DB_TEXT);
    db_array_init(&b->times, DB_TIME);
    db_array_init(&b->bodies, DB_BYTES);
    db_array_init(&b->seqs, DB_INT8);
    db_array_init(&b->moved, DB_INT2);
    db_array_init(&b->moved_from, DB_INT8);
    db_array_init(&b->moved_to, DB_INT8);
    return b;
}

void event_batch_free(struct event_batch *b)
{
    if (!b) {
        return;
    }
    db_array_free(&b->buckets);
    db_array_free(&b->customers);
    db_array_free(&b->versions);
    db_array_free(&b->kinds);
    db_array_free(&b->times);
    db_array_free(&b->bodies);
    db_array_free(&b->seqs);
    db_array_free(&b->moved);
    db_array_free(&b->moved_from);
    db_array_free(&b->moved_to);
    buffer_free(&b->packed);
    free(b->entries);
    free(b);
}

void event_batch_clear(struct event_batch *b)
{
    db_array_clear(&b->buckets);
    db_array_clear(&b->customers);
    db_array_clear(&b->versions);
    db_array_clear(&b->kinds);
    db_array_clear(&b->times);
    db_array_clear(&b->bodies);
    db_array_clear(&b->seqs);
    db_array_clear(&b->moved);
    db_array_clear(&b->moved_from);
    db_array_clear(&b->moved_to);
    buffer_clear(&b->packed);
    b->count = 0;
    b->stream[0] = '\0';
}

size_t event_batch_count(const struct event_batch *b)
{
    return b->count;
}

void event_batch_add(struct event_batch *b, const Troth__V1__Event *event)
{
    const ProtobufCFieldDescriptor *kind = protobuf_c_message_descriptor_get_field(
        &troth__v1__event__descriptor, (unsigned)event->body_case);
    if (!kind || !event->has_customer || !event->has_recorded_us) {
        BUG("an event needs a body, a customer and recorded_us");
    }
    Troth__V1__Event plain = *event;
    plain.stream = NULL;
    plain.has_bucket = false;
    plain.has_seq = false;

    if (b->count == b->capacity) {
        b->capacity = b->capacity ? 2 * b->capacity : 32;
        b->entries = xreallocarray(b->entries, b->capacity, sizeof(*b->entries));
    }
    struct event_entry *e = &b->entries[b->count++];
    *e = (struct event_entry){.kind = kind->name,
                              .bucket = (int16_t)(event->customer & 0xff),
                              .offset = b->packed.len,
                              .len = troth__v1__event__get_packed_size(&plain)};
    uint8_t *room = buffer_extend(&b->packed, e->len);
    (void)troth__v1__event__pack(&plain, room);
    db_array_add_int(&b->buckets, e->bucket);
    db_array_add_int(&b->customers, event->customer);
    db_array_add_int(&b->versions, event->has_version ? event->version : 0);
    db_array_add_text(&b->kinds, e->kind);
    db_array_add_time(&b->times, event->recorded_us);
    db_array_add_bytes(&b->bodies, (struct bytes){.data = room, .len = e->len});
}

/* Without a slot the number is one that nobody can hold, and the database refuses with 40001. */
static size_t name_stream(char stream[STREAM_SIZE], const char *service,
                          const struct lease_set *slots)
{
    size_t slot = lease_first_held(slots);
    (void)text_format(stream, STREAM_SIZE, "%s.%zu", service, slot);
    return slot;
}

void event_log_append(struct db *db, const char *service, const struct lease_set *slots,
                      struct event_batch *b)
{
    struct db_params p = {0};
    if (b->count == 0) {
        return;
    }
    size_t slot = name_stream(b->stream, service, slots);
    db_put_text(&p, b->stream);
    db_put_int8(&p, lease_term(slots, slot));
    db_put_array(&p, &b->buckets);
    db_put_array(&p, &b->customers);
    db_put_array(&p, &b->versions);
    db_put_array(&p, &b->kinds);
    db_put_array(&p, &b->times);
    db_put_array(&p, &b->bodies);
    db_query(db, &event_log_append_query, &p);
    db_params_free(&p);
}

/* ---- append, with heads in memory */

struct event_heads {
    const char *service;
    const struct lease_set *slots;
    char stream[STREAM_SIZE];
    int64_t term; /* under which they were read; 0: they are not known */
    int64_t seq[BUCKETS];
};

struct event_heads *event_heads_new(const char *service, const struct lease_set *slots)
{
    struct event_heads *h = xcalloc(1, sizeof(*h));
    h->service = service;
    h->slots = slots;
    return h;
}

void event_heads_free(struct event_heads *h)
{
    free(h);
}

bool event_heads_ask(struct event_heads *h, struct db *db)
{
    char stream[STREAM_SIZE];
    struct db_params p = {0};
    int64_t term = lease_term(h->slots, name_stream(stream, h->service, h->slots));
    if (term > 0 && term == h->term && strcmp(stream, h->stream) == 0) {
        return false;
    }
    (void)text_copy(h->stream, sizeof(h->stream), stream);
    h->term = term;
    db_put_text(&p, stream);
    db_put_int8(&p, term);
    db_query(db, &event_log_heads_query, &p);
    db_params_free(&p);
    return true;
}

void event_heads_load(struct event_heads *h, const struct db_rows *rows)
{
    for (size_t row = 0; row < db_row_count(rows); row++) {
        int64_t bucket = db_get_int(rows, row, 0);
        if (bucket < 0 || bucket >= BUCKETS) {
            BUG("a bucket that is none");
        }
        h->seq[bucket] = db_get_int(rows, row, 1);
    }
}

void event_heads_forget(struct event_heads *h)
{
    h->term = 0;
}

void event_heads_keep(struct event_heads *h, const struct event_batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        h->seq[b->entries[i].bucket] = b->entries[i].seq;
    }
}

static void number_events(const struct event_heads *h, struct event_batch *b)
{
    int64_t seq[BUCKETS];
    memcpy(seq, h->seq, sizeof(seq));
    db_array_clear(&b->seqs);
    for (size_t i = 0; i < b->count; i++) {
        b->entries[i].seq = ++seq[b->entries[i].bucket];
        db_array_add_int(&b->seqs, b->entries[i].seq);
    }
    db_array_clear(&b->moved);
    db_array_clear(&b->moved_from);
    db_array_clear(&b->moved_to);
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        if (seq[bucket] > h->seq[bucket]) {
            db_array_add_int(&b->moved, (int64_t)bucket);
            db_array_add_int(&b->moved_from, h->seq[bucket]);
            db_array_add_int(&b->moved_to, seq[bucket]);
        }
    }
}

void event_log_append_at(struct db *db, const struct event_heads *h, struct event_batch *b)
{
    struct db_params p = {0};
    if (b->count == 0) {
        return;
    }
    (void)text_copy(b->stream, sizeof(b->stream), h->stream);
    number_events(h, b);
    db_put_text(&p, h->stream);
    db_put_int8(&p, h->term);
    db_put_array(&p, &b->moved);
    db_put_array(&p, &b->moved_from);
    db_put_array(&p, &b->moved_to);
    db_put_array(&p, &b->customers);
    db_put_array(&p, &b->seqs);
    db_put_array(&p, &b->versions);
    db_put_array(&p, &b->kinds);
    db_put_array(&p, &b->times);
    db_put_array(&p, &b->bodies);
    db_query(db, &event_log_append_at_query, &p);
    db_params_free(&p);
}

/* ---- publish */

static void publish(struct bus_socket *pub, const struct event_batch *b, size_t index, int64_t seq,
                    struct buffer *frame)
{
    const struct event_entry *e = &b->entries[index];
    char stream[STREAM_SIZE];
    Troth__V1__Event position = TROTH__V1__EVENT__INIT;
    (void)text_copy(stream, sizeof(stream), b->stream);
    position.stream = stream;
    position.has_bucket = true;
    position.bucket = e->bucket;
    position.has_seq = true;
    position.seq = seq;
    buffer_clear(frame);
    (void)troth__v1__event__pack(
        &position, buffer_extend(frame, troth__v1__event__get_packed_size(&position)));
    buffer_append(frame, b->packed.data + e->offset, e->len);
    /* Nobody there, or slow: they read the table. */
    (void)bus_publish(pub, e->kind, (struct bytes){.data = frame->data, .len = frame->len});
}

void event_log_publish(struct bus_socket *pub, const struct event_batch *b,
                       const struct db_rows *appended)
{
    struct buffer frame = {0};
    for (size_t row = 0; pub && row < db_row_count(appended); row++) {
        size_t index = (size_t)db_get_int(appended, row, 0) - 1;
        if (index >= b->count) {
            BUG("rows of another append");
        }
        publish(pub, b, index, db_get_int(appended, row, 1), &frame);
    }
    buffer_free(&frame);
}

void event_log_publish_at(struct bus_socket *pub, const struct event_batch *b)
{
    struct buffer frame = {0};
    for (size_t i = 0; pub && i < b->count; i++) {
        publish(pub, b, i, b->entries[i].seq, &frame);
    }
    buffer_free(&frame);
}

/* ---- consume */

void event_log_find_behind(struct db *db, const struct event_question *q)
{
    struct db_params p = {0};
    db_put_text(&p, q->consumer);
    db_put_array(&p, q->streams);
    db_put_array(&p, q->lanes);
    db_put_int2(&p, (int16_t)q->lane_count);
    db_put_text(&p, q->after->stream);
    db_put_int2(&p, q->after->bucket);
    db_put_int8(&p, (int64_t)q->limit);
    db_query(db, &event_log_behind_query, &p);
    db_params_free(&p);
}

bool event_log_is_short(const struct db_rows *rows, size_t count, size_t limit)
{
    size_t found = 0;
    for (size_t i = 0; i < db_row_count(rows); i++) {
        const bool is_first = i == 0 || db_get_int(rows, i, 1) != db_get_int(rows, i - 1, 1) ||
                              strcmp(db_get_text(rows, i, 0), db_get_text(rows, i - 1, 0)) != 0;
        if (is_first && db_get_int(rows, i, 3) != db_get_int(rows, i, 2) + 1) {
            return true;
        }
        found += is_first ? 1 : 0;
    }
    return found < count && db_row_count(rows) < limit;
}

void event_log_read(struct db *db, const struct event_position *places, size_t count,
                    const struct event_read *how)
{
    struct db_params p = {0};
    struct db_array streams;
    struct db_array buckets;
    struct db_array from;
    db_array_init(&streams, DB_TEXT);
    db_array_init(&buckets, DB_INT2);
    db_array_init(&from, DB_INT8);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(&streams, places[i].stream);
        db_array_add_int(&buckets, places[i].bucket);
        db_array_add_int(&from, places[i].from);
    }
    db_put_array(&p, &streams);
    db_put_array(&p, &buckets);
    db_put_array(&p, &from);
    db_put_int8(&p, (int64_t)how->limit);
    db_put_int8(&p, (int64_t)how->limit_each);
    db_query(db, how->is_all ? &event_log_read_all_query : &event_log_read_query, &p);
    db_array_free(&streams);
    db_array_free(&buckets);
    db_array_free(&from);
    db_params_free(&p);
}

void event_log_advance(struct db *db, const char *consumer, const struct event_position *positions,
                       size_t count)
{
    struct db_params p = {0};
    struct db_array streams;
    struct db_array buckets;
    struct db_array from;
    struct db_array to;
    db_array_init(&streams, DB_TEXT);
    db_array_init(&buckets, DB_INT2);
    db_array_init(&from, DB_INT8);
    db_array_init(&to, DB_INT8);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(&streams, positions[i].stream);
        db_array_add_int(&buckets, positions[i].bucket);
        db_array_add_int(&from, positions[i].from);
        db_array_add_int(&to, positions[i].to);
    }
    db_put_text(&p, consumer);
    db_put_array(&p, &streams);
    db_put_array(&p, &buckets);
    db_put_array(&p, &from);
    db_put_array(&p, &to);
    db_query(db, &event_log_advance_query, &p);
    db_array_free(&streams);
    db_array_free(&buckets);
    db_array_free(&from);
    db_array_free(&to);
    db_params_free(&p);
}
