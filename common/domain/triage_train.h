/* SPDX-License-Identifier: Apache-2.0 */
/*
 * triage_train.h - learns a triage model (triage_model.h) from texts and their labels.
 *
 * One linear support vector machine for each label against the rest (liblinear, the primal solver,
 * which uses no chance: the same examples in the same order give the same bytes). Features are
 * weighted by how rare they are. Every example is told once by a model that has not seen it: five
 * times a fifth is held back, equal texts together. From these answers come the calibration of the
 * confidence, and the threshold: the lowest one over which the answers reach the accuracy that is
 * asked for.
 *
 * Features that only one text has are left out: they teach little and are a trace of that text. So
 * are labels with fewer than TRIAGE_LABEL_EXAMPLES_MIN examples.
 *
 * Memory: some 2.5 KB for each example of a hundred characters. Time: some seconds for ten thousand
 * examples with ten labels, on one core.
 */
#ifndef TROTH_COMMON_DOMAIN_TRIAGE_TRAIN_H
#define TROTH_COMMON_DOMAIN_TRIAGE_TRAIN_H

#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/triage_model.h"

enum {
    TRIAGE_LABEL_EXAMPLES_MIN = 10,
    TRIAGE_EXAMPLES_MAX = 200000,
    TRIAGE_WEIGHT_MAX = 10,
};

struct triage_training {
    enum triage_purpose purpose;
    double target;      /* accuracy over the threshold; TRIAGE_TARGET_USUAL */
    uint64_t seed;      /* of what is held back when */
    int64_t trained_us; /* written into the model */
};

#define TRIAGE_TARGET_USUAL 0.96

struct triage_trainer;

struct triage_trainer *triage_trainer_new(const struct triage_training *terms);
void triage_trainer_free(struct triage_trainer *t); /* NULL is fine */

/* Keeps what it needs of the text, which is not the text. weight: counts as so many examples, 1 to
 * TRIAGE_WEIGHT_MAX. Returns 0, or -1: "too_many_examples", "label_invalid" (empty, too long, or
 * more than TRIAGE_LABELS_MAX of them). */
MUST_CHECK int triage_trainer_add(struct triage_trainer *t, const struct triage_features *f,
                                  const char *label, unsigned weight, struct err *err);

/* Appends the model's bytes. Returns 0, or -1: "too_few_examples", fewer than two labels have
 * enough. Once for each trainer. */
MUST_CHECK int triage_trainer_finish(struct triage_trainer *t, struct buffer *ret, struct err *err);

#endif
