/* SPDX-License-Identifier: Apache-2.0 */
/*
 * score_view.h - a score as it is answered: contributions, the sentence behind each, and the
 * evidence behind that.
 *
 * Messages made here are on the heap: the caller ends a reply with
 * troth__v1__score_reply__free_unpacked(reply, NULL).
 */
#ifndef TROTH_LOYALTY_SCORE_VIEW_H
#define TROTH_LOYALTY_SCORE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "score.pb-c.h"
#include "services/loyalty/loyalty_fold.h"

#define SCORE_EVIDENCE_MAX 10 /* per contribution */

/* What is known of a customer; one without a score has zeros, the index without evidence, and
 * changed_us INT64_MIN. */
struct score_row {
    struct loyalty_customer customer;
    int32_t merged_count; /* others who are the same person, whose evidence is part of this */
    bool has_index_before;
    double index_before;
};

/* A reply without scores. code and text NULL: answered. */
Troth__V1__ScoreReply *score_reply_new(const char *request_id, const char *code, const char *text);

/* Appends a score. Of the evidence it takes what is this customer's; within a kind it must be
 * newest first. */
void score_reply_add(Troth__V1__ScoreReply *reply, const struct score_row *row,
                     const struct evidence *evidence, size_t count);

/* Makes the packed reply fit into max bytes: first evidence goes, the oldest first, then scores
 * from the end; text says so. */
void score_reply_fit(Troth__V1__ScoreReply *reply, size_t max);

#endif
