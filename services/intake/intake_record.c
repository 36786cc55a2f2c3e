/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_record.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"

enum {
    /* 64 KiB on the wire became 4.7 MB at worst in our measurements; a message of ours is far from
     * that. */
    BUDGET_BYTES = 6 * 1024 * 1024,
    SPARE_MAX = 64,
};

struct intake_request_pool {
    struct arena *spare[SPARE_MAX];
    size_t spare_count;
    struct intake_request *open;
};

struct intake_request_pool *intake_request_pool_new(void)
{
    return xcalloc(1, sizeof(struct intake_request_pool));
}

void intake_request_pool_free(struct intake_request_pool *p)
{
    if (!p) {
        return;
    }
    for (size_t i = 0; i < p->spare_count; i++) {
        arena_free(p->spare[i]);
    }
    free(p);
}

struct intake_request *intake_request_new(struct intake_request_pool *p, struct bytes peer,
                                          struct intake_sender sender, size_t wire_bytes)
{
    struct arena *arena = p->spare_count > 0 ? p->spare[--p->spare_count] : arena_new(BUDGET_BYTES);
    struct intake_request *r = arena_alloc(arena, sizeof(*r));
    uint8_t *id = arena_alloc(arena, peer.len);
    if (!r || !id) {
        BUG("an empty arena has no room for a message");
    }
    if (peer.len > 0) {
        memcpy(id, peer.data, peer.len);
    }
    *r = (struct intake_request){
        .arena = arena,
        .references = 1,
        .arrived_us = instant_monotonic_us(),
        .peer = {.data = id, .len = peer.len},
        .sender = sender,
        .wire_bytes = wire_bytes,
    };
    DL_APPEND(p->open, r);
    return r;
}

int64_t intake_request_oldest_us(const struct intake_request_pool *p)
{
    return p->open ? p->open->arrived_us : 0;
}

void intake_request_release(struct intake_request_pool *p, struct intake_request *r)
{
    if (--r->references > 0) {
        return;
    }
    struct arena *arena = r->arena; /* r stands in it */
    DL_DELETE(p->open, r);
    if (p->spare_count == SPARE_MAX) {
        arena_free(arena);
        return;
    }
    arena_reset(arena);
    p->spare[p->spare_count++] = arena;
}

struct intake_record *intake_record_new(struct intake_request *r)
{
    struct intake_record *record = arena_alloc(r->arena, sizeof(*record));
    if (!record) {
        return NULL;
    }
    *record = (struct intake_record){.request = r};
    r->references++;
    return record;
}
