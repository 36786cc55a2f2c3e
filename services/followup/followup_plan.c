/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_plan.h"

#include <stdlib.h>

#include "common/base/xalloc.h"

struct follow_up *follow_up_list_add(struct follow_up_list *l)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 16;
        l->items = xreallocarray(l->items, l->capacity, sizeof(*l->items));
    }
    struct follow_up *f = &l->items[l->count++];
    *f = (struct follow_up){
        .next_attempt_us = FOLLOW_UP_NEVER,
        .settled_us = FOLLOW_UP_NEVER,
        .local_due_us = FOLLOW_UP_NEVER,
        .last_call_us = FOLLOW_UP_NEVER,
        .called_back_us = FOLLOW_UP_NEVER,
    };
    return f;
}

void follow_up_list_clear(struct follow_up_list *l)
{
    l->count = 0;
}

void follow_up_list_free(struct follow_up_list *l)
{
    free(l->items);
    *l = (struct follow_up_list){.items = NULL};
}
