/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/lane_choice.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"

struct moved {
    struct moved *next;
    int16_t bucket; /* of the customer */
    uint64_t waits; /* how many records of its old bucket must have ended before it may move */
    uint8_t key[];  /* source and reference */
};

struct lane_choice {
    size_t lane_count;
    struct {
        uint64_t added, ended; /* records that name a customer by reference */
    } buckets[BUCKET_COUNT];
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
    byte_map_free(&c->index);
    free(c);
}

enum {
    KEY_MAX = 4 + 128 /* the longest reference: intake_limits.c */
};

/* An empty key: longer than any reference that passes the checks. */
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
    struct bytes key = key_of(room, source_id, reference);
    return c->count > 0 && key.len > 0 ? byte_map_find(&c->index, key) : NULL;
}

static bool is_by_reference(const struct intake_names *n)
{
    return n->customer_ref && !n->case_number && !n->promise_number && !n->customer_number;
}

size_t lane_choice_take(struct lane_choice *c, struct intake_record *r)
{
    if (is_by_reference(&r->names)) {
        struct moved *m = find(c, r->request->sender.source_id, r->names.customer_ref);
        if (m && c->buckets[r->bucket].ended >= m->waits) {
            r->bucket = m->bucket;
        } else if (m) {
            m->waits = c->buckets[r->bucket].added + 1; /* this one must have ended too */
        }
        c->buckets[r->bucket].added++;
    }
    return (size_t)r->bucket % c->lane_count;
}

void lane_choice_end(struct lane_choice *c, const struct intake_record *r)
{
    if (is_by_reference(&r->names)) {
        c->buckets[r->bucket].ended++;
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
        m->waits = c->buckets[home].added;
        m->next = c->all;
        c->all = m;
        c->count++;
        byte_map_set(&c->index, (struct bytes){.data = m->key, .len = key.len}, m);
    }
}
