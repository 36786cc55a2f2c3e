/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/fold_moves_store.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/db_columns.h"

#define SUBJECT "S"

/* ---- versions */

static void remove_range(struct fold_version_set *s, size_t at)
{
    s->count--;
    memmove(&s->ranges[at], &s->ranges[at + 1], (s->count - at) * sizeof(s->ranges[0]));
}

bool fold_version_set_add(struct fold_version_set *s, int64_t version)
{
    size_t at = 0;

    while (at < s->count && s->ranges[at].to < version - 1) {
        at++;
    }
    if (at < s->count && s->ranges[at].from <= version && version <= s->ranges[at].to) {
        return false;
    }
    if (at < s->count && s->ranges[at].to == version - 1) {
        s->ranges[at].to = version;
        if (at + 1 < s->count && s->ranges[at + 1].from == version + 1) {
            s->ranges[at].to = s->ranges[at + 1].to;
            remove_range(s, at + 1);
        }
        return true;
    }
    if (at < s->count && s->ranges[at].from == version + 1) {
        s->ranges[at].from = version;
        return true;
    }
    memmove(&s->ranges[at + 1], &s->ranges[at], (s->count - at) * sizeof(s->ranges[0]));
    s->ranges[at] = (struct fold_version_range){version, version};
    if (++s->count > FOLD_RANGES_MAX) {
        s->ranges[1].from = s->ranges[0].from;
        remove_range(s, 0);
    }
    return true;
}

void fold_version_set_pack(const struct fold_version_set *s, struct buffer *out)
{
    buffer_append(out, s->ranges, s->count * sizeof(s->ranges[0]));
}

void fold_version_set_unpack(struct fold_version_set *s, struct bytes packed)
{
    *s = (struct fold_version_set){.count = packed.len / sizeof(s->ranges[0])};
    if (s->count > FOLD_RANGES_MAX || packed.len % sizeof(s->ranges[0]) != 0) {
        s->count = 0;
    }
    if (s->count > 0) {
        memcpy(s->ranges, packed.data, s->count * sizeof(s->ranges[0]));
    }
}

/* ---- a batch */

static const struct db_query counted = {
    .name = "fold_counted_moves",
    .sql = "SELECT k.number, f.bundle FROM unnest($1::int2[], $2::int8[]) AS k (bucket, number)"
           " CROSS JOIN LATERAL (SELECT o.bundle FROM reporting.other_fact AS o"
           " WHERE o.bucket = k.bucket AND o.subject = '" SUBJECT "' AND o.number = k.number"
           " OFFSET 0) AS f",
    .shape = DB_ROWS,
};

void fold_moves_clear(struct fold_moves *m)
{
    m->customers.count = m->event_count = 0;
}

void fold_moves_free(struct fold_moves *m)
{
    free(m->customers.list);
    free(m->sets);
    free(m->events);
    buffer_free(&m->packed);
    *m = (struct fold_moves){.event_count = 0};
}

bool fold_moves_add(struct fold_moves *m, const Troth__V1__Event *event)
{
    switch ((int)event->body_case) {
    case TROTH__V1__EVENT__BODY_TIER_CHANGED:
    case TROTH__V1__EVENT__BODY_SCORE_CHANGED:
    case TROTH__V1__EVENT__BODY_CHURN_RISK_CHANGED:
    case TROTH__V1__EVENT__BODY_TRUST_BROKEN:
        break;
    default:
        return false;
    }
    if (m->event_count == m->event_room) {
        m->event_room = 2 * m->event_room + 64;
        m->events = xreallocarray(m->events, m->event_room, sizeof(const Troth__V1__Event *));
    }
    m->events[m->event_count++] = event;
    fold_key_list_add(&m->customers, &(struct fold_key){.number = event->customer});
    return true;
}

void fold_moves_ask(struct fold_moves *m, struct db *db)
{
    static const enum db_type types[] = {DB_INT2, DB_INT8};
    struct db_columns columns;

    fold_key_list_seal(&m->customers);
    db_columns_init(&columns, types, 2);
    for (size_t i = 0; i < m->customers.count; i++) {
        db_array_add_int(&columns.array[0], identifier_bucket(m->customers.list[i].number));
        db_array_add_int(&columns.array[1], m->customers.list[i].number);
    }
    db_columns_query(&columns, db, &counted);
}

static struct fold_version_set *set_of(struct fold_moves *m, int64_t customer)
{
    return &m->sets[fold_key_list_find(&m->customers, customer) - m->customers.list];
}

void fold_moves_take(struct fold_moves *m, const struct db_rows *rows)
{
    size_t kept = 0;

    m->sets = xreallocarray(m->sets, m->customers.count + 1, sizeof(*m->sets));
    memset(m->sets, 0, m->customers.count * sizeof(*m->sets));
    for (size_t row = 0; row < db_row_count(rows); row++) {
        fold_version_set_unpack(set_of(m, db_get_int(rows, row, 0)), db_get_bytes(rows, row, 1));
    }
    for (size_t i = 0; i < m->event_count; i++) {
        const Troth__V1__Event *event = m->events[i];
        if (fold_version_set_add(set_of(m, event->customer), event->version)) {
            m->events[kept++] = event;
        }
    }
    m->event_count = kept;
}

void fold_moves_put(struct fold_moves *m, struct fold_facts *to)
{
    for (size_t i = 0; i < m->customers.count; i++) {
        const struct fold_version_set *set = &m->sets[i];
        struct fold_key key = {.number = m->customers.list[i].number,
                               .version = set->ranges[set->count - 1].to};
        buffer_clear(&m->packed);
        fold_version_set_pack(set, &m->packed);
        fold_facts_add_other(to, SUBJECT, &key,
                             (struct bytes){.data = m->packed.data, .len = m->packed.len});
    }
}
