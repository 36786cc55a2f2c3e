/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_replay.c
 *
 * What the database is to the fold otherwise, a few lists are here: what one slice writes is what
 * the next one knows.
 */
#include "services/loyalty/score_replay.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/loyalty/loyalty_fold.h"

#define SLICE_SEQS  16384 /* of a bucket's events looked through at a time: some milliseconds */
#define SLICE_BYTES ((size_t)32 * 1024 * 1024)
#define TEXT_BYTES  ((size_t)32 * 1024 * 1024) /* branches, teams, labels */

struct member {
    int64_t customer;
    struct customer_score row;
    bool has_row;
    struct measure_sum sums[MEASURE_END];
};

struct score_replay {
    struct score_policy policy; /* copies: others may come into force meanwhile */
    struct fit_set fits;
    struct score_replay_span span;
    struct score_place *places;
    size_t place_count, place; /* place: which is being read */
    int64_t done;              /* of it, up to this seq */
    struct member *members;
    size_t member_count;
    int64_t *customers; /* of the bucket being read */
    /* The slice. */
    struct loyalty_fold *fold;
    struct arena *arena; /* its events */
    int64_t to, last_seq;
    size_t row_count;
    /* The newest version of each thing, sorted. */
    struct evidence *known;
    size_t known_count;
    struct arena *texts; /* of the known ones */
};

struct score_replay *score_replay_new(const struct score_found *found, int64_t person,
                                      struct score_replay_span span,
                                      const struct score_policy *policy, const struct fit_set *fits)
{
    struct score_replay *r = xcalloc(1, sizeof(*r));

    r->policy = *policy;
    r->fits = *fits;
    r->span = span;
    r->places = xcalloc(found->place_count + 1, sizeof(*r->places));
    r->members = xcalloc(found->member_count + 1, sizeof(*r->members));
    r->customers = xcalloc(found->member_count + 1, sizeof(*r->customers));
    for (size_t i = 0; i < found->place_count; i++) {
        r->places[r->place_count++] = found->places[i];
    }
    for (size_t i = 0; i < found->member_count; i++) {
        if (found->members[i].person == person) {
            r->members[r->member_count++].customer = found->members[i].customer;
        }
    }
    r->fold = loyalty_fold_new();
    r->arena = arena_new(SLICE_BYTES);
    r->texts = arena_new(TEXT_BYTES);
    return r;
}

void score_replay_free(struct score_replay *r)
{
    if (r == NULL) {
        return;
    }
    loyalty_fold_free(r->fold);
    arena_free(r->arena);
    arena_free(r->texts);
    free(r->known);
    free(r->places);
    free(r->members);
    free(r->customers);
    free(r);
}

/* ---- slices */

static size_t collect_customers(struct score_replay *r, int16_t bucket)
{
    size_t count = 0;

    for (size_t i = 0; i < r->member_count; i++) {
        if (identifier_bucket(r->members[i].customer) == bucket) {
            r->customers[count++] = r->members[i].customer;
        }
    }
    return count;
}

bool score_replay_next(struct score_replay *r, struct replay_slice *ret_slice)
{
    for (; r->place < r->place_count; r->place++, r->done = 0) {
        const struct score_place *place = &r->places[r->place];
        size_t count = collect_customers(r, place->bucket);

        if (r->done >= place->seq || count == 0) {
            continue;
        }
        r->to = place->seq - r->done > SLICE_SEQS ? r->done + SLICE_SEQS : place->seq;
        *ret_slice = (struct replay_slice){
            .stream = place->stream,
            .bucket = place->bucket,
            .from = r->done,
            .to = r->to,
            .customers = r->customers,
            .customer_count = count,
        };
        return true;
    }
    return false;
}

void score_replay_take(struct score_replay *r, int64_t seq, struct bytes body)
{
    Troth__V1__Event *event =
        troth__v1__event__unpack(arena_allocator(r->arena), body.len, body.data);

    r->row_count++;
    r->last_seq = seq;
    if (event == NULL || event->recorded_us > r->span.known_us) {
        return;
    }
    event->stream = r->places[r->place].stream;
    event->has_bucket = event->has_seq = true;
    event->bucket = r->places[r->place].bucket;
    event->seq = seq;
    loyalty_fold_add(r->fold, event);
}

/* ---- what the fold knows, and what it has found */

static struct member *find_member(struct score_replay *r, int64_t customer)
{
    for (size_t i = 0; i < r->member_count; i++) {
        if (r->members[i].customer == customer) {
            return &r->members[i];
        }
    }
    return NULL;
}

static void teach(struct score_replay *r)
{
    for (size_t i = 0; i < r->member_count; i++) {
        const struct member *m = &r->members[i];
        if (!m->has_row) {
            continue;
        }
        loyalty_fold_learn_score(r->fold, &m->row);
        for (int k = MEASURE_TRUST; k < MEASURE_END; k++) {
            loyalty_fold_learn_sum(r->fold, m->customer, (enum measure)k, &m->sums[k]);
        }
    }
    for (size_t i = 0; i < r->known_count; i++) {
        loyalty_fold_learn_evidence(r->fold, &r->known[i]);
    }
}

static void keep_scores(struct score_replay *r)
{
    const struct customer_score *scores;
    const struct fold_sum *sums;
    size_t count = loyalty_fold_scores(r->fold, &scores);

    for (size_t i = 0; i < count; i++) {
        struct member *m = find_member(r, scores[i].customer);
        if (m != NULL) {
            m->row = scores[i];
            m->has_row = true;
        }
    }
    count = loyalty_fold_sums(r->fold, &sums);
    for (size_t i = 0; i < count; i++) {
        struct member *m = find_member(r, sums[i].customer);
        if (m != NULL) {
            m->sums[sums[i].measure] = sums[i].sum;
        }
    }
}

static const char *copy_of(struct score_replay *r, const char *text)
{
    return text == NULL ? NULL : arena_copy_text(r->texts, text);
}

static void keep_evidence(struct score_replay *r)
{
    const struct evidence *found;
    size_t count = loyalty_fold_evidence(r->fold, &found), kept = 0;
    size_t all = r->known_count + count;

    r->known = xreallocarray(r->known, all + 1, sizeof(*r->known));
    for (size_t i = 0; i < count; i++) {
        struct evidence *e = &r->known[r->known_count + i];
        *e = found[i];
        e->branch = copy_of(r, e->branch);
        e->team = copy_of(r, e->team);
        e->label = copy_of(r, e->label);
        e->stream = copy_of(r, e->stream);
    }
    if (all > 0) {
        qsort(r->known, all, sizeof(*r->known), evidence_compare_versions);
    }
    for (size_t i = 0; i < all; i++) {
        if (kept == 0 || evidence_compare_things(&r->known[kept - 1], &r->known[i]) != 0) {
            r->known[kept++] = r->known[i];
        }
    }
    r->known_count = kept;
}

void score_replay_end_slice(struct score_replay *r)
{
    loyalty_fold_seal(r->fold);
    teach(r);
    loyalty_fold_run(r->fold, &r->policy, &r->fits, r->span.at_us);
    keep_scores(r);
    keep_evidence(r);
    loyalty_fold_clear(r->fold);
    arena_reset(r->arena);
    r->done = r->row_count == REPLAY_SLICE_ROWS ? r->last_seq : r->to;
    r->row_count = 0;
}

/* ---- what comes of it */

struct account score_replay_account(const struct score_replay *r)
{
    struct account sum = account_empty;

    for (size_t i = 0; i < r->member_count; i++) {
        const struct member *m = &r->members[i];
        struct account a = account_empty;
        memcpy(a.sums, m->sums, sizeof(a.sums));
        if (m->has_row) {
            a.first_purchase_us = m->row.first_purchase_us;
            a.last_purchase_us = m->row.last_purchase_us;
            a.purchase_days = m->row.purchase_days;
            a.seen_us = m->row.seen_us;
            (void)text_copy(a.currency, sizeof(a.currency), m->row.currency);
        }
        account_merge(&sum, &a);
    }
    return sum;
}

int32_t score_replay_index(const struct score_replay *r, int64_t at_us)
{
    struct account account = score_replay_account(r);

    return score_at(&account, &r->policy, &r->fits, at_us).index_hundredths;
}
