/* SPDX-License-Identifier: Apache-2.0 */
/*
 * triage_bench.c - microseconds of CPU time to tell category and mood of one text.
 *
 * Reports one line per figure: "triage_text ours=12.3 unit=us". The models are as large as ones
 * that were learned from ten thousand texts; what stands in them does not matter for the time. The
 * texts are complaints as people write them, 30 to 200 characters long.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/triage_model.h"

enum {
    TEXTS = 4096, /* so that they do not fit into the nearest cache */
    ROUNDS = 10,
    LEARNED = 46000,
    LABELS = 10,
};

static const char *const pieces[] = {
    "昨天在贵店更换刹车片之后，今天早上行驶时一直有异响，",
    "低速转弯时更明显，",
    "请尽快安排技师检查并告知原因。",
    "发动机故障灯又亮了，已经是第三次。",
    "The noise comes from the front left wheel; ",
    "I need the car on Friday. ",
    "发票开错了抬头，",
    "charged twice for the oil, ",
    "等了两个小时没有人接待，",
    "服务态度很差！",
    "Second time since Monday, ",
};

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static struct triage_model *make_model(enum triage_purpose purpose, size_t labels)
{
    static const char *const names[LABELS] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    struct triage_label list[LABELS];
    uint32_t *hashes = xcalloc(LEARNED, sizeof(*hashes));
    uint8_t *idfs = xcalloc(LEARNED, 1);
    int8_t *weights = xcalloc(LEARNED, labels);
    struct buffer file = {0};
    struct err err = ERR_NONE;
    uint64_t random = 1;

    for (size_t i = 0; i < labels; i++) {
        list[i] = (struct triage_label){names[i], 1000, 10000000};
    }
    for (uint32_t i = 0; i < LEARNED; i++) {
        hashes[i] = (uint32_t)((uint64_t)i * TRIAGE_HASHES / LEARNED);
        idfs[i] = (uint8_t)(10 + next_random(&random) % 80);
        for (size_t k = 0; k < labels; k++) {
            weights[i * labels + k] = (int8_t)(next_random(&random) % 255 - 127);
        }
    }
    const struct triage_parts parts = {
        .facts = {.purpose = purpose,
                  .sharpness_thousandths = 4000,
                  .unknown_idf_tenths = 90,
                  .features = LEARNED},
        .labels = list,
        .label_count = labels,
        .hashes = hashes,
        .idfs = idfs,
        .weights = weights,
    };
    triage_model_write(&parts, &file);
    struct triage_model *m = triage_model_read((struct bytes){file.data, file.len}, &err);
    buffer_free(&file);
    free(hashes);
    free(idfs);
    free(weights);
    if (!m) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    return m;
}

static size_t make_texts(struct text *texts)
{
    uint64_t random = 2;
    size_t code_points = 0;

    for (size_t i = 0; i < TEXTS; i++) {
        for (uint64_t left = 2 + next_random(&random) % 5; left > 0; left--) {
            text_append(&texts[i], pieces[next_random(&random) % ARRAY_LEN(pieces)]);
        }
        code_points += text_code_points(texts[i].data);
    }
    return code_points;
}

int main(void)
{
    struct triage_model *category = make_model(TRIAGE_CATEGORY, LABELS);
    struct triage_model *mood = make_model(TRIAGE_MOOD, 2);
    struct triage_features *features = xcalloc(1, sizeof(*features));
    struct text *texts = xcalloc(TEXTS, sizeof(*texts));
    const size_t code_points = make_texts(texts);
    size_t told = 0;

    const clock_t begin = clock();
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < TEXTS; i++) {
            const char *said = texts[i].data;
            struct triage_result result;

            triage_features_read(features, &said, 1);
            triage_model_predict(category, features, NULL, &result);
            told += result.label;
            triage_model_predict(mood, features, NULL, &result);
            told += result.label;
        }
    }
    (void)printf("triage_text ours=%.2f unit=us\n",
                 (double)(clock() - begin) * 1e6 / CLOCKS_PER_SEC / ROUNDS / TEXTS);
    (void)printf("# %zu characters a text; sum of the answers: %zu\n", code_points / TEXTS, told);
    for (size_t i = 0; i < TEXTS; i++) {
        text_free(&texts[i]);
    }
    free(texts);
    free(features);
    triage_model_free(mood);
    triage_model_free(category);
    return 0;
}
