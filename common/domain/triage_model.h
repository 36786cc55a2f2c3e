/* SPDX-License-Identifier: Apache-2.0 */
/*
 * triage_model.h - tells the category, or the mood, of a text by what was learned from others.
 *
 * A linear model: each label has a weight for each feature (triage_features.h) that was learned.
 * The label with the largest sum wins; its confidence is calibrated: of texts with a confidence of
 * 0.9 about nine in ten are right. Below the threshold that was chosen when it was trained, and for
 * a text of which it knows nothing, the model abstains: a person has to look.
 *
 * The form of a stored model, all numbers little-endian:
 *
 *     8  "TROTHTRI"
 *     2  version, 1
 *     1  purpose (enum triage_purpose)
 *     1  number of labels, 2 to TRIAGE_LABELS_MAX
 *     8  when it was trained, microseconds since 1970
 *     4  examples it was trained from
 *     4  of them told when they were held back in turn; 4 told right
 *     4  of those told: above the threshold; 4 told right
 *     4  the accuracy above the threshold that was asked for, in millionths
 *     4  threshold, in millionths; over a million: it always abstains
 *     4  sharpness, in thousandths
 *     4  weight (idf) of a feature that was never learned, in tenths
 *     4  number of features
 *        for each label: 1 length, the text, 4 examples, 4 unit of its weights, in billionths
 *        for each feature, ascending: 4 hash, 1 idf in tenths, 1 weight for each label, signed
 *    16  digest of all before it
 *
 * To change it, count the version up and keep reading the old ones. Weights of 8 bits cost no
 * accuracy that can be measured. No text can be read out of it, but a feature can be asked for.
 *
 * Pure. The reader takes any bytes.
 */
#ifndef TROTH_COMMON_DOMAIN_TRIAGE_MODEL_H
#define TROTH_COMMON_DOMAIN_TRIAGE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/triage_features.h"

enum {
    TRIAGE_LABELS_MAX = 64,
    TRIAGE_LABEL_BYTES_MAX = 128,
    TRIAGE_FILE_BYTES_MAX = 8 * 1024 * 1024,
    TRIAGE_MILLION = 1000000,
};

enum triage_purpose { /* stored numbers */
    TRIAGE_CATEGORY = 1,
    TRIAGE_MOOD = 2, /* labels TRIAGE_POSITIVE and TRIAGE_NEGATIVE */
};

enum {
    TRIAGE_PURPOSES = TRIAGE_MOOD + 1 /* of tables by purpose; 0 is none */
};

#define TRIAGE_POSITIVE "positive"
#define TRIAGE_NEGATIVE "negative"

const char *triage_purpose_name(enum triage_purpose purpose);                    /* "category" */
MUST_CHECK int triage_purpose_parse(const char *name, enum triage_purpose *ret); /* 0 or -1 */

/* What a model says about itself. */
struct triage_facts {
    enum triage_purpose purpose;
    int64_t trained_us;
    uint32_t examples;
    uint32_t told, told_right;       /* when held back in turn */
    uint32_t covered, covered_right; /* of those: above the threshold */
    uint32_t target_millionths;
    uint32_t threshold_millionths;
    uint32_t sharpness_thousandths;
    uint32_t unknown_idf_tenths;
    uint32_t features;
};

struct triage_label {
    const char *name;
    uint32_t examples;
    uint32_t unit_billionths;
};

/* ---- writing. All borrowed; facts.features counts hashes, idfs and rows of weights. */

struct triage_parts {
    struct triage_facts facts;
    const struct triage_label *labels;
    size_t label_count;
    const uint32_t *hashes; /* ascending */
    const uint8_t *idfs;
    const int8_t *weights; /* label_count for each feature */
};

/* Appends the model's bytes. What does not keep to the limits above is a bug of the caller. */
void triage_model_write(const struct triage_parts *parts, struct buffer *ret);

/* ---- reading and predicting */

struct triage_model; /* immutable */

/* A copy of what the bytes say; NULL with "triage_model_invalid". The caller frees it. */
struct triage_model *triage_model_read(struct bytes file, struct err *err);
void triage_model_free(struct triage_model *m); /* NULL is fine */

const struct triage_facts *triage_model_facts(const struct triage_model *m);
size_t triage_model_label_count(const struct triage_model *m);
const struct triage_label *triage_model_label(const struct triage_model *m, size_t index);
/* What the model is called: the digest of its bytes, in hex. */
const char *triage_model_hash(const struct triage_model *m);

struct triage_result {
    size_t label;      /* the likeliest one, also when it abstains */
    double confidence; /* 0 to 1 */
    bool is_abstained;
};

/* f: read from the text. ret_shares: room for a probability of each label, or NULL. */
void triage_model_predict(const struct triage_model *m, const struct triage_features *f,
                          double *ret_shares, struct triage_result *ret);

/* ---- for the trainer, which has to value features as predicting does */

/* 1 + ln(count): the second mention says less than the first. */
double triage_count_value(uint32_t count);
/* Turns scores into probabilities, in place. Returns the index of the largest. */
size_t triage_soften(double *scores, size_t count, double sharpness);

#endif
