/* SPDX-License-Identifier: Apache-2.0 */
/*
 * similarity.h - how much one text says what another one says, from their fingerprints. Pure.
 *
 * BM25 over sets: a fingerprint that few cases have counts for more, and what a long text has in
 * common with the question counts for less. 1 is the question itself, 0 is nothing in common.
 */
#ifndef TROTH_INTAKE_SIMILARITY_H
#define TROTH_INTAKE_SIMILARITY_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "services/intake/fingerprint.h"

enum {
    /* So many cases are looked at closely: in the measurement of fingerprint.h 500 of 12,000 find
     * as many neighbours of their own kind as 2,000 within 0.01, and 1,000 cost 5 ms of 1,000,000.
     */
    SIMILARITY_CANDIDATES = 1000,
    SIMILARITY_TOGETHER =
        8, /* fingerprints that must all be there when even the rarest is common */
};

struct similarity {
    struct fingerprints asked;
    double weight[FINGERPRINTS_MAX]; /* of each of them */
    int64_t cases[FINGERPRINTS_MAX]; /* that have it */
    double most;                     /* what the question itself would get */
};

/* counts: pairs (fingerprint, cases) in any order; what is not among them no case has. total: of
 * all cases with fingerprints. */
struct fingerprint_count {
    int32_t fingerprint;
    int64_t cases;
};
void similarity_ask(struct similarity *s, const struct fingerprints *asked,
                    const struct fingerprint_count *counts, size_t count, int64_t total);

/* Which fingerprints lead to the candidates, the rarest first: as many as lead to
 * SIMILARITY_CANDIDATES cases together (true: any of them will do); or, when already the rarest one
 * leads to more, the SIMILARITY_TOGETHER rarest (false: see intake.similar_candidates()). Those
 * that no case has are left out. ret_chosen is not in the order of numbers. */
bool similarity_choose(const struct similarity *s, struct fingerprints *ret_chosen);

/* stored: the fingerprints of a case, ascending. */
double similarity_of(const struct similarity *s, const struct fingerprints *stored);

/* The best ones so far. */
struct similar {
    int64_t case_number;
    double similarity;
};
struct similar_list {
    struct similar *at; /* room for max */
    size_t count, max;
};
/* Keeps the list in order, the most similar first, of equals the older case; what is not similar at
 * all is not kept. */
void similar_list_add(struct similar_list *list, struct similar one);

#endif
