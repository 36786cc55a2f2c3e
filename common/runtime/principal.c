/* SPDX-License-Identifier: Apache-2.0 */
/*
 * principal.c - three sorted copies of the list, by key, by id and by token, under one mutex.
 *
 * The mutex is held for a binary search and a copy, never while waiting: the ZAP thread shares it
 * with the loop.
 */
#include "common/runtime/principal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/runtime/source_store.h"
#include "intake.pb-c.h"

enum order {
    BY_KEY,
    BY_ID,
    BY_TOKEN,
    ORDERS
};

/* One sorted copy. The branches belong to the one by key. */
struct index {
    struct principal *rows;
    size_t count;
};

struct principal_table {
    pthread_mutex_t mutex;
    struct index by[ORDERS];
    int64_t checked_us; /* the loop's own */
};

static const struct {
    const char *name;
    enum right right;
} right_names[] = {
    {"records",    RIGHT_RECORDS   },
    {"disclosure", RIGHT_DISCLOSURE},
    {"dial",       RIGHT_DIAL      },
    {"worklist",   RIGHT_WORKLIST  },
    {"scores",     RIGHT_SCORES    },
    {"reports",    RIGHT_REPORTS   },
    {"events",     RIGHT_EVENTS    },
    {"erasure",    RIGHT_ERASURE   },
};

uint32_t right_parse(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(right_names); i++) {
        if (strcmp(right_names[i].name, name) == 0) {
            return right_names[i].right;
        }
    }
    return 0;
}

const char *right_name(uint32_t right)
{
    for (size_t i = 0; i < ARRAY_LEN(right_names); i++) {
        if (right_names[i].right == right) {
            return right_names[i].name;
        }
    }
    return NULL;
}

/* ---- kinds */

uint64_t record_kind_parse(const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(&troth__v1__record__descriptor, name);
    bool is_body = field && (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) && field->id < 64;
    return is_body ? UINT64_C(1) << field->id : 0;
}

uint64_t disclosure_kind_parse(const char *name)
{
    const ProtobufCEnumDescriptor *type = &troth__v1__disclosure_kind__descriptor;
    const size_t prefix_len = strlen("DISCLOSURE_KIND_");
    for (unsigned i = 0; i < type->n_values; i++) {
        int value = type->values[i].value;
        if (value > 0 && value < 64 && strcasecmp(type->values[i].name + prefix_len, name) == 0) {
            return UINT64_C(1) << value;
        }
    }
    return 0;
}

void principal_digest_token(struct bytes token, uint8_t ret_digest[PRINCIPAL_TOKEN_LEN])
{
    if (crypto_generichash(ret_digest, PRINCIPAL_TOKEN_LEN, token.data, token.len, NULL, 0) != 0) {
        BUG("BLAKE2b refused its arguments");
    }
}

bool principal_has_branch(const struct principal *p, const char *branch)
{
    size_t len = strlen(branch);
    if (!p->branches) {
        return true;
    }
    for (const char *at = p->branches; *at; at = strchr(at, '\n') + 1) {
        if (strncmp(at, branch, len) == 0 && at[len] == '\n') {
            return true;
        }
    }
    return false;
}

/* ---- the copies */

static int compare_keys(const void *a, const void *b)
{
    const struct principal *left = a, *right = b;
    return memcmp(left->key, right->key, PRINCIPAL_KEY_LEN);
}

static int compare_ids(const void *a, const void *b)
{
    const struct principal *left = a, *right = b;
    return (left->id > right->id) - (left->id < right->id);
}

static int compare_tokens(const void *a, const void *b)
{
    const struct principal *left = a, *right = b;
    return memcmp(left->token_digest, right->token_digest, PRINCIPAL_TOKEN_LEN);
}

static int (*const compare[ORDERS])(const void *a, const void *b) = {
    [BY_KEY] = compare_keys, [BY_ID] = compare_ids, [BY_TOKEN] = compare_tokens};

static void free_indexes(struct index by[ORDERS])
{
    for (size_t i = 0; i < by[BY_KEY].count; i++) {
        free(by[BY_KEY].rows[i].branches);
    }
    for (size_t i = 0; i < ORDERS; i++) {
        free(by[i].rows);
    }
}

static void make_indexes(const struct principal *list, size_t count, struct index by[ORDERS])
{
    for (size_t i = 0; i < ORDERS; i++) {
        by[i] = (struct index){.rows = xcalloc(count + 1, sizeof(*list))};
    }
    for (size_t i = 0; i < count; i++) {
        struct principal p = list[i];
        p.branches = p.branches ? xstrdup(p.branches) : NULL;
        by[BY_KEY].rows[by[BY_KEY].count++] = p;
        by[BY_ID].rows[by[BY_ID].count++] = p;
        if (p.has_token) {
            by[BY_TOKEN].rows[by[BY_TOKEN].count++] = p;
        }
    }
    for (size_t i = 0; i < ORDERS; i++) {
        qsort(by[i].rows, by[i].count, sizeof(*list), compare[i]);
    }
}

struct principal_table *principal_table_new(void)
{
    struct principal_table *t = xcalloc(1, sizeof(*t));
    (void)pthread_mutex_init(&t->mutex, NULL);
    make_indexes(NULL, 0, t->by);
    return t;
}

void principal_table_free(struct principal_table *t)
{
    if (t) {
        (void)pthread_mutex_destroy(&t->mutex);
        free_indexes(t->by);
        free(t);
    }
}

void principal_table_replace(struct principal_table *t, const struct principal *list, size_t count)
{
    struct index fresh[ORDERS], old[ORDERS];
    make_indexes(list, count, fresh);
    (void)pthread_mutex_lock(&t->mutex);
    memcpy(old, t->by, sizeof(old));
    memcpy(t->by, fresh, sizeof(fresh));
    (void)pthread_mutex_unlock(&t->mutex);
    free_indexes(old);
}

static bool keeps(const struct principal *old, const struct principal *list, size_t count,
                  uint32_t right)
{
    for (size_t i = 0; i < count; i++) {
        if (compare_keys(old, &list[i]) == 0) {
            return list[i].rights & right;
        }
    }
    return false;
}

/* Few have such rights, so nothing is sorted for it. */
bool principal_table_would_lose(struct principal_table *t, const struct principal *list,
                                size_t count, uint32_t right)
{
    bool is_lost = false;
    (void)pthread_mutex_lock(&t->mutex);
    const struct index *by = &t->by[BY_KEY];
    for (size_t i = 0; i < by->count && !is_lost; i++) {
        is_lost = (by->rows[i].rights & right) && !keeps(&by->rows[i], list, count, right);
    }
    (void)pthread_mutex_unlock(&t->mutex);
    return is_lost;
}

static bool find(struct principal_table *t, enum order order, const struct principal *wanted,
                 struct principal *ret)
{
    (void)pthread_mutex_lock(&t->mutex);
    const struct index *by = &t->by[order];
    const struct principal *found =
        bsearch(wanted, by->rows, by->count, sizeof(*wanted), compare[order]);
    if (found) {
        *ret = *found;
    }
    (void)pthread_mutex_unlock(&t->mutex);
    return found != NULL;
}

bool principal_by_key(struct principal_table *t, const uint8_t key[PRINCIPAL_KEY_LEN],
                      struct principal *ret)
{
    struct principal wanted = {.id = 0};
    memcpy(wanted.key, key, PRINCIPAL_KEY_LEN);
    return find(t, BY_KEY, &wanted, ret);
}

bool principal_by_id(struct principal_table *t, int32_t id, struct principal *ret)
{
    struct principal wanted = {.id = id};
    return find(t, BY_ID, &wanted, ret);
}

bool principal_by_token(struct principal_table *t, const uint8_t digest[PRINCIPAL_TOKEN_LEN],
                        struct principal *ret)
{
    struct principal wanted = {.id = 0};
    memcpy(wanted.token_digest, digest, PRINCIPAL_TOKEN_LEN);
    return find(t, BY_TOKEN, &wanted, ret);
}

/* Keys: one that is there with two tokens is one. */
size_t principal_table_count(const struct principal_table *t)
{
    const struct index *keys = &t->by[BY_KEY];
    size_t count = 0;
    for (size_t i = 0; i < keys->count; i++) {
        count += i == 0 || memcmp(keys->rows[i].key, keys->rows[i - 1].key, PRINCIPAL_KEY_LEN) != 0;
    }
    return count;
}

void principal_table_set_checked(struct principal_table *t, int64_t monotonic_us)
{
    t->checked_us = monotonic_us;
}

int64_t principal_table_checked_us(const struct principal_table *t)
{
    return t->checked_us;
}

int principal_table_load(struct principal_table *t, struct db *db, struct err *err)
{
    struct principal *list;
    size_t count;
    if (source_store_list(db, &list, &count, err) < 0) {
        return -1;
    }
    principal_table_replace(t, list, count);
    principal_table_set_checked(t, instant_monotonic_us());
    source_store_free_list(list, count);
    return 0;
}
