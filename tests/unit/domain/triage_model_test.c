/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/triage_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/xalloc.h"

enum {
    HEAD = 60,
    LABELS_AT = HEAD,
    NUMBER_AT = 20, /* examples, the first of ten numbers */
};

/* Feature 100 tells of brakes, 300 of the radio, 200 of both. */
struct golden {
    uint32_t hashes[3];
    uint8_t idfs[3];
    int8_t weights[6];
    struct triage_label labels[2];
    struct triage_parts parts;
};

static void make_golden(struct golden *g)
{
    memset(g, 0, sizeof(*g));
    memcpy(g->hashes, (const uint32_t[]){100, 200, 300}, sizeof(g->hashes));
    memcpy(g->idfs, (const uint8_t[]){10, 20, 10}, sizeof(g->idfs));
    memcpy(g->weights, (const int8_t[]){100, -100, 50, 50, -127, 127}, sizeof(g->weights));
    g->labels[0] = (struct triage_label){"brakes", 40, 10000000}; /* a hundredth */
    g->labels[1] = (struct triage_label){"收音机", 60, 20000000};
    g->parts = (struct triage_parts){
        .facts = {.purpose = TRIAGE_CATEGORY,
                  .trained_us = INT64_C(1700000000000000),
                  .examples = 100,
                  .told = 90,
                  .told_right = 80,
                  .covered = 70,
                  .covered_right = 69,
                  .target_millionths = 960000,
                  .threshold_millionths = 800000,
                  .sharpness_thousandths = 2000,
                  .unknown_idf_tenths = 30,
                  .features = 3},
        .labels = g->labels,
        .label_count = 2,
        .hashes = g->hashes,
        .idfs = g->idfs,
        .weights = g->weights,
    };
}

static struct buffer golden_file(void)
{
    struct golden g;
    struct buffer file = {0};

    make_golden(&g);
    triage_model_write(&g.parts, &file);
    return file;
}

static struct bytes all_of(const struct buffer *b)
{
    return (struct bytes){.data = b->data, .len = b->len};
}

static struct triage_model *read_golden(void)
{
    struct buffer file = golden_file();
    struct err err = ERR_NONE;
    struct triage_model *m = triage_model_read(all_of(&file), &err);

    assert_non_null(m);
    buffer_free(&file);
    return m;
}

/* What the form says, byte by byte: others may have written it. */
static void the_form_stays_for_ever(void **state)
{
    static const uint8_t want[] = {
        'T',  'R',  'O',  'T',  'H',  'T',  'R',  'I',  1,    0,    1,    2, /* version, purpose,
                                                                                labels */
        0,    0x40, 0x1e, 0x18, 0x24, 0x0a, 6,    0,                         /* 1700000000000000 */
        100,  0,    0,    0,    90,   0,    0,    0,    80,   0,    0,    0,    70,   0,
        0,    0,    69,   0,    0,    0,    0,    0xa6, 0x0e, 0,    0,    0x35, 0x0c, 0,
        0xd0, 7,    0,    0,    30,   0,    0,    0,    3,    0,    0,    0,    6,    'b',
        'r',  'a',  'k',  'e',  's',  40,   0,    0,    0,    0x80, 0x96, 0x98, 0,    9,
        0xe6, 0x94, 0xb6, 0xe9, 0x9f, 0xb3, 0xe6, 0x9c, 0xba, 60,   0,    0,    0,    0,
        0x2d, 0x31, 1,    100,  0,    0,    0,    10,   100,  0x9c, 200,  0,    0,    0,
        20,   50,   50,   44,   1,    0,    0,    10,   0x81, 127,
    };
    struct buffer file = golden_file();

    assert_int_equal(file.len, sizeof(want) + BYTES_DIGEST_LEN);
    assert_memory_equal(file.data, want, sizeof(want));
    buffer_free(&file);
}

static void what_was_written_is_read(void **state)
{
    struct triage_model *m = read_golden();
    const struct triage_facts *f = triage_model_facts(m);

    assert_int_equal(f->purpose, TRIAGE_CATEGORY);
    assert_true(f->trained_us == INT64_C(1700000000000000));
    assert_int_equal(f->examples, 100);
    assert_int_equal(f->covered_right, 69);
    assert_int_equal(f->threshold_millionths, 800000);
    assert_int_equal(f->features, 3);
    assert_int_equal(triage_model_label_count(m), 2);
    assert_string_equal(triage_model_label(m, 1)->name, "收音机");
    assert_int_equal(triage_model_label(m, 0)->examples, 40);
    assert_int_equal(strlen(triage_model_hash(m)), 32);
    triage_model_free(m);
    triage_model_free(NULL);
}

static struct triage_result predict(const struct triage_model *m, double *shares, size_t count,
                                    const struct triage_feature *features)
{
    struct triage_features *f = xcalloc(1, sizeof(*f));
    struct triage_result told;

    memcpy(f->list, features, count * sizeof(*features));
    f->count = count;
    triage_model_predict(m, f, shares, &told);
    free(f);
    return told;
}

/* The confidences are worked out by hand: value = (1 + ln count) * idf, of length one together,
 * times weight times unit; then softmax with a sharpness of 2. */
static void a_text_is_told_by_the_sum_of_its_features(void **state)
{
    static const struct {
        const char *name;
        struct triage_feature features[3];
        size_t count;
        size_t label;
        double confidence;
        bool is_abstained;
    } cases[] = {
        {"one feature",                     {{100, 1}},           1, 0, 0.997527, false},
        {"for the other label",             {{300, 1}},           1, 1, 0.999510, false},
        {"twice is the same alone",         {{100, 2}},           1, 0, 0.997527, false},
        {"most of it is unknown",           {{99, 1}, {100, 1}},  2, 0, 0.869593, false},
        {"all of it is unknown",            {{99, 1}, {101, 9}},  2, 0, 0.5,      true },
        {"nothing at all",                  {{0, 0}},             0, 0, 0.5,      true },
        {"against each other",              {{100, 1}, {300, 1}}, 2, 1, 0.758690, true },
        {"said twice it weighs more",       {{100, 9}, {300, 1}}, 2, 0, 0.969284, false},
        {"a rare one weighs twice as much", {{100, 1}, {200, 1}}, 2, 0, 0.856787, false},
    };
    struct triage_model *m = read_golden();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double shares[2];
        struct triage_result told = predict(m, shares, cases[i].count, cases[i].features);

        if (told.label != cases[i].label || told.is_abstained != cases[i].is_abstained ||
            told.confidence < cases[i].confidence - 1e-5 ||
            told.confidence > cases[i].confidence + 1e-5) {
            fail_msg("%s: label %zu, confidence %f", cases[i].name, told.label, told.confidence);
        }
        assert_true(shares[0] + shares[1] > 1 - 1e-9 && shares[0] + shares[1] < 1 + 1e-9);
    }
    triage_model_free(m);
}

static void a_threshold_over_one_abstains_always(void **state)
{
    struct golden g;
    struct buffer file = {0};
    struct err err = ERR_NONE;

    make_golden(&g);
    g.parts.facts.threshold_millionths = TRIAGE_MILLION + 1;
    g.labels[0].unit_billionths = UINT32_MAX; /* as sure as can be */
    triage_model_write(&g.parts, &file);
    struct triage_model *m = triage_model_read(all_of(&file), &err);
    struct triage_result told = predict(m, NULL, 1, &(struct triage_feature){100, 1});
    assert_true(told.confidence >= 1.0);
    assert_true(told.is_abstained);
    triage_model_free(m);
    buffer_free(&file);
}

static void a_text_of_which_nothing_is_known_is_never_told(void **state)
{
    struct golden g;
    struct buffer file = {0};
    struct err err = ERR_NONE;

    make_golden(&g);
    g.parts.facts.threshold_millionths = 0;
    triage_model_write(&g.parts, &file);
    struct triage_model *m = triage_model_read(all_of(&file), &err);
    assert_true(predict(m, NULL, 1, &(struct triage_feature){99, 1}).is_abstained);
    assert_false(predict(m, NULL, 1, &(struct triage_feature){200, 1}).is_abstained);
    triage_model_free(m);
    buffer_free(&file);
}

/* A copy of exactly that length, so that a sanitizer sees every byte too many. */
static struct triage_model *read_copy(struct bytes file)
{
    struct err err = ERR_NONE;
    uint8_t *copy = xcalloc(file.len + 1, 1);

    memcpy(copy + 1, file.data, file.len); /* ends where the memory ends */
    struct triage_model *m = triage_model_read((struct bytes){copy + 1, file.len}, &err);
    assert_true(m || strcmp(err.code, "triage_model_invalid") == 0);
    free(copy);
    return m;
}

static void a_file_that_is_cut_or_damaged_is_none(void **state)
{
    struct buffer file = golden_file();

    for (size_t len = 0; len < file.len; len++) {
        assert_null(read_copy((struct bytes){file.data, len}));
    }
    for (size_t i = 0; i < file.len; i++) {
        file.data[i] ^= 0x40;
        assert_null(read_copy(all_of(&file)));
        file.data[i] ^= 0x40;
    }
    buffer_append(&file, "more", 4);
    assert_null(read_copy(all_of(&file)));
    buffer_free(&file);
}

static void seal(struct buffer *file)
{
    uint8_t digest[BYTES_DIGEST_LEN];

    bytes_digest((struct bytes){file->data, file->len - sizeof(digest)}, digest);
    memcpy(file->data + file->len - sizeof(digest), digest, sizeof(digest));
}

/* Who can make the digest can say anything: it is refused, or harmless. */
static void a_hostile_file_does_no_harm(void **state)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    const struct triage_feature features[] = {
        {100, 1},
        {200, 3},
        {300, 1}
    };

    struct buffer whole = golden_file();

    for (size_t i = 0; i < whole.len - BYTES_DIGEST_LEN; i++) {
        for (size_t k = 0; k < ARRAY_LEN(values); k++) {
            struct buffer file = golden_file();

            file.data[i] = values[k];
            seal(&file);
            struct triage_model *m = read_copy(all_of(&file));
            if (m) {
                struct triage_result told = predict(m, NULL, ARRAY_LEN(features), features);
                assert_true(told.label < 2 && told.confidence >= 0.5 && told.confidence <= 1);
            }
            triage_model_free(m);
            buffer_free(&file);
        }
    }
    buffer_free(&whole);
}

static void what_cannot_be_is_refused_by_name(void **state)
{
    static const struct {
        const char *name;
        size_t at;
        uint8_t value;
        const char *want;
    } cases[] = {
        {"another kind of file",              0,                   'X',  "begin"    },
        {"a later version",                   8,                   2,    "version"  },
        {"a purpose of later",                10,                  3,    "purpose"  },
        {"one label",                         11,                  1,    "labels"   },
        {"more labels than there may be",     11,                  65,   "labels"   },
        {"more told than learned",            NUMBER_AT + 4,       101,  "itself"   },
        {"more right than told",              NUMBER_AT + 8,       91,   "itself"   },
        {"more covered than told",            NUMBER_AT + 12,      91,   "itself"   },
        {"more covered right",                NUMBER_AT + 16,      71,   "itself"   },
        {"a target over one",                 NUMBER_AT + 22,      0x20, "itself"   },
        {"a sharpness of seventeen thousand", NUMBER_AT + 31,      1,    "sharpness"},
        {"more features than hashes",         NUMBER_AT + 38,      4,    "features" },
        {"a feature less",                    NUMBER_AT + 36,      2,    "features" },
        {"a label without a name",            LABELS_AT,           0,    "length"   },
        {"a label without an end",            LABELS_AT,           128,  "length"   },
        {"a label that is no text",           LABELS_AT + 1,       0xff, "text"     },
        {"hashes out of order",               LABELS_AT + 33,      201,  "order"    },
        {"a hash that is none",               LABELS_AT + 33 + 16, 4,    "order"    },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer file = golden_file();
        struct err err = ERR_NONE;

        file.data[cases[i].at] = cases[i].value;
        seal(&file);
        assert_null(triage_model_read(all_of(&file), &err));
        if (!strstr(err.text, cases[i].want)) {
            fail_msg("%s: %s", cases[i].name, err.text);
        }
        buffer_free(&file);
    }
}

static void a_label_that_is_there_twice_is_refused(void **state)
{
    struct golden g;
    struct buffer file = {0};
    struct err err = ERR_NONE;

    make_golden(&g);
    g.labels[1].name = g.labels[0].name;
    triage_model_write(&g.parts, &file);
    assert_null(triage_model_read(all_of(&file), &err));
    assert_non_null(strstr(err.text, "twice"));
    buffer_free(&file);
}

static void purposes_have_names(void **state)
{
    enum triage_purpose purpose = TRIAGE_CATEGORY;

    assert_string_equal(triage_purpose_name(TRIAGE_MOOD), "mood");
    assert_int_equal(triage_purpose_parse("mood", &purpose), 0);
    assert_int_equal(purpose, TRIAGE_MOOD);
    assert_int_equal(triage_purpose_parse("weather", &purpose), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_stays_for_ever),
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(a_text_is_told_by_the_sum_of_its_features),
        cmocka_unit_test(a_threshold_over_one_abstains_always),
        cmocka_unit_test(a_text_of_which_nothing_is_known_is_never_told),
        cmocka_unit_test(a_file_that_is_cut_or_damaged_is_none),
        cmocka_unit_test(a_hostile_file_does_no_harm),
        cmocka_unit_test(what_cannot_be_is_refused_by_name),
        cmocka_unit_test(a_label_that_is_there_twice_is_refused),
        cmocka_unit_test(purposes_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
