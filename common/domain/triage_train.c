/* SPDX-License-Identifier: Apache-2.0 */
/*
 * triage_train.c - the one file that knows liblinear.
 *
 * 1. count in how many texts each feature stands -> which ones are learned, what they weigh
 * 2. value the examples                          -> liblinear's rows
 * 3. hold back a fifth, five times               -> calibration and threshold
 * 4. learn from all                              -> weights, rounded to 8 bits
 *
 * Its settings were chosen by holding back parts of what it trained on: pairs of characters, and
 * runs of letters up to four, told more than longer or shorter ones; a cost of 0.5 more than four
 * times or a quarter of that.
 */
#include "common/domain/triage_train.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/triage_tune.h"

enum {
    FOLDS = 5,
    NO_FOLD = FOLDS, /* no example is in it */
    TEXTS_MIN = 2,   /* that have a feature, before it is learned */
    COUNT_BITS = 32 - TRIAGE_HASH_BITS,
    COUNT_MAX = (1 << COUNT_BITS) - 1,
    NOT_KEPT = -1,
    IDF_MAX = 255,
    WEIGHT_STEPS = 127,
    FILE_RESERVE = 64 * 1024, /* head and labels */
};

#define COST 0.5
#define STOP 0.1 /* liblinear's eps */

struct example {
    size_t first; /* of its features */
    uint32_t feature_count;
    uint16_t label;
    uint8_t weight;
    uint8_t fold;
};

struct trained_label {
    char name[TRIAGE_LABEL_BYTES_MAX + 1];
    uint32_t examples;
    int kept; /* its place in the model, or NOT_KEPT */
};

struct triage_trainer {
    struct triage_training terms;
    struct example *examples;
    size_t example_count, example_capacity;
    struct buffer features; /* uint32_t: hash << COUNT_BITS | count */
    struct trained_label labels[TRIAGE_LABELS_MAX];
    size_t label_count, kept_labels;
    size_t kept_examples;
    /* By hash: in how many texts, then the idf in tenths, and the column from 1; 0: not learned. */
    uint32_t *texts;
    uint8_t *idfs;
    int *columns;
    uint32_t column_count;
    uint32_t unknown_idf_tenths;
    struct feature_node *nodes, **rows; /* of the kept examples */
    size_t *kept;                       /* which ones these are */
};

struct triage_trainer *triage_trainer_new(const struct triage_training *terms)
{
    struct triage_trainer *t = xcalloc(1, sizeof(*t));
    t->terms = *terms;
    t->texts = xcalloc(TRIAGE_HASHES, sizeof(*t->texts));
    t->idfs = xcalloc(TRIAGE_HASHES, sizeof(*t->idfs));
    t->columns = xcalloc(TRIAGE_HASHES, sizeof(*t->columns));
    return t;
}

void triage_trainer_free(struct triage_trainer *t)
{
    if (t) {
        free(t->examples);
        buffer_free(&t->features);
        free(t->texts);
        free(t->idfs);
        free(t->columns);
        free(t->nodes);
        free(t->rows);
        free(t->kept);
        free(t);
    }
}

/* ---- examples */

/* Returns -1 when there is no room for another one. */
static int find_label(struct triage_trainer *t, const char *name, struct err *err)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < t->label_count; i++) {
        if (strcmp(t->labels[i].name, name) == 0) {
            return (int)i;
        }
    }
    if (len == 0 || len > TRIAGE_LABEL_BYTES_MAX || t->label_count == TRIAGE_LABELS_MAX ||
        !text_is_utf8(bytes_of_text(name))) {
        return err_set(err, "label_invalid",
                       "a label is a text of 1 to %d bytes, and there are at most %d of them",
                       TRIAGE_LABEL_BYTES_MAX, TRIAGE_LABELS_MAX);
    }
    memcpy(t->labels[t->label_count].name, name, len + 1);
    return (int)t->label_count++;
}

/* Equal texts fall into one fold: none of them is told by a model that has seen the other. */
static uint8_t fold_of(const struct triage_trainer *t, const struct triage_features *f)
{
    uint64_t mixed = t->terms.seed;
    for (size_t i = 0; i < f->count; i++) {
        uint64_t pair[2] = {mixed, f->list[i].hash};
        mixed = bytes_hash64((struct bytes){.data = (const uint8_t *)pair, .len = sizeof(pair)});
    }
    return (uint8_t)(mixed % FOLDS);
}

int triage_trainer_add(struct triage_trainer *t, const struct triage_features *f, const char *label,
                       unsigned weight, struct err *err)
{
    if (t->example_count == TRIAGE_EXAMPLES_MAX) {
        return err_set(err, "too_many_examples", "there may be %d examples at most",
                       TRIAGE_EXAMPLES_MAX);
    }
    int place = find_label(t, label, err);
    if (place < 0) {
        return -1;
    }
    if (weight == 0 || weight > TRIAGE_WEIGHT_MAX) {
        BUG("an example weighs too much, or nothing");
    }
    if (t->example_count == t->example_capacity) {
        t->example_capacity = t->example_capacity ? 2 * t->example_capacity : 1024;
        t->examples = xreallocarray(t->examples, t->example_capacity, sizeof(*t->examples));
    }
    t->examples[t->example_count++] = (struct example){
        .first = t->features.len / sizeof(uint32_t),
        .feature_count = (uint32_t)f->count,
        .label = (uint16_t)place,
        .weight = (uint8_t)weight,
        .fold = fold_of(t, f),
    };
    t->labels[place].examples++;
    for (size_t i = 0; i < f->count; i++) {
        uint32_t count = f->list[i].count < COUNT_MAX ? f->list[i].count : COUNT_MAX;
        uint32_t packed = f->list[i].hash << COUNT_BITS | count;
        buffer_append(&t->features, &packed, sizeof(packed));
    }
    return 0;
}

static const uint32_t *features_of(const struct triage_trainer *t, const struct example *e)
{
    /* A buffer's memory comes from malloc() and holds nothing but these. */
    return (const uint32_t *)(const void *)t->features.data + e->first;
}

/* ---- 1. what is learned */

static int keep_labels(struct triage_trainer *t, struct err *err)
{
    for (size_t i = 0; i < t->label_count; i++) {
        bool is_kept = t->labels[i].examples >= TRIAGE_LABEL_EXAMPLES_MIN;
        t->labels[i].kept = is_kept ? (int)t->kept_labels++ : NOT_KEPT;
    }
    if (t->kept_labels < 2) {
        return err_set(err, "too_few_examples",
                       "two labels at least must have %d examples or more; %zu has so many",
                       TRIAGE_LABEL_EXAMPLES_MIN, t->kept_labels);
    }
    t->kept = xcalloc(t->example_count, sizeof(*t->kept));
    for (size_t i = 0; i < t->example_count; i++) {
        if (t->labels[t->examples[i].label].kept != NOT_KEPT) {
            t->kept[t->kept_examples++] = i;
        }
    }
    return 0;
}

static uint32_t idf_tenths(size_t examples, uint32_t texts)
{
    double idf = log(((double)examples + 1) / (texts + 1.0)) + 1;
    return (uint32_t)lround(fmin(10 * idf, IDF_MAX));
}

/* A model that would be too large for its form learns only what more texts have. */
static uint32_t choose_texts_min(const struct triage_trainer *t)
{
    size_t room = (TRIAGE_FILE_BYTES_MAX - FILE_RESERVE) / (5 + t->kept_labels);
    for (uint32_t min = TEXTS_MIN;; min++) {
        size_t count = 0;
        for (size_t i = 0; i < TRIAGE_HASHES; i++) {
            count += t->texts[i] >= min;
        }
        if (count <= room) {
            return min;
        }
    }
}

static void choose_features(struct triage_trainer *t)
{
    for (size_t i = 0; i < t->kept_examples; i++) {
        const struct example *e = &t->examples[t->kept[i]];
        for (size_t k = 0; k < e->feature_count; k++) {
            t->texts[features_of(t, e)[k] >> COUNT_BITS]++;
        }
    }
    uint32_t min = choose_texts_min(t);
    t->unknown_idf_tenths = idf_tenths(t->kept_examples, 1);
    for (size_t i = 0; i < TRIAGE_HASHES; i++) {
        if (t->texts[i] >= min) {
            t->columns[i] = (int)++t->column_count;
            t->idfs[i] = (uint8_t)idf_tenths(t->kept_examples, t->texts[i]);
        }
    }
}

/* ---- 2. rows */

static struct feature_node *value_row(const struct triage_trainer *t, const struct example *e,
                                      struct feature_node *at)
{
    double squares = 0;
    struct feature_node *first = at;
    for (size_t k = 0; k < e->feature_count; k++) {
        uint32_t hash = features_of(t, e)[k] >> COUNT_BITS;
        uint32_t count = features_of(t, e)[k] & COUNT_MAX;
        bool is_known = t->columns[hash] > 0;
        uint32_t tenths = is_known ? t->idfs[hash] : t->unknown_idf_tenths;
        double value = triage_count_value(count) * tenths / 10;
        squares += value * value;
        if (is_known) {
            *at++ = (struct feature_node){.index = t->columns[hash], .value = value};
        }
    }
    for (struct feature_node *n = first; n < at; n++) {
        n->value /= sqrt(squares);
    }
    *at = (struct feature_node){.index = -1};
    return at + 1;
}

static void value_rows(struct triage_trainer *t)
{
    size_t nodes = t->features.len / sizeof(uint32_t) + t->kept_examples;
    t->nodes = xcalloc(nodes, sizeof(*t->nodes));
    t->rows = xcalloc(t->kept_examples, sizeof(struct feature_node *));
    struct feature_node *at = t->nodes;
    for (size_t i = 0; i < t->kept_examples; i++) {
        t->rows[i] = at;
        at = value_row(t, &t->examples[t->kept[i]], at);
    }
}

/* ---- liblinear */

static void say_nothing(const char *text)
{
    (void)text;
}

static int label_of(const struct triage_trainer *t, size_t i)
{
    return t->labels[t->examples[t->kept[i]].label].kept;
}

/* Learns from all but the examples of one fold, or of NO_FOLD. liblinear knows no weights of
 * examples: one that weighs three stands there three times. Ended by free_model(). */
static struct model *learn(const struct triage_trainer *t, unsigned fold)
{
    const struct parameter how = {.solver_type = L2R_L2LOSS_SVC, .C = COST, .eps = STOP};
    struct problem what = {.n = (int)t->column_count, .bias = -1};
    size_t count = 0;
    for (size_t i = 0; i < t->kept_examples; i++) {
        count += t->examples[t->kept[i]].weight;
    }
    what.x = xcalloc(count, sizeof(struct feature_node *));
    what.y = xcalloc(count, sizeof(*what.y));
    for (size_t i = 0; i < t->kept_examples; i++) {
        const struct example *e = &t->examples[t->kept[i]];
        for (uint8_t again = 0; e->fold != fold && again < e->weight; again++) {
            what.x[what.l] = t->rows[i];
            what.y[what.l++] = label_of(t, i);
        }
    }
    set_print_string_function(say_nothing);
    struct model *m = what.l > 0 ? train(&what, &how) : NULL;
    free(what.x);
    free(what.y);
    return m;
}

static void free_model(struct model *m)
{
    if (m) {
        free_and_destroy_model(&m);
    }
}

/* The weight of a column for the k-th of liblinear's classes. Of two classes it learns the first
 * one's alone. */
static double weight_of(const struct model *m, size_t column, int k)
{
    if (m->nr_class == 2) {
        return k == 0 ? m->w[column - 1] : -m->w[column - 1];
    }
    return m->w[(column - 1) * (size_t)m->nr_class + (size_t)k];
}

/* ---- 3. held back */

#define NEVER_SEEN (-1.0) /* the score of a label that stands in the fold alone */

static void score(const struct triage_trainer *t, const struct model *m, size_t i, double *scores)
{
    for (size_t k = 0; k < t->kept_labels; k++) {
        scores[k] = NEVER_SEEN;
    }
    for (int k = 0; k < m->nr_class; k++) {
        double sum = 0;
        for (const struct feature_node *n = t->rows[i]; n->index > 0; n++) {
            sum += n->value * weight_of(m, (size_t)n->index, k);
        }
        scores[m->label[k]] = sum;
    }
}

/* What was told of the examples while they were held back. */
struct answers {
    double *scores; /* kept_labels of each */
    uint16_t *truths;
    struct triage_told *told;
    size_t count;
};

static void tell_fold(const struct triage_trainer *t, unsigned fold, struct answers *a)
{
    struct model *m = learn(t, fold);
    for (size_t i = 0; m && m->nr_class > 1 && i < t->kept_examples; i++) {
        if (t->examples[t->kept[i]].fold == fold) {
            score(t, m, i, a->scores + a->count * t->kept_labels);
            a->truths[a->count++] = (uint16_t)label_of(t, i);
        }
    }
    free_model(m);
}

static void tune(const struct triage_trainer *t, struct answers *a, struct triage_facts *facts)
{
    facts->sharpness_thousandths =
        triage_tune_sharpness(a->scores, a->truths, a->count, t->kept_labels);
    for (size_t i = 0; i < a->count; i++) {
        double *shares = a->scores + i * t->kept_labels;
        size_t best = triage_soften(shares, t->kept_labels, facts->sharpness_thousandths / 1000.0);
        a->told[i] = (struct triage_told){
            .confidence_millionths = (uint32_t)floor(shares[best] * TRIAGE_MILLION),
            .is_right = best == a->truths[i],
        };
        facts->told_right += best == a->truths[i];
    }
    struct triage_threshold chosen = triage_tune_threshold(a->told, a->count, t->terms.target);
    facts->told = (uint32_t)a->count;
    facts->threshold_millionths = chosen.millionths;
    facts->covered = chosen.covered;
    facts->covered_right = chosen.covered_right;
}

static void hold_back_in_turn(const struct triage_trainer *t, struct triage_facts *facts)
{
    struct answers a = {
        .scores = xcalloc(t->kept_examples * t->kept_labels, sizeof(double)),
        .truths = xcalloc(t->kept_examples, sizeof(uint16_t)),
        .told = xcalloc(t->kept_examples, sizeof(struct triage_told)),
    };
    for (unsigned fold = 0; fold < FOLDS; fold++) {
        tell_fold(t, fold, &a);
    }
    tune(t, &a, facts);
    free(a.scores);
    free(a.truths);
    free(a.told);
}

/* ---- 4. the model */

static double largest_weight(const struct triage_trainer *t, const struct model *m, int k)
{
    double largest = 0;
    for (size_t column = 1; column <= t->column_count; column++) {
        largest = fmax(largest, fabs(weight_of(m, column, k)));
    }
    return largest;
}

static void round_weights(const struct triage_trainer *t, const struct model *m,
                          struct triage_label *labels, int8_t *weights)
{
    for (int k = 0; k < m->nr_class; k++) {
        size_t place = (size_t)m->label[k];
        double unit = ceil(largest_weight(t, m, k) / WEIGHT_STEPS * 1e9);
        labels[place].unit_billionths = (uint32_t)fmin(fmax(unit, 1), UINT32_MAX);
        for (size_t column = 1; column <= t->column_count; column++) {
            double steps = weight_of(m, column, k) / (labels[place].unit_billionths / 1e9);
            weights[(column - 1) * t->kept_labels + place] =
                (int8_t)lround(fmax(fmin(steps, WEIGHT_STEPS), -WEIGHT_STEPS));
        }
    }
}

static void write_model(const struct triage_trainer *t, const struct triage_facts *facts,
                        const struct model *m, struct buffer *ret)
{
    struct triage_label labels[TRIAGE_LABELS_MAX] = {{0}};
    uint32_t *hashes = xcalloc(t->column_count + 1, sizeof(*hashes));
    uint8_t *idfs = xcalloc(t->column_count + 1, sizeof(*idfs));
    int8_t *weights = xcalloc(t->column_count + 1, t->kept_labels);
    for (size_t i = 0; i < t->label_count; i++) {
        if (t->labels[i].kept != NOT_KEPT) {
            struct triage_label *l = &labels[t->labels[i].kept];
            l->name = t->labels[i].name;
            l->examples = t->labels[i].examples;
        }
    }
    for (uint32_t hash = 0; hash < TRIAGE_HASHES; hash++) {
        if (t->columns[hash] > 0) {
            hashes[t->columns[hash] - 1] = hash;
            idfs[t->columns[hash] - 1] = t->idfs[hash];
        }
    }
    round_weights(t, m, labels, weights);
    const struct triage_parts parts = {
        .facts = *facts,
        .labels = labels,
        .label_count = t->kept_labels,
        .hashes = hashes,
        .idfs = idfs,
        .weights = weights,
    };
    triage_model_write(&parts, ret);
    free(hashes);
    free(idfs);
    free(weights);
}

int triage_trainer_finish(struct triage_trainer *t, struct buffer *ret, struct err *err)
{
    if (keep_labels(t, err) < 0) {
        return -1;
    }
    choose_features(t);
    if (t->column_count == 0) {
        return err_set(err, "too_few_examples", "no two texts have anything in common");
    }
    value_rows(t);
    struct triage_facts facts = {
        .purpose = t->terms.purpose,
        .trained_us = t->terms.trained_us,
        .examples = (uint32_t)t->kept_examples,
        .target_millionths = (uint32_t)lround(t->terms.target * TRIAGE_MILLION),
        .unknown_idf_tenths = t->unknown_idf_tenths,
        .features = t->column_count,
    };
    hold_back_in_turn(t, &facts);
    struct model *m = learn(t, NO_FOLD);
    write_model(t, &facts, m, ret);
    free_model(m);
    return 0;
}
