/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/audit_growth.h"

#include <string.h>

#include "common/base/log.h"

static void put_tile(void *ctx, unsigned level, uint64_t index, struct bytes hashes)
{
    struct audit_writing *w = ctx;
    db_array_add_int(&w->level, level);
    db_array_add_int(&w->index, (int64_t)index);
    db_array_add_bytes(&w->hashes, hashes);
}

static void add_leaf(struct audit_growth *g, const struct audit_event *e)
{
    uint8_t nonce[AUDIT_NONCE_LEN];
    audit_nonce(g->key, &e->place, nonce);
    const struct merkle_hash leaf = audit_leaf(e, nonce);
    merkle_edge_push(&g->edge, &leaf, put_tile, &g->writing);
}

static void end_run(struct audit_growth *g, const struct event_position *p)
{
    struct audit_writing *w = &g->writing;
    const int64_t count = p->to - p->from;
    if (count > 0) {
        db_array_add_int(&w->first_position, (int64_t)g->edge.size - count);
        db_array_add_text(&w->stream, p->stream);
        db_array_add_int(&w->bucket, p->bucket);
        db_array_add_int(&w->first_seq, p->from + 1);
        db_array_add_int(&w->last_seq, p->to);
        g->places[g->place_count++] = *p;
    }
}

/* The run that begins at row. Returns where the next one does. What follows a gap is not taken. */
static size_t take_run(struct audit_growth *g, const struct db_rows *rows, size_t row)
{
    struct audit_event e = audit_store_event(rows, row);
    const int64_t from = audit_store_event_from(rows, row);
    struct event_position p = {
        .stream = e.place.stream, .bucket = e.place.bucket, .from = from, .to = from};
    for (; row < db_row_count(rows); row++) {
        e = audit_store_event(rows, row);
        if (e.place.bucket != p.bucket || strcmp(e.place.stream, p.stream) != 0) {
            break;
        }
        if (!p.is_cut && e.place.seq == p.to + 1 && audit_event_is_valid(&e)) {
            add_leaf(g, &e);
            p.to = e.place.seq;
        } else if (!p.is_cut) {
            p.is_cut = true;
            log_error("audit_gap", LOG_TEXT("stream", p.stream), LOG_INT("bucket", p.bucket),
                      LOG_INT("seq", p.to + 1));
        }
    }
    end_run(g, &p);
    return row;
}

bool audit_growth_take(struct audit_growth *g, const struct db_rows *rows)
{
    audit_writing_clear(&g->writing);
    g->place_count = 0;
    for (size_t row = 0; row < db_row_count(rows);) {
        row = take_run(g, rows, row);
    }
    merkle_edge_flush(&g->edge, put_tile, &g->writing);
    return g->place_count > 0;
}
