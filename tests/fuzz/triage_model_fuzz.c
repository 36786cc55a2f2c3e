/* SPDX-License-Identifier: Apache-2.0 */
/* triage_model_fuzz.c - any bytes as a model of triage, with a digest that fits; what is read tells
 * a text, and is written and read as the same. */
#include "common/domain/triage_model.h"

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

static void claim_tells(const struct triage_model *m, const uint8_t *data, size_t size)
{
    struct triage_features *f = xcalloc(1, sizeof(*f));
    char *text = fuzz_text(data, size);
    const char *texts[] = {text};
    double shares[TRIAGE_LABELS_MAX], sum = 0;
    struct triage_result told;

    triage_features_read(f, texts, 1);
    triage_model_predict(m, f, shares, &told);
    for (size_t i = 0; i < triage_model_label_count(m); i++) {
        sum += shares[i];
    }
    claim(told.label < triage_model_label_count(m), "a label of the model is told");
    claim(told.confidence >= 0 && told.confidence <= 1, "a confidence is a share");
    claim(sum > 0.999 && sum < 1.001, "the shares make one");
    free(text);
    free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer file = {0};
    struct err err = ERR_NONE;
    uint8_t digest[BYTES_DIGEST_LEN];

    buffer_append(&file, data, size);
    bytes_digest((struct bytes){.data = data, .len = size}, digest);
    buffer_append(&file, digest, sizeof(digest));
    struct triage_model *m =
        triage_model_read((struct bytes){.data = file.data, .len = file.len}, &err);
    claim(m || err.code[0] != '\0', "a refusal has a code");
    if (m) {
        claim_tells(m, data, size);
    }
    triage_model_free(m);
    m = triage_model_read((struct bytes){.data = data, .len = size}, &err);
    triage_model_free(m);
    buffer_free(&file);
    return 0;
}
