/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/zone_shelf.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

/* At most as many as the machine has: names without a zone are not kept. */
struct release {
    struct zone **zones; /* by name */
    size_t count;
    char version[ZONE_VERSION_SIZE];
};

struct zone_shelf {
    struct release now;
    struct release before; /* for who has them in hand */
};

struct zone_shelf *zone_shelf_new(void)
{
    struct zone_shelf *s = xcalloc(1, sizeof(*s));

    (void)zone_database_version(s->now.version);
    return s;
}

static void free_zones(struct release *r)
{
    for (size_t i = 0; i < r->count; i++) {
        zone_free(r->zones[i]);
    }
    free(r->zones);
    *r = (struct release){.count = 0};
}

void zone_shelf_free(struct zone_shelf *s)
{
    if (s) {
        free_zones(&s->now);
        free_zones(&s->before);
        free(s);
    }
}

/* The place of the first zone whose name is not smaller. */
static size_t place_of(const struct release *r, const char *name)
{
    size_t low = 0;
    size_t high = r->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(zone_name(r->zones[middle]), name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct zone *zone_shelf_find(struct zone_shelf *s, const char *name)
{
    struct release *r = &s->now;
    size_t place;
    struct zone *z;

    if (text_is_empty(name)) {
        return NULL;
    }
    place = place_of(r, name);
    if (place < r->count && strcmp(zone_name(r->zones[place]), name) == 0) {
        return r->zones[place];
    }
    z = zone_open(name, NULL);
    if (z) {
        r->zones = xreallocarray(r->zones, r->count + 1, sizeof(struct zone *));
        memmove(&r->zones[place + 1], &r->zones[place], (r->count - place) * sizeof(struct zone *));
        r->zones[place] = z;
        r->count++;
    }
    return z;
}

const char *zone_shelf_version(const struct zone_shelf *s)
{
    return s->now.version;
}

bool zone_shelf_refresh(struct zone_shelf *s)
{
    struct release next = {.count = 0};

    (void)zone_database_version(next.version);
    if (strcmp(next.version, s->now.version) == 0) {
        return false;
    }
    free_zones(&s->before);
    s->before = s->now;
    s->now = next;
    return true;
}
