/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/lane_choice.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hash_table.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"

struct moved {
    struct moved *next;
    int16_t bucket; /* of the customer */
    uint64_t waits; /* how many of its source's records in its old bucket must have ended first */
    uint8_t key[];  /* source and reference */
};

/* Sources overtake each other in a bucket (intake_queue.h), so each has its own count. 4 KiB, kept
 * for good: 'moved' refers to it, and sources are few. */
struct source {
    int32_t id;
    UT_hash_handle hh;
    struct passage {
        uint64_t added, ended; /* records that name a customer by reference */
    } buckets[BUCKET_COUNT];
};

struct lane_choice {
    size_t lane_count;
    struct source *sources;
    struct byte_map index;
    struct moved *all;
    size_t count;
};

struct lane_choice *lane_choice_new(size_t lane_count)
{
    struct lane_choice *c = xcalloc(1, sizeof(*c));
    c->lane_count = lane_count;
    return c;
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
void lane_choice_free(struct lane_choice *c)
{
    if (!c) {
        return;
    }
    while (c->all) {
        struct moved *m = c->all;
        c->all = m->next;
        free(m);
    }
    struct source *s, *next;
    HASH_ITER(hh, c->sources, s, next)
    {
        HASH_DELETE(hh, c->sources, s); /* NOLINT(clang-analyzer-*): uthash keeps 'sources' */
        free(s);
    }
    byte_map_free(&c->index);
    free(c);
}

/* NOLINTNEXTLINE(readability-function-size): of uthash */
static struct passage *passage(struct lane_choice *c, int32_t source_id, int16_t bucket)
{
    struct source *s = NULL;
    HASH_FIND(hh, c->sources, &source_id, sizeof(source_id), s);
    if (!s) {
        s = xcalloc(1, sizeof(*s));
        s->id = source_id;
        HASH_ADD(hh, c->sources, id, sizeof(source_id), s);
    }
    return &s->buckets[bucket];
}

enum {
    KEY_MAX = 4 + 128 /* the longest reference: intake_limits.c */
};

/* An empty key, which nothing has: longer than any reference that passes the checks. */
static struct bytes key_of(uint8_t room[KEY_MAX], int32_t source_id, const char *reference)
{
    const struct bytes text = bytes_of_text(reference);
    if (text.len > KEY_MAX - sizeof(source_id)) {
        return (struct bytes){0};
    }
    memcpy(room, &source_id, sizeof(source_id));
    memcpy(room + sizeof(source_id), text.data, text.len);
    return (struct bytes){.data = room, .len = sizeof(source_id) + text.len};
}

static struct moved *find(const struct lane_choice *c, int32_t source_id, const char *reference)
{
    uint8_t room[KEY_MAX];
    return byte_map_find(&c->index, key_of(room, source_id, reference));
}

static bool is_by_reference(const struct intake_names *n)
{
    return n->customer_ref && !n->case_number && !n->promise_number && !n->customer_number;
}

size_t lane_choice_take(struct lane_choice *c, struct intake_record *r)
{
    if (is_by_reference(&r->names)) {
        const int32_t source_id = r->request->sender.source_id;
        struct moved *m = find(c, source_id, r->names.customer_ref);
        struct passage *p = passage(c, source_id, r->bucket);
        if (m && p->ended >= m->waits) {
            r->bucket = m->bucket;
            p = passage(c, source_id, r->bucket);
        } else if (m) {
            m->waits = p->added + 1; /* this one must have ended too */
        }
        p->added++;
    }
    return (size_t)r->bucket % c->lane_count;
}

void lane_choice_end(struct lane_choice *c, const struct intake_record *r)
{
    if (is_by_reference(&r->names)) {
        passage(c, r->request->sender.source_id, r->bucket)->ended++;
    }
}

void lane_choice_learn(struct lane_choice *c, const struct intake_work *w)
{
    WORK_EACH(const struct work_reference, r, &w->references)
    {
        int16_t home = identifier_bucket_of_reference(r->source_id, r->reference);
        int16_t bucket = identifier_bucket(r->customer->number);
        if (home == bucket || c->count >= LANE_CHOICE_REFERENCES_MAX ||
            find(c, r->source_id, r->reference)) {
            continue;
        }
        uint8_t room[KEY_MAX];
        struct bytes key = key_of(room, r->source_id, r->reference);
        if (key.len == 0) {
            continue;
        }
        struct moved *m = xcalloc(1, sizeof(*m) + key.len);
        memcpy(m->key, key.data, key.len);
        m->bucket = bucket;
        m->waits = passage(c, r->source_id, home)->added;
        m->next = c->all;
        c->all = m;
        c->count++;
        byte_map_set(&c->index, (struct bytes){.data = m->key, .len = key.len}, m);
    }
}
