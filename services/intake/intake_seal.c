/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_seal.h"

#include <inttypes.h>
#include <string.h>

#include <sodium.h>

#include "common/base/log.h"
#include "services/intake/sealed_texts.h"
#include "services/intake/sealing.h"

enum open_key {
    KEY_REFUSED = -1,
    KEY_ERASED = 0,
    KEY_OPEN = 1
};

/* The caller wipes ret_key. */
static enum open_key open_key(struct intake_work *w, int64_t customer,
                              uint8_t ret_key[KEYRING_KEY_LEN], struct err *err)
{
    const struct work_key *k = work_find_key(w, customer);
    if (!k) {
        (void)err_set(err, "key_damaged", "the key of customer %" PRId64 " was not read", customer);
        return KEY_REFUSED;
    }
    if (!k->wrapped.data) {
        return KEY_ERASED;
    }
    if (k->fresh) {
        memcpy(ret_key, k->fresh, KEYRING_KEY_LEN);
        return KEY_OPEN;
    }
    if (keyring_unwrap(w->keyring, customer, k->generation, k->wrapped, ret_key, err) < 0) {
        (void)err_prefix(err, "customer %" PRId64, customer);
        return KEY_REFUSED;
    }
    return KEY_OPEN;
}

/* Its texts are sealed with it at once, without unwrapping what was just wrapped. */
static void make_key(struct intake_work *w, int64_t customer)
{
    struct work_key *k = work_add_key(w, customer);
    uint8_t *wrapped = work_alloc(w, KEYRING_WRAPPED_LEN);
    k->fresh = work_alloc(w, KEYRING_KEY_LEN);
    randombytes_buf(k->fresh, KEYRING_KEY_LEN);
    keyring_wrap(w->keyring, customer, k->fresh, wrapped);
    k->generation = keyring_sealing(w->keyring);
    k->wrapped = (struct bytes){.data = wrapped, .len = KEYRING_WRAPPED_LEN};
}

/* Hangs the row in. Returns 0 or -1. */
static int add_row(struct intake_work *w, enum sealed_kind kind, const struct work_sealed *row,
                   struct bytes plain, size_t *dropped, struct err *err)
{
    const struct sealing_label label = {
        .kind = kind, .number = row->number, .customer = row->customer};
    struct work_list *list = kind == SEALED_PERSON ? &w->sealed_persons : &w->sealed_texts;
    uint8_t key[KEYRING_KEY_LEN];
    enum open_key is_open = open_key(w, row->customer, key, err);
    if (is_open != KEY_OPEN) {
        *dropped += is_open == KEY_ERASED;
        return is_open == KEY_ERASED ? 0 : -1;
    }
    struct bytes sealed = sealing_seal(key, &label, plain, w->arena);
    sodium_memzero(key, sizeof(key));
    if (!sealed.data) {
        BUG("a batch outgrew its arena");
    }
    struct work_sealed *kept = work_append(w, list, sizeof(*kept));
    *kept = *row;
    kept->next = NULL;
    kept->sealed = sealed;
    return 0;
}

/* ---- texts */

static struct bytes text_key(const struct work_text *t)
{
    return (struct bytes){.data = (const uint8_t *)&t->number, .len = sizeof(t->number)};
}

/* Hangs the texts of each fact together: the first one leads. */
static void gather(struct intake_work *w)
{
    struct work_text *last = NULL; /* of the fact before: nearly always the same one */
    WORK_EACH(struct work_text, t, &w->texts)
    {
        struct work_text *before =
            last && last->number == t->number ? last : byte_map_find(&w->text_index, text_key(t));
        for (; before && before->same; before = before->same) {
        }
        if (before) {
            before->same = t;
        } else {
            byte_map_set(&w->text_index, text_key(t), t);
        }
        last = t;
    }
}

static int seal_fact(struct intake_work *w, const struct work_text *first, size_t *dropped,
                     struct err *err)
{
    const struct work_sealed row = {
        .number = first->number,
        .customer = first->customer,
        .service_case = first->service_case,
        .at_us = first->at_us,
    };
    size_t count = 0;
    for (const struct work_text *t = first; t; t = t->same) {
        count++;
    }
    struct fact_text *texts = work_alloc(w, count * sizeof(*texts));
    for (const struct work_text *t = first; t; t = t->same) {
        *texts++ = (struct fact_text){.field = t->field, .text = t->body};
    }
    struct bytes plain = sealed_texts_pack(texts - count, count, w->arena);
    if (!plain.data) {
        BUG("a batch outgrew its arena");
    }
    return add_row(w, SEALED_TEXTS, &row, plain, dropped, err);
}

/* ---- persons */

static int seal_person(struct intake_work *w, const struct work_customer *c, size_t *dropped,
                       struct err *err)
{
    const struct work_sealed row = {.number = c->number, .customer = c->number};
    if (c->version_read && (!c->person.is_open || c->person.is_damaged)) {
        return err_set(err, "damaged", "the person of customer %" PRId64 " is not open", c->number);
    }
    struct bytes plain = person_pack(&c->person, w->arena);
    if (!plain.data) {
        BUG("a batch outgrew its arena");
    }
    return add_row(w, SEALED_PERSON, &row, plain, dropped, err);
}

void intake_seal_open_person(struct intake_work *w, struct work_customer *c, struct bytes sealed)
{
    const struct sealing_label label = {
        .kind = SEALED_PERSON, .number = c->number, .customer = c->number};
    uint8_t key[KEYRING_KEY_LEN];
    struct err err = ERR_NONE;
    struct bytes plain;
    int rc = 0;
    c->person = (struct person){.is_open = true};
    if (!sealed.data) {
        return;
    }
    enum open_key is_open = open_key(w, c->number, key, &err);
    if (is_open == KEY_ERASED) {
        return; /* what is left of somebody who is gone reads as nothing */
    }
    rc = is_open == KEY_OPEN ? sealing_open(key, &label, sealed, w->arena, &plain, &err) : -1;
    sodium_memzero(key, sizeof(key));
    if (rc < 0 || person_unpack(plain, w->arena, &c->person, &err) < 0) {
        c->person = (struct person){.is_open = true, .is_damaged = true};
        log_error("person_damaged", LOG_INT("customer", c->number), LOG_ERR(&err));
    }
}

/* ---- all of it */

static int seal_all(struct intake_work *w, size_t *ret_dropped, struct err *err)
{
    size_t dropped = 0;
    WORK_EACH(const struct work_customer, c, &w->customers)
    {
        if (!c->version_read && !work_find_key(w, c->number)) {
            make_key(w, c->number);
        }
        if (c->person.is_changed && seal_person(w, c, &dropped, err) < 0) {
            return -1;
        }
    }
    gather(w);
    WORK_EACH(const struct work_text, t, &w->texts)
    {
        bool leads = byte_map_find(&w->text_index, text_key(t)) == t;
        if (leads && seal_fact(w, t, &dropped, err) < 0) {
            return -1;
        }
    }
    *ret_dropped = dropped;
    return 0;
}

int intake_seal(struct intake_work *w, size_t *ret_dropped, struct err *err)
{
    int rc = seal_all(w, ret_dropped, err);
    WORK_EACH(const struct work_customer, c, &w->customers)
    {
        struct work_key *k = c->version_read ? NULL : work_find_key(w, c->number);
        if (k && k->fresh) {
            sodium_memzero(k->fresh, KEYRING_KEY_LEN);
            k->fresh = NULL;
        }
    }
    return rc;
}
