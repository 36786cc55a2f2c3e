/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/audit_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

enum {
    SUSPECTS_MAX = 256, /* more at once are counted, and not named */
    STREAMS_MAX = 16,
    BUCKETS = 256,
    PLACE_TEXT_SIZE = AUDIT_WORD_MAX + 32,
};

/* Where what is there and what was recorded differ. */
struct suspect {
    uint64_t position;
    struct audit_event event; /* of the copies below */
    char *stream, *kind;
    uint8_t *body;
    struct merkle_hash recorded;
};

struct audit_check {
    struct audit_check_options options;
    struct audit_head *heads; /* those that are believed, by size */
    size_t head_count, head_capacity, next_head;
    struct audit_head last_head; /* of the database, whether believed or not */
    size_t database_heads;       /* of heads: those come first until they are sorted */
    uint64_t believed_size;      /* of the last head whose root was right */

    struct merkle_range there, recorded;
    struct merkle_edge *edge;
    bool is_lost; /* both trees differ from what was signed: said once */
    struct suspect suspects[SUSPECTS_MAX];
    size_t suspect_count, unnamed_count;

    char streams[STREAMS_MAX][AUDIT_WORD_MAX + 1];
    int64_t last_seq[STREAMS_MAX][BUCKETS];
    bool is_known[STREAMS_MAX][BUCKETS]; /* last_seq is */
    bool is_from_start;
};

/* ---- faults */

void audit_check_fault(struct audit_check *c, const char *kind, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    (void)text_vformat(text, sizeof(text), fmt, args);
    va_end(args);
    c->options.fault(c->options.ctx, kind, text);
}

static const char *place_text(const struct audit_place *p, char ret[PLACE_TEXT_SIZE])
{
    (void)text_format(ret, PLACE_TEXT_SIZE, "%s/%d/%" PRId64, p->stream, p->bucket, p->seq);
    return ret;
}

/* ---- life */

struct audit_check *audit_check_new(const struct audit_check_options *options)
{
    struct audit_check *c = xcalloc(1, sizeof(*c));
    c->options = *options;
    c->edge = xcalloc(1, sizeof(*c->edge));
    c->is_from_start = true;
    return c;
}

static void forget_suspects(struct audit_check *c)
{
    for (size_t i = 0; i < c->suspect_count; i++) {
        free(c->suspects[i].stream);
        free(c->suspects[i].kind);
        free(c->suspects[i].body);
    }
    c->suspect_count = 0;
    c->unnamed_count = 0;
}

void audit_check_free(struct audit_check *c)
{
    if (c) {
        forget_suspects(c);
        free(c->heads);
        free(c->edge);
        free(c);
    }
}

/* ---- heads */

static void keep_head(struct audit_check *c, const struct audit_head *h)
{
    if (c->head_count == c->head_capacity) {
        c->head_capacity = c->head_capacity ? 2 * c->head_capacity : 64;
        c->heads = xreallocarray(c->heads, c->head_capacity, sizeof(*c->heads));
    }
    c->heads[c->head_count++] = *h;
}

void audit_check_head(struct audit_check *c, const struct audit_head *h)
{
    struct err err = ERR_NONE;
    const struct audit_head *before = &c->last_head;
    const int64_t want = before->number == 0 ? c->options.first_head : before->number + 1;
    if (h->number != want) {
        audit_check_fault(c, "head_missing", "heads %" PRId64 " to %" PRId64 " are missing", want,
                          h->number - 1);
    }
    if (audit_head_check(h, audit_key_trust(c->options.key), &err) < 0) {
        audit_check_fault(c, "head_changed", "%s", err.text);
    } else if (h->root.size < before->root.size) {
        audit_check_fault(c, "head_wrong",
                          "head %" PRId64 " is of %" PRIu64 " entries, fewer than the one before",
                          h->number, h->root.size);
    } else {
        keep_head(c, h);
        c->database_heads = c->head_count;
    }
    c->last_head = *h;
}

static int compare_numbers(const void *a, const void *b)
{
    const struct audit_head *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static int compare_sizes(const void *a, const void *b)
{
    const struct audit_head *x = a, *y = b;
    return (x->root.size > y->root.size) - (x->root.size < y->root.size);
}

void audit_check_copy(struct audit_check *c, const struct audit_head *h, const char *where)
{
    struct err err = ERR_NONE;
    if (audit_head_check(h, audit_key_trust(c->options.key), &err) < 0) {
        audit_check_fault(c, "copy_unreadable", "%s: %s", where, err.text);
        return;
    }
    if (c->database_heads > 0 && h->number < c->heads[0].number) {
        return; /* before the one that the check begins with */
    }
    const struct audit_head *stored =
        c->database_heads == 0
            ? NULL
            : bsearch(h, c->heads, c->database_heads, sizeof(*h), compare_numbers);
    if (!stored) {
        audit_check_fault(c, "head_missing",
                          "head %" PRId64 " of %" PRIu64
                          " entries, which %s has, is not in the database",
                          h->number, h->root.size, where);
        keep_head(c, h);
    } else if (!audit_head_equal(stored, h)) {
        audit_check_fault(c, "head_changed", "head %" PRId64 " is another one in %s", h->number,
                          where);
        keep_head(c, h);
    }
}

/* ---- roots */

static void push_recorded(struct audit_check *c, const struct merkle_hash *h)
{
    merkle_range_push(&c->recorded, h);
    merkle_edge_push(c->edge, h, c->options.upper, c->options.ctx);
}

/* Whether b would have made the leaf that was recorded for a. */
static bool fits(const struct audit_check *c, const struct suspect *a, const struct suspect *b)
{
    struct audit_event e = b->event;
    uint8_t nonce[AUDIT_NONCE_LEN];
    e.place = a->event.place;
    audit_nonce(c->options.key, &e.place, nonce);
    const struct merkle_hash leaf = audit_leaf(&e, nonce);
    return merkle_hash_equal(&leaf, &a->recorded);
}

static const struct suspect *find_twin(const struct audit_check *c, const struct suspect *s)
{
    for (size_t i = 0; i < c->suspect_count; i++) {
        if (&c->suspects[i] != s && fits(c, s, &c->suspects[i])) {
            return &c->suspects[i];
        }
    }
    return NULL;
}

static void name_event(struct audit_check *c, const struct suspect *s)
{
    char place[PLACE_TEXT_SIZE], other[PLACE_TEXT_SIZE];
    const struct suspect *twin = find_twin(c, s);
    (void)place_text(&s->event.place, place);
    if (!twin) {
        audit_check_fault(c, "event_changed",
                          "event %s (%s) is not what was recorded at position %" PRIu64, place,
                          s->event.kind, s->position);
    } else if (twin > s || !fits(c, twin, s)) {
        audit_check_fault(c, "events_swapped", "what was recorded as event %s stands at %s now",
                          place, place_text(&twin->event.place, other));
    }
}

enum verdict {
    EVENTS_CHANGED = 1,
    TILES_CHANGED,
    UNDECIDED,
};

static void name_suspects(struct audit_check *c, enum verdict verdict)
{
    char place[PLACE_TEXT_SIZE];
    for (size_t i = 0; i < c->suspect_count; i++) {
        const struct suspect *s = &c->suspects[i];
        if (verdict == TILES_CHANGED) {
            audit_check_fault(c, "tile_changed",
                              "hash %" PRIu64 " of tile 0/%" PRIu64
                              " is not the one of event %s, which is unchanged",
                              s->position % MERKLE_TILE_WIDTH, s->position / MERKLE_TILE_WIDTH,
                              place_text(&s->event.place, place));
        } else if (verdict == EVENTS_CHANGED) {
            name_event(c, s);
        } else {
            audit_check_fault(c, "event_changed",
                              "event %s (%s) or its recorded hash at position %" PRIu64
                              " was changed",
                              place_text(&s->event.place, place), s->event.kind, s->position);
        }
    }
    if (c->unnamed_count > 0) {
        audit_check_fault(c, verdict == TILES_CHANGED ? "tile_changed" : "event_changed",
                          "and %zu more between entries %" PRIu64 " and %" PRIu64, c->unnamed_count,
                          c->believed_size, c->recorded.size);
    }
    forget_suspects(c);
}

static void compare_head(struct audit_check *c, const struct audit_head *h)
{
    const struct merkle_hash there = merkle_range_root(&c->there);
    const struct merkle_hash recorded = merkle_range_root(&c->recorded);
    const bool is_there = merkle_hash_equal(&there, &h->root.hash);
    const bool is_recorded = merkle_hash_equal(&recorded, &h->root.hash);
    if (is_there || is_recorded) {
        name_suspects(c, is_recorded ? EVENTS_CHANGED : TILES_CHANGED);
        /* What is right goes on in both. */
        c->there = is_recorded ? c->recorded : c->there;
        c->recorded = c->there;
        c->believed_size = h->root.size;
        c->is_lost = false;
        return;
    }
    name_suspects(c, UNDECIDED);
    if (!c->is_lost) {
        audit_check_fault(c, "head_wrong",
                          "entries %" PRIu64 " to %" PRIu64 " are not those that head %" PRId64
                          " was signed for",
                          c->believed_size, h->root.size, h->number);
    }
    c->is_lost = true;
    c->there = c->recorded;
}

static void compare_heads(struct audit_check *c)
{
    while (c->next_head < c->head_count && c->heads[c->next_head].root.size <= c->recorded.size) {
        if (c->heads[c->next_head].root.size == c->recorded.size) {
            compare_head(c, &c->heads[c->next_head]);
        }
        c->next_head++;
    }
}

/* ---- entries */

void audit_check_begin(struct audit_check *c, const struct merkle_edge *edge)
{
    *c->edge = *edge;
    c->is_from_start = edge->size == 0;
    c->believed_size = edge->size;
    if (c->head_count > 0) {
        qsort(c->heads, c->head_count, sizeof(*c->heads), compare_sizes);
    }
    if (edge->size > 0) {
        c->recorded = merkle_edge_range(edge);
        c->there = c->recorded;
    }
    compare_heads(c);
}

static void add_suspect(struct audit_check *c, const struct audit_event *e,
                        const struct merkle_hash *recorded)
{
    if (c->suspect_count == SUSPECTS_MAX) {
        c->unnamed_count++;
        return;
    }
    struct suspect *s = &c->suspects[c->suspect_count++];
    uint8_t *body = xcalloc(e->body.len + 1, 1);
    if (e->body.len > 0) {
        memcpy(body, e->body.data, e->body.len);
    }
    *s = (struct suspect){.position = c->recorded.size, .event = *e, .recorded = *recorded};
    s->event.place.stream = s->stream = xstrdup(e->place.stream);
    s->event.kind = s->kind = xstrdup(e->kind);
    s->event.body.data = s->body = body;
}

static void push_both(struct audit_check *c, const struct merkle_hash *there,
                      const struct merkle_hash *recorded)
{
    merkle_range_push(&c->there, there);
    push_recorded(c, recorded);
    compare_heads(c);
}

void audit_check_deleted(struct audit_check *c, const struct audit_place *place, uint64_t position)
{
    char text[PLACE_TEXT_SIZE];
    audit_check_fault(c, "event_deleted", "event %s of position %" PRIu64 " is not there",
                      place_text(place, text), position);
}

void audit_check_entry(struct audit_check *c, const struct audit_place *place,
                       const struct audit_event *e)
{
    char text[PLACE_TEXT_SIZE];
    uint8_t nonce[AUDIT_NONCE_LEN];
    struct merkle_hash leaf = {{0}};
    const uint64_t position = c->recorded.size;
    const struct merkle_hash *found = c->options.recorded(c->options.ctx, position);
    if (e) {
        audit_nonce(c->options.key, &e->place, nonce);
        leaf = audit_leaf(e, nonce);
    }
    const struct merkle_hash recorded = found ? *found : leaf;
    if (!found) {
        audit_check_fault(c, "tile_missing", "the hash of event %s at position %" PRIu64 " is gone",
                          place_text(place, text), position);
    }
    if (!e) {
        audit_check_deleted(c, place, position);
    } else if (!merkle_hash_equal(&leaf, &recorded)) {
        add_suspect(c, e, &recorded);
    }
    push_both(c, e ? &leaf : &recorded, &recorded);
}

void audit_check_removed(struct audit_check *c, const struct audit_place *place)
{
    char text[PLACE_TEXT_SIZE];
    const uint64_t position = c->recorded.size;
    const struct merkle_hash *found = c->options.recorded(c->options.ctx, position);
    const struct merkle_hash nothing = {{0}};
    const struct merkle_hash recorded = found ? *found : nothing;
    if (!found) {
        audit_check_fault(c, "tile_missing", "the hash of event %s at position %" PRIu64 " is gone",
                          place_text(place, text), position);
    }
    push_both(c, &recorded, &recorded);
}

/* Nobody says whose they are. */
static void pass_positions(struct audit_check *c, uint64_t until)
{
    const uint64_t from = c->recorded.size;
    audit_check_fault(c, "run_missing",
                      "it is not told which events positions %" PRIu64 " to %" PRIu64 " are of",
                      from, until - 1);
    while (c->recorded.size < until) {
        const struct merkle_hash *h = c->options.recorded(c->options.ctx, c->recorded.size);
        const struct merkle_hash nothing = {{0}};
        const struct merkle_hash recorded = h ? *h : nothing;
        if (!h) {
            audit_check_fault(c, "tile_missing", "hashes from position %" PRIu64 " on are gone",
                              c->recorded.size);
            return;
        }
        push_both(c, &recorded, &recorded);
    }
}

static int64_t *last_seq_of(struct audit_check *c, const struct audit_place *p, bool **ret_known)
{
    size_t i = 0;
    while (i < STREAMS_MAX && c->streams[i][0] && strcmp(c->streams[i], p->stream) != 0) {
        i++;
    }
    if (i == STREAMS_MAX || p->bucket < 0 || p->bucket >= BUCKETS) {
        return NULL;
    }
    (void)text_copy(c->streams[i], sizeof(c->streams[i]), p->stream);
    *ret_known = &c->is_known[i][p->bucket];
    return &c->last_seq[i][p->bucket];
}

int64_t audit_check_run(struct audit_check *c, uint64_t first_position,
                        const struct audit_place *first, int64_t last_seq)
{
    char place[PLACE_TEXT_SIZE];
    bool *is_known = NULL;
    int64_t *seq = last_seq_of(c, first, &is_known);
    int64_t passed = 0;
    if (first_position > c->recorded.size) {
        pass_positions(c, first_position);
    } else if (first_position < c->recorded.size) {
        passed = (int64_t)(c->recorded.size - first_position);
        audit_check_fault(c, "run_wrong",
                          "the run of %s begins at position %" PRIu64 ", where another one is",
                          place_text(first, place), first_position);
    }
    if (!seq) {
        audit_check_fault(c, "run_wrong", "%s is of a stream or bucket that is none",
                          place_text(first, place));
        return passed;
    }
    if ((*is_known || c->is_from_start) && first->seq != *seq + 1) {
        audit_check_fault(c, "run_wrong",
                          "%s follows event %" PRId64 " of its bucket: events are left out, or "
                          "stand there twice",
                          place_text(first, place), *seq);
    }
    *is_known = true;
    *seq = last_seq;
    return passed;
}

void audit_check_end(struct audit_check *c, uint64_t size)
{
    if (c->recorded.size < size) {
        pass_positions(c, size);
    }
    merkle_edge_flush(c->edge, c->options.upper, c->options.ctx);
    if (c->next_head < c->head_count) {
        const struct audit_head *h = &c->heads[c->head_count - 1];
        audit_check_fault(c, "record_cut",
                          "the record ends after %" PRIu64 " entries; head %" PRId64
                          " was signed for %" PRIu64 ": it was cut off, or the database is older",
                          c->recorded.size, h->number, h->root.size);
    }
    name_suspects(c, UNDECIDED);
}

int64_t audit_check_last_seq(const struct audit_check *c, const char *stream, int16_t bucket)
{
    for (size_t i = 0; i < STREAMS_MAX; i++) {
        if (strcmp(c->streams[i], stream) == 0 && bucket >= 0 && bucket < BUCKETS) {
            return c->last_seq[i][bucket];
        }
    }
    return 0;
}

uint64_t audit_check_position(const struct audit_check *c)
{
    return c->recorded.size;
}

size_t audit_check_head_count(const struct audit_check *c)
{
    return c->database_heads;
}
