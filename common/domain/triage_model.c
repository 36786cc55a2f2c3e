/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/triage_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define MAGIC "TROTHTRI"

enum {
    VERSION = 1,
    MAGIC_LEN = 8,
    NUMBERS = 10,
    HEAD_LEN = MAGIC_LEN + 4 + 8 + 4 * NUMBERS,
    WORD_BITS = 64,
    WORDS = TRIAGE_HASHES / WORD_BITS,
    COUNTS = 16,          /* whose values are kept in a table */
    SHARPNESS_MAX = 1000, /* over it the exponential only tells larger from smaller */
};

struct triage_model {
    struct triage_facts facts;
    struct triage_label labels[TRIAGE_LABELS_MAX];
    char names[TRIAGE_LABELS_MAX][TRIAGE_LABEL_BYTES_MAX + 1];
    size_t label_count;
    char hash[2 * BYTES_DIGEST_LEN + 1];
    double count_values[COUNTS];
    /* Which hashes were learned, and how many of them come before each word: where a feature
     * stands costs two reads of memory that stays in the cache. */
    uint64_t *known;
    uint32_t *before;
    uint8_t *idfs;
    int8_t *weights;
};

/* ---- purposes */

static const struct {
    enum triage_purpose purpose;
    const char *name;
} purposes[] = {
    {TRIAGE_CATEGORY, "category"},
    {TRIAGE_MOOD,     "mood"    },
};

const char *triage_purpose_name(enum triage_purpose purpose)
{
    for (size_t i = 0; i < ARRAY_LEN(purposes); i++) {
        if (purposes[i].purpose == purpose) {
            return purposes[i].name;
        }
    }
    return "unknown";
}

int triage_purpose_parse(const char *name, enum triage_purpose *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(purposes); i++) {
        if (strcmp(purposes[i].name, name) == 0) {
            *ret = purposes[i].purpose;
            return 0;
        }
    }
    return -1;
}

/* ---- writing and reading */

/* Those of the head, in the order in which they stand there. */
static void list_numbers(struct triage_facts *f, uint32_t *ret[NUMBERS])
{
    uint32_t *const numbers[NUMBERS] = {
        &f->examples,
        &f->told,
        &f->told_right,
        &f->covered,
        &f->covered_right,
        &f->target_millionths,
        &f->threshold_millionths,
        &f->sharpness_thousandths,
        &f->unknown_idf_tenths,
        &f->features,
    };
    memcpy(ret, numbers, sizeof(numbers));
}

/* ---- writing */

static void put(struct buffer *b, uint64_t value, size_t len)
{
    uint8_t *at = buffer_extend(b, len);
    for (size_t i = 0; i < len; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static void put_label(struct buffer *b, const struct triage_label *l)
{
    size_t len = strlen(l->name);
    if (len == 0 || len > TRIAGE_LABEL_BYTES_MAX) {
        BUG("a label of triage has a length that cannot be stored");
    }
    put(b, len, 1);
    buffer_append(b, l->name, len);
    put(b, l->examples, 4);
    put(b, l->unit_billionths, 4);
}

static void put_head(struct buffer *b, const struct triage_parts *parts)
{
    struct triage_facts f = parts->facts;
    uint32_t *numbers[NUMBERS];
    list_numbers(&f, numbers);
    buffer_append(b, MAGIC, MAGIC_LEN);
    put(b, VERSION, 2);
    put(b, f.purpose, 1);
    put(b, parts->label_count, 1);
    put(b, (uint64_t)f.trained_us, 8);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        put(b, *numbers[i], 4);
    }
}

void triage_model_write(const struct triage_parts *parts, struct buffer *ret)
{
    uint8_t digest[BYTES_DIGEST_LEN];
    size_t start = ret->len;
    put_head(ret, parts);
    for (size_t i = 0; i < parts->label_count; i++) {
        put_label(ret, &parts->labels[i]);
    }
    for (size_t i = 0; i < parts->facts.features; i++) {
        put(ret, parts->hashes[i], 4);
        put(ret, parts->idfs[i], 1);
        buffer_append(ret, parts->weights + i * parts->label_count, parts->label_count);
    }
    bytes_digest((struct bytes){.data = ret->data + start, .len = ret->len - start}, digest);
    buffer_append(ret, digest, sizeof(digest));
}

/* ---- reading */

struct cursor {
    const uint8_t *at;
    size_t left;
    bool is_short; /* more was asked for than there is; zeroes were given */
};

static uint64_t take(struct cursor *c, size_t len)
{
    uint64_t value = 0;
    if (c->left < len) {
        c->is_short = true;
        return 0;
    }
    for (size_t i = 0; i < len; i++) {
        value |= (uint64_t)c->at[i] << (8 * i);
    }
    c->at += len;
    c->left -= len;
    return value;
}

static uint32_t take4(struct cursor *c)
{
    return (uint32_t)take(c, 4);
}

static int invalid(struct err *err, const char *what)
{
    return err_set(err, "triage_model_invalid", "this is no model of triage: %s", what);
}

static int read_label(struct triage_model *m, size_t index, struct cursor *c, struct err *err)
{
    struct triage_label *l = &m->labels[index];
    char *name = m->names[index];
    size_t len = (size_t)take(c, 1);
    if (len == 0 || len > TRIAGE_LABEL_BYTES_MAX || len > c->left) {
        return invalid(err, "a label has a wrong length");
    }
    if (!text_is_utf8((struct bytes){.data = c->at, .len = len})) {
        return invalid(err, "a label is no text");
    }
    memcpy(name, c->at, len);
    name[len] = '\0';
    c->at += len;
    c->left -= len;
    for (size_t i = 0; i < index; i++) {
        if (strcmp(m->names[i], name) == 0) {
            return invalid(err, "a label is there twice");
        }
    }
    l->name = name;
    l->examples = take4(c);
    l->unit_billionths = take4(c);
    return c->is_short ? invalid(err, "it is cut") : 0;
}

static int read_features(struct triage_model *m, struct cursor *c, struct err *err)
{
    size_t count = m->facts.features, labels = m->label_count;
    /* Before memory is asked for by a number of strangers. */
    if (count > TRIAGE_HASHES || c->left != count * (5 + labels)) {
        return invalid(err, "its length is not that of its features");
    }
    m->idfs = xcalloc(count + 1, sizeof(*m->idfs));
    m->weights = xcalloc(count * labels + 1, sizeof(*m->weights));
    uint32_t next = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t hash = take4(c);
        if (hash < next || hash >= TRIAGE_HASHES) {
            return invalid(err, "its features are not in order");
        }
        next = hash + 1;
        m->known[hash / WORD_BITS] |= UINT64_C(1) << (hash % WORD_BITS);
        m->idfs[i] = (uint8_t)take(c, 1);
        memcpy(m->weights + i * labels, c->at, labels);
        c->at += labels;
        c->left -= labels;
    }
    uint32_t before = 0;
    for (size_t i = 0; i < WORDS; i++) {
        m->before[i] = before;
        before += (uint32_t)__builtin_popcountll(m->known[i]);
    }
    return 0;
}

static int check_facts(const struct triage_facts *f, struct err *err)
{
    if (f->purpose != TRIAGE_CATEGORY && f->purpose != TRIAGE_MOOD) {
        return invalid(err, "nobody knows its purpose");
    }
    if (f->told > f->examples || f->told_right > f->told || f->covered > f->told ||
        f->covered_right > f->covered || f->target_millionths > TRIAGE_MILLION) {
        return invalid(err, "what it says about itself cannot be");
    }
    if (f->sharpness_thousandths == 0 || f->sharpness_thousandths > SHARPNESS_MAX * 1000) {
        return invalid(err, "its sharpness is out of range");
    }
    return 0;
}

static int read_head(struct triage_model *m, struct cursor *c, struct err *err)
{
    struct triage_facts *f = &m->facts;
    uint32_t *numbers[NUMBERS];
    list_numbers(f, numbers);
    if (c->left < HEAD_LEN || memcmp(c->at, MAGIC, MAGIC_LEN) != 0) {
        return invalid(err, "it does not begin as one");
    }
    c->at += MAGIC_LEN;
    c->left -= MAGIC_LEN;
    if (take(c, 2) != VERSION) {
        return invalid(err, "its version is not known here");
    }
    f->purpose = (enum triage_purpose)take(c, 1);
    m->label_count = (size_t)take(c, 1);
    f->trained_us = (int64_t)take(c, 8);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        *numbers[i] = take4(c);
    }
    if (m->label_count < 2 || m->label_count > TRIAGE_LABELS_MAX) {
        return invalid(err, "the number of its labels is out of range");
    }
    return check_facts(f, err);
}

static int check_digest(struct triage_model *m, struct bytes file, struct err *err)
{
    uint8_t digest[BYTES_DIGEST_LEN];
    if (file.len < HEAD_LEN + sizeof(digest) || file.len > TRIAGE_FILE_BYTES_MAX) {
        return invalid(err, "it is too short or too long");
    }
    file.len -= sizeof(digest);
    bytes_digest(file, digest);
    if (memcmp(digest, file.data + file.len, sizeof(digest)) != 0) {
        return invalid(err, "it is damaged");
    }
    bytes_to_hex((struct bytes){.data = digest, .len = sizeof(digest)}, m->hash);
    return 0;
}

static int read_all(struct triage_model *m, struct bytes file, struct err *err)
{
    struct cursor c = {.at = file.data, .left = file.len - BYTES_DIGEST_LEN};
    if (read_head(m, &c, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < m->label_count; i++) {
        if (read_label(m, i, &c, err) < 0) {
            return -1;
        }
    }
    return read_features(m, &c, err);
}

struct triage_model *triage_model_read(struct bytes file, struct err *err)
{
    struct triage_model *m = xcalloc(1, sizeof(*m));
    m->known = xcalloc(WORDS, sizeof(*m->known));
    m->before = xcalloc(WORDS, sizeof(*m->before));
    for (size_t i = 0; i < COUNTS; i++) {
        m->count_values[i] = triage_count_value((uint32_t)i);
    }
    if (check_digest(m, file, err) < 0 || read_all(m, file, err) < 0) {
        triage_model_free(m);
        return NULL;
    }
    return m;
}

void triage_model_free(struct triage_model *m)
{
    if (m) {
        free(m->known);
        free(m->before);
        free(m->idfs);
        free(m->weights);
        free(m);
    }
}

const struct triage_facts *triage_model_facts(const struct triage_model *m)
{
    return &m->facts;
}

size_t triage_model_label_count(const struct triage_model *m)
{
    return m->label_count;
}

const struct triage_label *triage_model_label(const struct triage_model *m, size_t index)
{
    return &m->labels[index];
}

const char *triage_model_hash(const struct triage_model *m)
{
    return m->hash;
}

/* ---- predicting */

double triage_count_value(uint32_t count)
{
    return count > 0 ? 1 + log(count) : 0;
}

size_t triage_soften(double *scores, size_t count, double sharpness)
{
    size_t best = 0;
    double sum = 0;
    for (size_t i = 1; i < count; i++) {
        best = scores[i] > scores[best] ? i : best;
    }
    double largest = scores[best];
    for (size_t i = 0; i < count; i++) {
        scores[i] = exp(sharpness * (scores[i] - largest));
        sum += scores[i];
    }
    for (size_t i = 0; i < count; i++) {
        scores[i] /= sum;
    }
    return best;
}

/* Returns the row of a feature, or -1: never learned. */
static int64_t find_row(const struct triage_model *m, uint32_t hash)
{
    uint64_t word = m->known[hash / WORD_BITS];
    uint64_t bit = UINT64_C(1) << (hash % WORD_BITS);
    if (!(word & bit)) {
        return -1;
    }
    return (int64_t)m->before[hash / WORD_BITS] + __builtin_popcountll(word & (bit - 1));
}

/* Returns how many features were known. What is not known counts in the length alone: a text of
 * which most is unknown gets small scores, and so little confidence. */
static size_t add_up(const struct triage_model *m, const struct triage_features *f, double *scores)
{
    double squares = 0, unknown_idf = m->facts.unknown_idf_tenths / 10.0;
    size_t known = 0;
    for (size_t i = 0; i < f->count; i++) {
        uint32_t count = f->list[i].count;
        double value = count < COUNTS ? m->count_values[count] : triage_count_value(count);
        int64_t row = find_row(m, f->list[i].hash);
        value *= row < 0 ? unknown_idf : m->idfs[row] / 10.0;
        squares += value * value;
        if (row < 0) {
            continue;
        }
        known++;
        const int8_t *weights = m->weights + (size_t)row * m->label_count;
        for (size_t k = 0; k < m->label_count; k++) {
            scores[k] += value * weights[k];
        }
    }
    double length = squares > 0 ? sqrt(squares) : 1;
    for (size_t k = 0; k < m->label_count; k++) {
        scores[k] *= m->labels[k].unit_billionths / 1e9 / length;
    }
    return known;
}

void triage_model_predict(const struct triage_model *m, const struct triage_features *f,
                          double *ret_shares, struct triage_result *ret)
{
    double scores[TRIAGE_LABELS_MAX] = {0};
    size_t known = add_up(m, f, scores);
    size_t best = triage_soften(scores, m->label_count, m->facts.sharpness_thousandths / 1000.0);
    if (ret_shares) {
        memcpy(ret_shares, scores, m->label_count * sizeof(*scores));
    }
    *ret = (struct triage_result){
        .label = best,
        .confidence = scores[best],
        .is_abstained =
            known == 0 || scores[best] < m->facts.threshold_millionths / (double)TRIAGE_MILLION,
    };
}
