/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/record_list.h"

#include <stdlib.h>

#include "common/base/xalloc.h"

void record_list_add(struct record_list *list, const Troth__V1__Record *record)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 1024;
        list->items = xreallocarray(list->items, list->capacity, sizeof *list->items);
    }
    struct record_item *item = &list->items[list->count];
    *item = (struct record_item){
        .occurred_us = record->occurred_us,
        .offset = list->data.len,
        .len = troth__v1__record__get_packed_size(record),
        .number = list->count,
    };
    troth__v1__record__pack(record, buffer_extend(&list->data, item->len));
    list->count++;
}

static int compare_items(const void *left, const void *right)
{
    const struct record_item *a = left;
    const struct record_item *b = right;
    if (a->occurred_us != b->occurred_us) {
        return a->occurred_us < b->occurred_us ? -1 : 1;
    }
    return a->number < b->number ? -1 : a->number > b->number;
}

void record_list_sort(struct record_list *list)
{
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof *list->items, compare_items);
    }
}

struct bytes record_list_get(const struct record_list *list, size_t i)
{
    const struct record_item *item = &list->items[i];
    return (struct bytes){.data = list->data.data + item->offset, .len = item->len};
}

void record_list_free(struct record_list *list)
{
    buffer_free(&list->data);
    free(list->items);
    *list = (struct record_list){0};
}
