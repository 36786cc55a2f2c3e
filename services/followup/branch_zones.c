/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/branch_zones.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

void branch_zones_free(struct branch_zones *z)
{
    for (size_t i = 0; i < z->count; i++) {
        free(z->items[i].branch);
        free(z->items[i].zone);
    }
    free(z->items);
    *z = (struct branch_zones){.items = NULL};
}

/* Where the branch stands, or would stand. */
static size_t place_of(const struct branch_zones *z, const char *branch, bool *ret_is_there)
{
    size_t low = 0;
    size_t high = z->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(z->items[middle].branch, branch) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_is_there = low < z->count && strcmp(z->items[low].branch, branch) == 0;
    return low;
}

void branch_zones_set(struct branch_zones *z, const char *branch, const char *zone)
{
    bool is_there;
    size_t place = place_of(z, branch, &is_there);
    if (is_there) {
        free(z->items[place].zone);
        z->items[place].zone = xstrdup(zone);
        return;
    }
    z->items = xreallocarray(z->items, z->count + 1, sizeof(*z->items));
    memmove(&z->items[place + 1], &z->items[place], (z->count - place) * sizeof(*z->items));
    z->items[place] = (struct branch_zone){.branch = xstrdup(branch), .zone = xstrdup(zone)};
    z->count++;
}

const char *branch_zones_find(const struct branch_zones *z, const char *branch)
{
    bool is_there;
    if (text_is_empty(branch)) {
        return NULL;
    }
    size_t place = place_of(z, branch, &is_there);
    return is_there ? z->items[place].zone : NULL;
}
