/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_work.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/domain/clock_rules.h"
#include "services/intake/case_rules.h"

/* Bounded by the batch in practice; past this something is wrong with us. */
#define ARENA_BYTES ((size_t)1 << 30)

struct intake_work *work_new(void)
{
    struct intake_work *w = xcalloc(1, sizeof(*w));
    w->arena = arena_new(ARENA_BYTES);
    return w;
}

void work_free(struct intake_work *w)
{
    if (w) {
        byte_map_free(&w->key_index);
        byte_map_free(&w->tier_index);
        byte_map_free(&w->text_index);
        byte_map_free(&w->promise_index);
        byte_map_free(&w->contact_point_index);
        byte_map_free(&w->customer_index);
        byte_map_free(&w->case_index);
        byte_map_free(&w->reference_index);
        byte_map_free(&w->case_reference_index);
        byte_map_free(&w->receipt_index);
        byte_map_free(&w->redemption_index);
        arena_free(w->arena);
        free(w);
    }
}

void work_begin(struct intake_work *w, const struct work_terms *terms)
{
    w->now_us = terms->now_us;
    w->grace_us = terms->grace_us;
    w->standard = terms->standard;
    w->standard_id = terms->standard_id;
    w->shelf = terms->shelf;
    w->forecast = terms->forecast;
    w->triage = terms->triage;
    w->keyring = terms->keyring;
    w->audit_key = NULL;
    w->emit = terms->emit;
    w->emit_ctx = terms->emit_ctx;
    w->trace[0] = '\0';
}

void work_clear(struct intake_work *w)
{
    byte_map_clear(&w->key_index);
    byte_map_clear(&w->tier_index);
    byte_map_clear(&w->text_index);
    byte_map_clear(&w->promise_index);
    byte_map_clear(&w->contact_point_index);
    byte_map_clear(&w->customer_index);
    byte_map_clear(&w->case_index);
    byte_map_clear(&w->reference_index);
    byte_map_clear(&w->case_reference_index);
    byte_map_clear(&w->receipt_index);
    byte_map_clear(&w->redemption_index);
    const struct work_list none = {0};
    w->customers = w->references = w->cases = w->case_references = w->receipts = none;
    w->contacts = w->case_events = w->texts = w->answers = w->purchases = none;
    w->improvements = w->redemptions = w->taken_redemptions = none;
    w->refunds = w->device_signals = w->branches = w->staff = none;
    w->teams = none;
    w->erasures = w->erased_references = w->erased_events = w->allowed_handles = none;
    w->promise_events = w->promise_steps = w->compensations = w->expectations = w->voids = none;
    w->case_classes = w->first_terms = w->consents = none;
    w->taken_answers = w->taken_purchases = w->taken_refunds = w->taken_device_signals = none;
    w->taken_expectations = none;
    w->sealed_texts = w->sealed_persons = none;
    w->contact_points = w->given_up_points = w->questions = w->customer_links = none;
    arena_reset(w->arena);
}

void *work_alloc(struct intake_work *w, size_t size)
{
    void *p = arena_alloc(w->arena, size);
    if (!p) {
        BUG("a batch outgrew its arena");
    }
    return memset(p, 0, size);
}

void *work_append(struct intake_work *w, struct work_list *list, size_t size)
{
    void **row = work_alloc(w, size);
    *(list->end ? list->end : &list->first) = row;
    list->end = row; /* its first member */
    list->count++;
    return row;
}

/* ---- keys: a number, or numbers and a text */

static struct bytes number_key(const int64_t *number)
{
    return (struct bytes){.data = (const uint8_t *)number, .len = sizeof(*number)};
}

static struct bytes text_key(struct intake_work *w, int64_t source, int64_t customer,
                             const char *text)
{
    const int64_t numbers[] = {source, customer};
    const struct bytes rest = bytes_of_text(text);
    uint8_t *key = work_alloc(w, sizeof(numbers) + rest.len);
    memcpy(key, numbers, sizeof(numbers));
    memcpy(key + sizeof(numbers), rest.data, rest.len);
    return (struct bytes){.data = key, .len = sizeof(numbers) + rest.len};
}

/* ---- finding and adding */

struct work_customer *work_find_customer(struct intake_work *w, int64_t number)
{
    return byte_map_find(&w->customer_index, number_key(&number));
}

struct work_customer *work_add_customer(struct intake_work *w, int64_t number)
{
    struct work_customer *c = work_find_customer(w, number);
    if (!c) {
        c = work_append(w, &w->customers, sizeof(*c));
        c->number = number;
        byte_map_set(&w->customer_index, number_key(&c->number), c);
    }
    return c;
}

enum {
    POINT_KEY_LEN = 1 + KEYRING_HASH_LEN
};

static struct bytes point_key(uint8_t key[POINT_KEY_LEN], int kind,
                              const uint8_t hash[KEYRING_HASH_LEN])
{
    key[0] = (uint8_t)kind;
    memcpy(key + 1, hash, KEYRING_HASH_LEN);
    return (struct bytes){.data = key, .len = POINT_KEY_LEN};
}

struct work_contact_point *work_find_contact_point(const struct intake_work *w, int kind,
                                                   const uint8_t hash[KEYRING_HASH_LEN])
{
    uint8_t key[POINT_KEY_LEN];
    return byte_map_find(&w->contact_point_index, point_key(key, kind, hash));
}

struct work_contact_point *work_add_contact_point(struct intake_work *w, int kind,
                                                  const uint8_t hash[KEYRING_HASH_LEN])
{
    struct work_contact_point *p = work_find_contact_point(w, kind, hash);
    if (!p) {
        p = work_append(w, &w->contact_points, sizeof(*p));
        p->kind = kind;
        memcpy(p->hash, hash, KEYRING_HASH_LEN);
        byte_map_set(&w->contact_point_index, point_key(work_alloc(w, POINT_KEY_LEN), kind, hash),
                     p);
    }
    return p;
}

struct work_key *work_find_key(const struct intake_work *w, int64_t customer)
{
    return byte_map_find(&w->key_index, number_key(&customer));
}

struct work_key *work_add_key(struct intake_work *w, int64_t customer)
{
    struct work_key *k = work_find_key(w, customer);
    if (!k) {
        k = work_alloc(w, sizeof(*k));
        k->customer = customer;
        byte_map_set(&w->key_index, number_key(&k->customer), k);
    }
    return k;
}

struct tier {
    int64_t customer;
    const char *name;
};

const char *work_find_tier(const struct intake_work *w, int64_t customer)
{
    const struct tier *tier = byte_map_find(&w->tier_index, number_key(&customer));
    return tier ? tier->name : NULL;
}

void work_set_tier(struct intake_work *w, int64_t customer, const char *tier)
{
    struct tier *kept = work_alloc(w, sizeof(*kept));
    *kept = (struct tier){.customer = customer, .name = tier};
    byte_map_set(&w->tier_index, number_key(&kept->customer), kept);
}

struct work_reference *work_find_reference(struct intake_work *w, int32_t source_id,
                                           const char *reference)
{
    return byte_map_find(&w->reference_index, text_key(w, source_id, 0, reference));
}

struct work_reference *work_add_reference(struct intake_work *w, int32_t source_id,
                                          const char *reference, struct work_customer *customer)
{
    struct bytes key = text_key(w, source_id, 0, reference);
    struct work_reference *r = byte_map_find(&w->reference_index, key);
    if (!r) {
        r = work_append(w, &w->references, sizeof(*r));
        r->source_id = source_id;
        r->reference = reference;
        r->customer = customer;
        byte_map_set(&w->reference_index, key, r);
    }
    return r;
}

struct work_case *work_find_case(struct intake_work *w, int64_t number)
{
    return byte_map_find(&w->case_index, number_key(&number));
}

struct work_case *work_add_case(struct intake_work *w, int64_t number)
{
    struct work_case *c = work_find_case(w, number);
    if (!c) {
        c = work_append(w, &w->cases, sizeof(*c));
        c->number = number;
        c->first_response_us = c->resolved_us = c->closed_us = WORK_NO_TIME;
        c->last_contact_us = WORK_NO_TIME;
        byte_map_set(&w->case_index, number_key(&c->number), c);
    }
    return c;
}

struct work_case_reference *work_find_case_reference(struct intake_work *w, int32_t source_id,
                                                     int64_t customer, const char *reference)
{
    return byte_map_find(&w->case_reference_index, text_key(w, source_id, customer, reference));
}

struct work_case_reference *work_add_case_reference(struct intake_work *w, int32_t source_id,
                                                    struct work_case *c, const char *reference)
{
    struct bytes key = text_key(w, source_id, c->customer, reference);
    struct work_case_reference *r = byte_map_find(&w->case_reference_index, key);
    if (!r) {
        r = work_append(w, &w->case_references, sizeof(*r));
        r->source_id = source_id;
        r->customer = c->customer;
        r->reference = reference;
        r->service_case = c;
        byte_map_set(&w->case_reference_index, key, r);
    }
    return r;
}

struct work_receipt *work_find_receipt(struct intake_work *w, int32_t source_id, const char *key)
{
    return byte_map_find(&w->receipt_index, text_key(w, source_id, 0, key));
}

struct work_receipt *work_add_receipt(struct intake_work *w, int32_t source_id, const char *key)
{
    struct bytes text = text_key(w, source_id, 0, key);
    struct work_receipt *r = byte_map_find(&w->receipt_index, text);
    if (!r) {
        r = work_append(w, &w->receipts, sizeof(*r));
        r->source_id = source_id;
        r->key = key;
        byte_map_set(&w->receipt_index, text, r);
    }
    return r;
}

struct work_redemption *work_find_redemption(struct intake_work *w, int32_t source_id,
                                             int64_t customer, const char *reference)
{
    return byte_map_find(&w->redemption_index, text_key(w, source_id, customer, reference));
}

struct work_redemption *work_add_redemption(struct intake_work *w, int32_t source_id,
                                            int64_t customer, const char *reference)
{
    struct work_redemption *r = work_append(w, &w->redemptions, sizeof(*r));
    r->source_id = source_id;
    r->customer = customer;
    r->reference = reference;
    byte_map_set(&w->redemption_index, text_key(w, source_id, customer, reference), r);
    return r;
}

struct work_promise *work_find_promise(struct work_case *c, int64_t number)
{
    struct work_promise *p = c->promises;
    while (p && p->number != number) {
        p = p->next;
    }
    return p;
}

struct work_case *work_find_case_of_promise(struct intake_work *w, int64_t number)
{
    return byte_map_find(&w->promise_index, number_key(&number));
}

void work_set_case_of_promise(struct intake_work *w, int64_t number, struct work_case *c)
{
    int64_t *key = work_alloc(w, sizeof(*key));
    *key = number;
    byte_map_set(&w->promise_index, number_key(key), c);
}

const struct work_promise *work_last_promise(const struct work_case *c)
{
    const struct work_promise *p = c->promises;
    while (p && p->next) {
        p = p->next;
    }
    return p;
}

struct work_promise *work_add_promise(struct intake_work *w, struct work_case *c, int64_t number)
{
    struct work_promise *p = work_find_promise(c, number);
    if (!p) {
        struct work_promise **end = &c->promises;
        while (*end) {
            end = &(*end)->next;
        }
        p = *end = work_alloc(w, sizeof(*p));
        p->number = number;
        p->next_step_us = p->done_us = p->settled_us = WORK_NO_TIME;
        p->counted_us = p->safe_us = WORK_NO_TIME;
        p->clock_version = 1;
    }
    return p;
}

/* ---- clocks */

static struct clock_pause *add_pause(struct intake_work *w, struct work_case *c)
{
    if (c->pause_count == c->pause_capacity) {
        size_t capacity = c->pause_capacity ? 2 * c->pause_capacity : 4;
        struct clock_pause *pauses = work_alloc(w, capacity * sizeof(*pauses));
        if (c->pauses) {
            memcpy(pauses, c->pauses, c->pause_count * sizeof(*pauses));
        }
        c->pauses = pauses;
        c->pause_capacity = capacity;
    }
    return &c->pauses[c->pause_count++];
}

void work_case_moved(struct intake_work *w, struct work_case *c, Troth__V1__CaseState from,
                     Troth__V1__CaseState to, int64_t occurred_us)
{
    struct clock_pause *last = c->pause_count > 0 ? &c->pauses[c->pause_count - 1] : NULL;
    bool was_paused = case_rules_is_paused(from);
    bool is_paused = case_rules_is_paused(to);
    if (is_paused && !was_paused) {
        const struct clock_pause pause = clock_pause_begin(last, occurred_us);
        *add_pause(w, c) = pause;
    } else if (was_paused && !is_paused && last) {
        clock_pause_end(last, occurred_us);
    }
}

struct clock work_clock(const struct work_case *c, const struct work_promise *p)
{
    const enum clock_kind kind = clock_rules_kind(p->kind, p->is_due_fixed);
    return (struct clock){
        .started_us = p->made_us,
        .calendar = p->terms ? p->terms->calendar : NULL,
        .target_us = p->target_us,
        .pauses = c->pauses,
        .pause_count = clock_rules_pauses(kind) ? c->pause_count : 0,
    };
}
