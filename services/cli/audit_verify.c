/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_verify.c - copies first, then heads, then how far the record goes, then the record: what is
 * added meanwhile, by an intake that runs, is never missed by what was read before it.
 */
#include "services/cli/audit_verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/cli/audit_absent.h"
#include "services/cli/audit_copy_file.h"
#include "services/cli/audit_erasures.h"
#include "services/cli/audit_read_store.h"

struct upper_tile {
    unsigned level;
    uint64_t index;
    size_t len;
    uint8_t *hashes;
};

struct verification {
    struct db *db;
    const struct audit_verify_options *options;
    struct audit_check *check;
    struct audit_verified result;
    struct audit_extent extent;
    struct audit_absent *absent;
    struct audit_redacted redacted;

    /* The page: runs, and the recorded hashes from cache_from on. */
    struct audit_run runs[AUDIT_READ_RUNS];
    size_t run_count, run; /* run: the one whose events come now */
    int64_t seq;           /* and which of them is next */
    uint64_t cache_from;
    struct merkle_hash *cache;
    bool *is_cached;
    size_t cache_count;

    struct upper_tile *uppers;
    size_t upper_count, upper_capacity;
    const struct upper_tile *compared;
    bool is_found;

    struct audit_bucket_state
        ahead; /* a cursor that is before what is recorded; stream NULL: none */
    char ahead_stream[AUDIT_WORD_MAX + 1];
};

static void on_fault(void *ctx, const char *kind, const char *text)
{
    struct verification *v = ctx;
    v->result.faults++;
    v->options->fault(v->options->ctx, kind, text);
}

/* ---- what the check asks for */

static const struct merkle_hash *recorded(void *ctx, uint64_t position)
{
    const struct verification *v = ctx;
    const uint64_t i = position - v->cache_from;
    return position >= v->cache_from && i < v->cache_count && v->is_cached[i] ? &v->cache[i] : NULL;
}

static void keep_tile(void *ctx, unsigned level, uint64_t index, struct bytes hashes)
{
    struct verification *v = ctx;
    (void)level;
    for (size_t i = 0; i < hashes.len / MERKLE_HASH_LEN; i++) {
        const uint64_t at = index * MERKLE_TILE_WIDTH + i - v->cache_from;
        if (at < v->cache_count) {
            memcpy(v->cache[at].bytes, hashes.data + i * MERKLE_HASH_LEN, MERKLE_HASH_LEN);
            v->is_cached[at] = true;
        }
    }
}

static void drop_cache(struct verification *v)
{
    free(v->cache);
    free(v->is_cached);
    v->cache = NULL;
    v->is_cached = NULL;
    v->cache_count = 0;
}

/* The recorded hashes from where the check stands up to end. */
static int fill_cache(struct verification *v, uint64_t end, struct err *err)
{
    const uint64_t first = audit_check_position(v->check) / MERKLE_TILE_WIDTH;
    const uint64_t last = end > 0 ? (end - 1) / MERKLE_TILE_WIDTH : 0;
    drop_cache(v);
    v->cache_from = first * MERKLE_TILE_WIDTH;
    v->cache_count = last < first ? 0 : (size_t)(last - first + 1) * MERKLE_TILE_WIDTH;
    v->cache = xcalloc(v->cache_count + 1, sizeof(*v->cache));
    v->is_cached = xcalloc(v->cache_count + 1, sizeof(*v->is_cached));
    const struct audit_tile_range range = {.first = first, .last = last};
    return v->cache_count == 0 ? 0 : audit_read_tiles(v->db, &range, keep_tile, v, err);
}

static void keep_upper(void *ctx, unsigned level, uint64_t index, struct bytes hashes)
{
    struct verification *v = ctx;
    if (level == 0) {
        return;
    }
    if (v->upper_count == v->upper_capacity) {
        v->upper_capacity = v->upper_capacity ? 2 * v->upper_capacity : 32;
        v->uppers = xreallocarray(v->uppers, v->upper_capacity, sizeof(*v->uppers));
    }
    struct upper_tile *t = &v->uppers[v->upper_count++];
    *t = (struct upper_tile){level, index, hashes.len, xcalloc(hashes.len, 1)};
    memcpy(t->hashes, hashes.data, hashes.len);
}

/* ---- heads */

static void take_head(void *ctx, const struct audit_head *h)
{
    struct verification *v = ctx;
    audit_check_head(v->check, h);
}

static void take_line(struct verification *v, const char *path, size_t number, const char *line)
{
    struct audit_head h;
    struct err err = ERR_NONE;
    char where[512];
    (void)text_format(where, sizeof(where), "%s:%zu", path, number);
    if (audit_head_parse(line, strlen(line), &h, &err) < 0) {
        audit_check_fault(v->check, "copy_unreadable", "%s: %s", where, err.text);
        return;
    }
    v->result.copied_heads++;
    audit_check_copy(v->check, &h, where);
}

/* A last line without its end is not written yet. */
static void take_copies(struct verification *v, const char *path, char *text)
{
    size_t number = 0;
    for (char *end = strchr(text, '\n'); end; end = strchr(text, '\n')) {
        *end = '\0';
        number++;
        if (text[0]) {
            take_line(v, path, number, text);
        }
        text = end + 1;
    }
}

static int check_heads(struct verification *v, struct err *err)
{
    const size_t count = v->options->copy_count;
    char **copies = xcalloc(count + 1, sizeof(*copies));
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        copies[i] = audit_copy_file_read(v->options->copies[i], err);
        rc = copies[i] ? 0 : -1;
    }
    if (rc == 0) {
        const int64_t from = v->options->from_head;
        rc = audit_read_heads(v->db, from > 0 ? from : 1, take_head, v, err);
    }
    v->result.heads = audit_check_head_count(v->check);
    for (size_t i = 0; i < count; i++) {
        if (rc == 0) {
            take_copies(v, v->options->copies[i], copies[i]);
        }
        free(copies[i]);
    }
    free(copies);
    return rc;
}

/* ---- where it begins */

static void load_edge(void *ctx, unsigned level, uint64_t index, struct bytes hashes)
{
    struct merkle_edge *e = ctx;
    /* One that is too short shows in the root. */
    (void)(merkle_edge_load(e, level, index, hashes) < 0);
}

static void take_first(void *ctx, const struct audit_head *h)
{
    struct audit_head *first = ctx;
    *first = first->number == 0 ? *h : *first;
}

static int find_begin(struct verification *v, struct merkle_edge *e, struct err *err)
{
    struct merkle_tile_name names[MERKLE_TILE_LEVELS];
    struct audit_head first = {.number = 0};
    const int64_t from = v->options->from_head;
    if (from == 0) {
        return 0;
    }
    if (audit_read_heads(v->db, from, take_first, &first, err) < 0) {
        return -1;
    }
    if (first.number != from) {
        return err_set(err, "head_unknown", "there is no head %" PRId64, from);
    }
    merkle_edge_reset(e, first.root.size);
    const size_t count = merkle_edge_names(first.root.size, names);
    for (size_t i = 0; i < count; i++) {
        const struct audit_tile_range one = {names[i].level, names[i].index, names[i].index};
        if (audit_read_tiles(v->db, &one, load_edge, e, err) < 0) {
            return -1;
        }
    }
    v->result.from = first.root.size;
    return merkle_edge_is_loaded(e)
               ? 0
               : err_set(err, "tile_missing", "tiles of head %" PRId64 " are gone: verify all",
                         from);
}

/* ---- the record */

static void begin_run(struct verification *v)
{
    const struct audit_run *r = &v->runs[v->run];
    v->seq = r->first.seq + audit_check_run(v->check, r->first_position, &r->first, r->last_seq);
}

/* The places up to that one have no events. */
static void pass(struct verification *v, size_t run, int64_t seq)
{
    for (;;) {
        const struct audit_run *r = &v->runs[v->run];
        const int64_t until = v->run < run ? r->last_seq + 1 : seq;
        for (; v->seq < until && audit_check_position(v->check) < v->extent.entries; v->seq++) {
            struct audit_place place = r->first;
            place.seq = v->seq;
            audit_absent_add(v->absent, &place);
        }
        if (v->run >= run) {
            return;
        }
        v->run++;
        if (v->run < v->run_count) {
            begin_run(v);
        }
    }
}

static void take_event(void *ctx, size_t run, const struct audit_event *e)
{
    struct verification *v = ctx;
    pass(v, run, e->place.seq);
    if (v->seq == e->place.seq && audit_check_position(v->check) < v->extent.entries) {
        audit_erasures_note(&v->redacted, e);
        audit_check_entry(v->check, &e->place, e);
        v->seq++;
    }
}

static uint64_t end_of(const struct verification *v, const struct audit_run *r)
{
    const uint64_t end = r->first_position + (uint64_t)(r->last_seq - r->first.seq) + 1;
    return end < v->extent.entries ? end : v->extent.entries;
}

/* A run whose end was changed says more than there is room for. */
static void cut_runs(struct verification *v)
{
    for (size_t i = 0; i < v->run_count; i++) {
        struct audit_run *r = &v->runs[i];
        const uint64_t next = i + 1 < v->run_count ? v->runs[i + 1].first_position : end_of(v, r);
        const int64_t room = next > r->first_position ? (int64_t)(next - r->first_position) : 0;
        r->first.stream = r->name;
        if (r->last_seq - r->first.seq + 1 > room) {
            audit_check_fault(v->check, "run_wrong",
                              "the run of %s/%d/%" PRId64 " at position %" PRIu64
                              " has more events than places",
                              r->name, r->first.bucket, r->first.seq, r->first_position);
            r->last_seq = r->first.seq + room - 1;
        }
    }
}

static int check_page(struct verification *v, struct err *err)
{
    cut_runs(v);
    if (fill_cache(v, end_of(v, &v->runs[v->run_count - 1]), err) < 0) {
        return -1;
    }
    v->run = 0;
    begin_run(v);
    if (audit_read_events(v->db, v->runs, v->run_count, take_event, v, err) < 0) {
        return -1;
    }
    pass(v, v->run_count - 1, v->runs[v->run_count - 1].last_seq + 1);
    return 0;
}

static int check_record(struct verification *v, struct err *err)
{
    uint64_t next = v->result.from;
    while (next < v->extent.entries) {
        const int count = audit_read_runs(v->db, next, v->runs, err);
        if (count < 0) {
            return -1;
        }
        if (count == 0 || v->runs[0].first_position >= v->extent.entries) {
            break;
        }
        v->run_count = (size_t)count;
        next = v->runs[count - 1].first_position + 1;
        if (check_page(v, err) < 0) {
            return -1;
        }
    }
    if (fill_cache(v, v->extent.entries, err) < 0) {
        return -1;
    }
    audit_check_end(v->check, v->extent.entries);
    return 0;
}

/* ---- what stands beside it */

static void compare_upper(void *ctx, unsigned level, uint64_t index, struct bytes hashes)
{
    struct verification *v = ctx;
    const struct upper_tile *t = v->compared;
    v->is_found = true;
    if (hashes.len < t->len || memcmp(hashes.data, t->hashes, t->len) != 0) {
        audit_check_fault(v->check, "tile_changed",
                          "tile %u/%" PRIu64 " is not made of the tiles below it", level, index);
    }
}

static int check_uppers(struct verification *v, struct err *err)
{
    for (size_t i = 0; i < v->upper_count; i++) {
        const struct upper_tile *t = &v->uppers[i];
        v->compared = t;
        v->is_found = false;
        const struct audit_tile_range one = {t->level, t->index, t->index};
        if (audit_read_tiles(v->db, &one, compare_upper, v, err) < 0) {
            return -1;
        }
        if (!v->is_found) {
            audit_check_fault(v->check, "tile_missing", "tile %u/%" PRIu64 " is gone", t->level,
                              t->index);
        }
    }
    return 0;
}

static void check_state(void *ctx, const struct audit_bucket_state *s)
{
    struct verification *v = ctx;
    const int64_t last = audit_check_last_seq(v->check, s->stream, s->bucket);
    if (s->below > 0) {
        audit_check_fault(v->check, "event_inserted",
                          "%" PRId64 " events numbered below 1 were put into %s/%d", s->below,
                          s->stream, s->bucket);
    }
    if (s->above > 0) {
        audit_check_fault(v->check, "event_inserted",
                          "%" PRId64 " events of %s/%d, from %s/%d/%" PRId64
                          " on, are numbered above its head: put in, or the head was turned back",
                          s->above, s->stream, s->bucket, s->stream, s->bucket, s->head + 1);
    }
    if (s->head < last) {
        audit_check_fault(v->check, "head_turned_back",
                          "log.head of %s/%d stands at %" PRId64 ", recorded are %" PRId64,
                          s->stream, s->bucket, s->head, last);
    }
    if (s->cursor < last) {
        audit_check_fault(v->check, "cursor_changed",
                          "the cursor of %s/%d stands at %" PRId64 ", recorded are %" PRId64,
                          s->stream, s->bucket, s->cursor, last);
    }
    if (s->cursor > last && v->options->from_head == 0) {
        v->ahead = *s;
        (void)text_copy(v->ahead_stream, sizeof(v->ahead_stream), s->stream);
        v->ahead.stream = v->ahead_stream;
    }
    if (s->head > s->cursor && s->unrecorded < s->head - s->cursor) {
        audit_check_fault(v->check, "event_deleted",
                          "%" PRId64 " events of %s/%d after %" PRId64
                          " are not there; they were not recorded yet",
                          s->head - s->cursor - s->unrecorded, s->stream, s->bucket, s->cursor);
    }
}

/* Cursors move with the record: only if that stood still were they moved by somebody else. */
static int check_cursors(struct verification *v, struct err *err)
{
    struct audit_extent now;
    if (audit_read_states(v->db, check_state, v, err) < 0 ||
        audit_read_extent(v->db, &now, err) < 0) {
        return -1;
    }
    if (v->ahead.stream && now.entries == v->result.entries) {
        audit_check_fault(v->check, "cursor_changed",
                          "the cursor of %s/%d stands at %" PRId64 ", recorded are %" PRId64,
                          v->ahead.stream, v->ahead.bucket, v->ahead.cursor,
                          audit_check_last_seq(v->check, v->ahead.stream, v->ahead.bucket));
    }
    return 0;
}

static int check_extent(struct verification *v, struct err *err)
{
    if (audit_read_extent(v->db, &v->extent, err) < 0) {
        return -1;
    }
    v->result.entries = v->extent.entries;
    if (v->extent.entries == v->extent.hashes) {
        return 0;
    }
    audit_check_fault(v->check, "tile_missing",
                      "the runs have %" PRIu64 " entries, the tiles %" PRIu64 " hashes",
                      v->extent.entries, v->extent.hashes);
    if (v->extent.entries > v->extent.hashes) {
        v->extent.entries = v->extent.hashes;
    }
    return 0;
}

static void free_all(struct verification *v)
{
    drop_cache(v);
    for (size_t i = 0; i < v->upper_count; i++) {
        free(v->uppers[i].hashes);
    }
    free(v->uppers);
    audit_absent_free(v->absent);
    audit_redacted_free(&v->redacted);
    audit_check_free(v->check);
    free(v);
}

static int verify(struct verification *v, struct err *err)
{
    struct merkle_edge *edge = xcalloc(1, sizeof(*edge));
    int rc = find_begin(v, edge, err);
    if (rc == 0) {
        rc = audit_absent_begin(v->absent, v->db, err) < 0 || check_heads(v, err) < 0 ||
                     check_extent(v, err) < 0
                 ? -1
                 : 0;
    }
    if (rc == 0) {
        audit_check_begin(v->check, edge);
        rc = check_record(v, err);
    }
    if (rc == 0) {
        rc = audit_absent_end(v->absent, v->db, &v->result.removed, err) < 0 ||
                     audit_erasures_check(v->db, &v->redacted, v->check, err) < 0
                 ? -1
                 : 0;
    }
    free(edge);
    if (rc == 0) {
        rc = check_uppers(v, err) < 0 || check_cursors(v, err) < 0 ? -1 : 0;
    }
    return rc;
}

int audit_verify(struct db *db, const struct audit_verify_options *options,
                 struct audit_verified *ret, struct err *err)
{
    struct verification *v = xcalloc(1, sizeof(*v));
    v->db = db;
    v->options = options;
    v->check = audit_check_new(&(struct audit_check_options){
        .key = options->key,
        .first_head = options->from_head > 0 ? options->from_head : 1,
        .fault = on_fault,
        .recorded = recorded,
        .upper = keep_upper,
        .ctx = v,
    });
    v->absent = audit_absent_new(v->check, options->key);
    int rc = verify(v, err);
    if (rc == 0) {
        *ret = v->result;
    }
    free_all(v);
    return rc;
}
