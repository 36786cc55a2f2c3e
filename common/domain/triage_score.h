/* SPDX-License-Identifier: Apache-2.0 */
/*
 * triage_score.h - how well a model tells labels of texts that it has not seen, for people.
 *
 * Every share comes with its Wilson interval of 95 %: what the share may be when so few cases were
 * looked at. Pure.
 */
#ifndef TROTH_COMMON_DOMAIN_TRIAGE_SCORE_H
#define TROTH_COMMON_DOMAIN_TRIAGE_SCORE_H

#include <stddef.h>

#include "common/base/text.h"
#include "common/domain/triage_model.h"

struct triage_score; /* borrows the model */

struct triage_score *triage_score_new(const struct triage_model *m);
void triage_score_free(struct triage_score *s); /* NULL is fine */

/* What was told of a text with that true label. A label that the model does not know counts as told
 * wrong. */
void triage_score_add(struct triage_score *s, const char *label, const struct triage_result *told);

/* Some of the answers, and how many of them were right. */
struct triage_share {
    size_t count, right;
};

size_t triage_score_count(const struct triage_score *s);
/* The surest ones: coverage 1 is all, 0.8 the surest four in five. */
struct triage_share triage_score_at(struct triage_score *s, double coverage);
/* Those that were not abstained from. */
struct triage_share triage_score_told(const struct triage_score *s);

struct triage_label_score {
    const char *label;
    size_t count, right; /* texts that have it, and those of them that were told so */
    size_t told;         /* texts that were told to have it */
    size_t abstained;    /* of count */
};
/* Of each label of the model, in its order. */
struct triage_label_score triage_score_label(const struct triage_score *s, size_t index);

/* The tables: a line for each label, then the whole. */
void triage_score_print(struct triage_score *s, struct text *out);

#endif
