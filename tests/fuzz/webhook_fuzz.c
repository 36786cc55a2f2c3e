/* SPDX-License-Identifier: Apache-2.0 */
/* webhook_fuzz.c - callbacks and answers of a service that places calls, the headers that sign
 * them, and links of mails: nothing that we did not sign is believed. */
#include "common/runtime/webhook_sign.h"

#include <stdlib.h>

#include "common/runtime/answer_link.h"
#include "services/dialer/dialer_webhook_json.h"
#include "tests/fuzz/fuzz.h"

#define NOW_US INT64_C(1793671200000000)
#define NOW    "1793671200"
#define SECRET "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

static void fuzz_body(struct bytes body)
{
    struct dialer_webhook_word word = {.kind = DIALER_WEBHOOK_PENDING};
    struct err err = ERR_NONE;

    if (dialer_webhook_read(body, &word, &err) < 0) {
        claim(err.code[0] != 0, "what is refused has a code");
        return;
    }
    claim(word.kind >= DIALER_WEBHOOK_PENDING && word.kind <= DIALER_WEBHOOK_FINISHED, "a kind");
    claim(strlen(word.key) < DIALER_KEY_SIZE, "a key is short");
    claim(word.result.answer_count <= DIALER_ANSWERS_MAX, "not too many answers");
    claim(text_is_utf8(bytes_of_text(word.result.note)), "a note is UTF-8");
}

/* All three headers are the same text: a signature by chance is as likely as in any other way. */
static void fuzz_headers(const struct webhook_secrets *secrets, const char *text)
{
    struct webhook_headers headers = {.id = text, .timestamp = text, .signature = text};
    struct err err = ERR_NONE;

    claim(webhook_verify(secrets, &headers, NOW_US, bytes_of_text(text), &err) < 0,
          "nothing is signed by chance");
    headers.timestamp = NOW;
    err = ERR_NONE;
    claim(webhook_verify(secrets, &headers, NOW_US, bytes_of_text(text), &err) < 0,
          "nothing is signed by chance, with a good time");
}

static void fuzz_secrets(const char *text)
{
    struct webhook_secrets secrets = {.count = 0};
    struct err err = ERR_NONE;

    if (webhook_secrets_parse(text, &secrets, &err) == 0) {
        claim(secrets.count > 0 && secrets.count <= WEBHOOK_SECRETS_MAX, "some secrets");
        for (size_t i = 0; i < secrets.count; i++) {
            claim(secrets.list[i].len >= 24 && secrets.list[i].len <= WEBHOOK_SECRET_BYTES_MAX,
                  "a secret has its length");
        }
        webhook_secrets_wipe(&secrets);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct webhook_secrets secrets = {.count = 0};
    struct answer_link link = {.item_count = 0};
    struct err err = ERR_NONE;
    char *text = fuzz_text(data, size);

    claim(webhook_secrets_parse(SECRET, &secrets, &err) == 0, "our secret is one");
    fuzz_body((struct bytes){.data = data, .len = size});
    fuzz_headers(&secrets, text);
    fuzz_secrets(text);
    claim(answer_link_read(&secrets, text, NOW_US, &link, &err) < 0, "no link is signed by chance");
    free(text);
    return 0;
}
