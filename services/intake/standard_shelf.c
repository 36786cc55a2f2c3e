/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/standard_shelf.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

struct version {
    int32_t id;
    struct standard *standard; /* NULL: cannot be read */
};

struct standard_shelf {
    struct version *versions; /* by id: every promise that is read looks here */
    size_t count, capacity;
};

struct standard_shelf *standard_shelf_new(void)
{
    return xcalloc(1, sizeof(struct standard_shelf));
}

void standard_shelf_free(struct standard_shelf *s)
{
    if (s) {
        for (size_t i = 0; i < s->count; i++) {
            standard_free(s->versions[i].standard);
        }
        free(s->versions);
        free(s);
    }
}

/* The first one whose id is not smaller. */
static size_t place_of(const struct standard_shelf *s, int32_t id)
{
    size_t from = 0, to = s->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (s->versions[middle].id < id) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

bool standard_shelf_knows(const struct standard_shelf *s, int32_t id)
{
    size_t place = place_of(s, id);
    return place < s->count && s->versions[place].id == id;
}

const struct standard *standard_shelf_find(const struct standard_shelf *s, int32_t id)
{
    return standard_shelf_knows(s, id) ? s->versions[place_of(s, id)].standard : NULL;
}

void standard_shelf_add(struct standard_shelf *s, int32_t id, struct standard *standard)
{
    size_t place = place_of(s, id);
    if (standard_shelf_knows(s, id)) {
        standard_free(standard);
        return;
    }
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 8;
        s->versions = xreallocarray(s->versions, s->capacity, sizeof(*s->versions));
    }
    memmove(s->versions + place + 1, s->versions + place,
            (s->count - place) * sizeof(*s->versions));
    s->versions[place] = (struct version){.id = id, .standard = standard};
    s->count++;
}
