/* SPDX-License-Identifier: Apache-2.0 */
/*
 * principal.c - two sorted copies of the list, by key and by id, under one mutex.
 *
 * The mutex is held for a binary search and a copy, never while waiting: the ZAP thread shares it
 * with the loop.
 */
#include "common/runtime/principal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/runtime/source_store.h"

struct principal_table {
    pthread_mutex_t mutex;
    struct principal *by_key;
    struct principal *by_id;
    size_t count;
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

typedef int compare_fn(const void *a, const void *b);

static struct principal *sorted_copy(const struct principal *list, size_t count,
                                     compare_fn *compare)
{
    struct principal *copy = xcalloc(count + 1, sizeof(*copy));
    if (count > 0) {
        memcpy(copy, list, count * sizeof(*copy));
        qsort(copy, count, sizeof(*copy), compare);
    }
    return copy;
}

struct principal_table *principal_table_new(void)
{
    struct principal_table *t = xcalloc(1, sizeof(*t));
    (void)pthread_mutex_init(&t->mutex, NULL);
    principal_table_replace(t, NULL, 0);
    return t;
}

void principal_table_free(struct principal_table *t)
{
    if (t) {
        (void)pthread_mutex_destroy(&t->mutex);
        free(t->by_key);
        free(t->by_id);
        free(t);
    }
}

void principal_table_replace(struct principal_table *t, const struct principal *list, size_t count)
{
    struct principal *by_key = sorted_copy(list, count, compare_keys);
    struct principal *by_id = sorted_copy(list, count, compare_ids);
    (void)pthread_mutex_lock(&t->mutex);
    struct principal *old_by_key = t->by_key;
    struct principal *old_by_id = t->by_id;
    t->by_key = by_key;
    t->by_id = by_id;
    t->count = count;
    (void)pthread_mutex_unlock(&t->mutex);
    free(old_by_key);
    free(old_by_id);
}

bool principal_by_key(struct principal_table *t, const uint8_t key[PRINCIPAL_KEY_LEN],
                      struct principal *ret)
{
    struct principal wanted = {.id = 0};
    memcpy(wanted.key, key, PRINCIPAL_KEY_LEN);
    (void)pthread_mutex_lock(&t->mutex);
    const struct principal *found =
        bsearch(&wanted, t->by_key, t->count, sizeof(wanted), compare_keys);
    if (found) {
        *ret = *found;
    }
    (void)pthread_mutex_unlock(&t->mutex);
    return found != NULL;
}

bool principal_by_id(struct principal_table *t, int32_t id, struct principal *ret)
{
    struct principal wanted = {.id = id};
    (void)pthread_mutex_lock(&t->mutex);
    const struct principal *found =
        bsearch(&wanted, t->by_id, t->count, sizeof(wanted), compare_ids);
    if (found) {
        *ret = *found;
    }
    (void)pthread_mutex_unlock(&t->mutex);
    return found != NULL;
}

int principal_table_load(struct principal_table *t, struct db *db, struct err *err)
{
    struct principal *list;
    size_t count;
    if (source_store_list(db, &list, &count, err) < 0) {
        return -1;
    }
    principal_table_replace(t, list, count);
    free(list);
    return 0;
}
