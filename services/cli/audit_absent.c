/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/audit_absent.h"

#include <stdlib.h>
#include <string.h>

#include "common/audit/audit_removal.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/cli/audit_read_store.h"

/* Neighbours of one (stream, bucket), at neighbouring positions. */
struct open_run {
    char stream[AUDIT_WORD_MAX + 1];
    int16_t bucket;
    int64_t first, last;
    uint64_t position; /* of the first */
};

struct audit_absent {
    struct audit_check *check;
    const struct audit_key *key;
    struct audit_removals *removals;
    struct open_run *open; /* what no statement explains so far */
    size_t open_count, open_capacity;
    uint64_t removed;
    bool is_second; /* reading: whatever is wrong with a statement was said */
};

struct audit_absent *audit_absent_new(struct audit_check *check, const struct audit_key *key)
{
    struct audit_absent *a = xcalloc(1, sizeof(*a));
    a->check = check;
    a->key = key;
    return a;
}

void audit_absent_free(struct audit_absent *a)
{
    if (a) {
        audit_removals_free(a->removals);
        free(a->open);
        free(a);
    }
}

static void take_removal(void *ctx, const struct audit_removal *r)
{
    struct audit_absent *a = ctx;
    struct err err = ERR_NONE;
    if ((audit_removal_check(r, audit_key_trust(a->key), &err) < 0 ||
         audit_removals_add(a->removals, r, &err) < 0) &&
        !a->is_second) {
        audit_check_fault(a->check, "removal_changed", "%s", err.text);
    }
}

static int read_all(struct audit_absent *a, struct db *db, struct err *err)
{
    audit_removals_free(a->removals);
    a->removals = audit_removals_new();
    return audit_read_removals(db, take_removal, a, err);
}

int audit_absent_begin(struct audit_absent *a, struct db *db, struct err *err)
{
    return read_all(a, db, err);
}

static bool goes_on(const struct open_run *run, const struct audit_place *place, uint64_t position)
{
    return run->bucket == place->bucket && run->last + 1 == place->seq &&
           run->position + (uint64_t)(place->seq - run->first) == position &&
           strcmp(run->stream, place->stream) == 0;
}

static void keep(struct audit_absent *a, const struct audit_place *place, uint64_t position)
{
    struct open_run *last = a->open_count > 0 ? &a->open[a->open_count - 1] : NULL;
    if (last && goes_on(last, place, position)) {
        last->last = place->seq;
        return;
    }
    if (!a->open || a->open_count == a->open_capacity) {
        a->open_capacity = a->open_capacity ? 2 * a->open_capacity : 64;
        a->open = xreallocarray(a->open, a->open_capacity, sizeof(*a->open));
    }
    struct open_run *run = &a->open[a->open_count++];
    *run = (struct open_run){
        .bucket = place->bucket, .first = place->seq, .last = place->seq, .position = position};
    (void)text_copy(run->stream, sizeof(run->stream), place->stream);
}

void audit_absent_add(struct audit_absent *a, const struct audit_place *place)
{
    if (audit_removals_has(a->removals, place)) {
        a->removed++;
    } else {
        keep(a, place, audit_check_position(a->check));
    }
    audit_check_removed(a->check, place);
}

static void settle(struct audit_absent *a, const struct open_run *run)
{
    for (int64_t seq = run->first; seq <= run->last; seq++) {
        const struct audit_place place = {.stream = run->stream, .bucket = run->bucket, .seq = seq};
        if (audit_removals_has(a->removals, &place)) {
            a->removed++;
        } else {
            audit_check_deleted(a->check, &place, run->position + (uint64_t)(seq - run->first));
        }
    }
}

int audit_absent_end(struct audit_absent *a, struct db *db, uint64_t *ret_removed, struct err *err)
{
    a->is_second = true;
    if (a->open_count > 0 && read_all(a, db, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < a->open_count; i++) {
        settle(a, &a->open[i]);
    }
    *ret_removed = a->removed;
    return 0;
}
