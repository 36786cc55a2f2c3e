/* SPDX-License-Identifier: Apache-2.0 */
/* page_form_fuzz.c - what a browser posts from the answer page, whoever holds its link. */
#include "services/reporting/answer_form.h"

#include <stdlib.h>

#include "common/runtime/mail_text.h"
#include "services/reporting/form_field.h"
#include "services/reporting/progress_token.h"
#include "tests/fuzz/fuzz.h"

static const struct answer_link asked = {
    .key = "F-1234-5/1",
    .items = {{.code = "solved", .low = 0, .high = 1},
              {.code = "csat", .instrument = 1, .low = 1, .high = 5},
              {.code = "nps", .instrument = 2, .low = 0, .high = 10}},
    .item_count = 3,
};

/* What is shown again on the next page holds no markup. */
static void claim_escaped(const char *text)
{
    struct text html = {0};

    html_append_text(text, &html);
    claim(!html.data || strpbrk(html.data, "<>\"") == NULL, "what people write is no markup");
    text_free(&html);
}

static void fuzz_form(struct bytes body)
{
    struct answer_form form = {.comment = ""};

    answer_form_read(body, &asked, &form);
    for (size_t i = 0; i < ANSWER_LINK_ITEMS_MAX; i++) {
        claim(!form.has_value[i] || i < asked.item_count, "only what was asked is answered");
        claim(!form.has_value[i] ||
                  (form.value[i] >= asked.items[i].low && form.value[i] <= asked.items[i].high),
              "an answer is on its scale");
    }
    claim(text_is_utf8(bytes_of_text(form.comment)), "a comment is UTF-8");
    claim_escaped(form.comment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes body = {.data = data, .len = size};
    uint8_t hash[PROGRESS_HASH_LEN];
    struct text field = {0};
    char *text;

    fuzz_form(body);
    if (form_field(body, "comment", &field) && field.data) {
        claim(strlen(field.data) == field.len, "a field has no NUL");
    }
    text_free(&field);
    text = fuzz_text(data, size);
    claim(!progress_token_hash(text, hash) || strlen(text) == PROGRESS_TOKEN_SIZE - 1,
          "a token has its length");
    free(text);
    return 0;
}
