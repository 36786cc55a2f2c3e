/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/answer_batch.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/followup/answer_rhythm_store.h"
#include "services/followup/followup_outbox_store.h"

struct answer_batch {
    const struct seal_box *box;
    struct buffer plain;  /* of one conversation; wiped after it */
    struct buffer sealed; /* of all; the records are cut out of it once it no longer moves */
    struct followup_outbox_record *records;
    size_t count, capacity;
    struct answer_refusal *refusals;
    size_t refusal_count, refusal_capacity;
};

struct answer_batch *answer_batch_new(const struct seal_box *box)
{
    struct answer_batch *b = xcalloc(1, sizeof(*b));
    b->box = box;
    return b;
}

void answer_batch_free(struct answer_batch *b)
{
    if (b) {
        buffer_free(&b->plain);
        buffer_free(&b->sealed);
        free(b->records);
        free(b->refusals);
        free(b);
    }
}

void answer_batch_clear(struct answer_batch *b)
{
    buffer_clear(&b->sealed);
    b->count = b->refusal_count = 0;
}

size_t answer_batch_count(const struct answer_batch *b)
{
    return b->count;
}

/* ---- adding */

/* A place for one more in a list that grows by doubling. */
static void make_room(void **list, size_t size, size_t count, size_t *capacity)
{
    if (count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 32;
        *list = xreallocarray(*list, *capacity, size);
    }
}

static void add_record(struct answer_batch *b, int64_t follow_up, const struct answer_record *r)
{
    void *list = b->records;
    make_room(&list, sizeof(*b->records), b->count, &b->capacity);
    b->records = list;
    size_t before = b->sealed.len;
    seal_box_seal(b->box, (struct bytes){b->plain.data + r->offset, r->len}, &b->sealed);
    struct followup_outbox_record *sealed = &b->records[b->count++];
    *sealed = (struct followup_outbox_record){.follow_up = follow_up};
    (void)text_copy(sealed->key, sizeof(sealed->key), r->key);
    sealed->record.len = b->sealed.len - before;
}

static const char consent_end[] = "/" ANSWER_RECORDS_CONSENT;

static bool is_consent(const char *key)
{
    size_t len = strlen(key);
    size_t end = strlen(consent_end);
    return len > end && strcmp(key + len - end, consent_end) == 0;
}

static void add_refusal(struct answer_batch *b, const struct answer_call *call,
                        const struct call_told *told, const char *key)
{
    const struct agenda_reason *leader = &call->agenda->reasons[0];
    bool is_all = told->refusal == TROTH__V1__DIAL_REFUSAL__DIAL_REFUSAL_EVERYTHING;
    struct answer_refusal refusal = {
        .customer = leader->customer,
        .refused_us = call->ended_us,
        .purpose = is_all ? 0 : leader->purpose,
    };
    (void)text_copy(refusal.key, sizeof(refusal.key), key);
    void *list = b->refusals;
    make_room(&list, sizeof(*b->refusals), b->refusal_count, &b->refusal_capacity);
    b->refusals = list;
    b->refusals[b->refusal_count++] = refusal;
}

void answer_batch_add(struct answer_batch *b, const struct answer_call *call,
                      const struct call_told *told)
{
    struct answer_record records[ANSWER_RECORDS_MAX];
    const char *consent = "";
    size_t count = answer_records_make(call, told, &b->plain, records);
    for (size_t i = 0; i < count; i++) {
        add_record(b, call->agenda->reasons[0].follow_up, &records[i]);
        consent = is_consent(records[i].key) ? records[i].key : consent;
    }
    if (told->refusal) {
        add_refusal(b, call, told, consent);
    }
    if (b->plain.len > 0) {
        explicit_bzero(b->plain.data, b->plain.len);
    }
    buffer_clear(&b->plain);
}

/* ---- storing */

void answer_batch_put(struct answer_batch *b, struct db *db, int64_t now_us)
{
    const uint8_t *at = b->sealed.data;
    for (size_t i = 0; i < b->count; i++) {
        b->records[i].record.data = at;
        at += b->records[i].record.len;
    }
    if (b->count > 0) {
        followup_outbox_store_put_insert(db, b->records, b->count, now_us);
    }
    answer_rhythm_store_put_refusals(db, b->refusals, b->refusal_count);
}
