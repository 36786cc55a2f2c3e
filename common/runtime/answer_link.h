/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer_link.h - the link in a mail by which a customer answers: what is asked, signed.
 *
 * The token carries the key of the order, the language, and the questions with the numbers of the
 * cases that they are about, and no personal data:
 * base64url(JSON) "." base64url(HMAC-SHA256). Who has it may answer these questions until it
 * expires, and nothing else; that an answer counts once is intake's doing, by the key of its
 * record.
 */
#ifndef TROTH_COMMON_RUNTIME_ANSWER_LINK_H
#define TROTH_COMMON_RUNTIME_ANSWER_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/text.h"
#include "common/runtime/webhook_sign.h"

enum {
    ANSWER_LINK_KEY_SIZE = 64,
    ANSWER_LINK_CODE_SIZE = 33,
    ANSWER_LINK_LANGUAGE_SIZE = 36,
    ANSWER_LINK_QUESTION_SIZE = 512,
    ANSWER_LINK_ITEMS_MAX = 16,
    ANSWER_LINK_TEXT_MAX = 16384, /* of the token */
};

struct answer_link_item {
    char code[ANSWER_LINK_CODE_SIZE];
    int32_t instrument; /* SurveyInstrument; 0: "solved" */
    int32_t low, high;
    int64_t service_case;                     /* that it is asked about; 0: none */
    char question[ANSWER_LINK_QUESTION_SIZE]; /* cut at a code point */
};

struct answer_link {
    char key[ANSWER_LINK_KEY_SIZE]; /* of the order: "F-1234-5/1" */
    int64_t until_us;               /* machine time, in whole seconds */
    char language[ANSWER_LINK_LANGUAGE_SIZE];
    struct answer_link_item items[ANSWER_LINK_ITEMS_MAX];
    size_t item_count;
};

/* Appends the token, signed with the first secret. It needs no escaping in a URL. */
void answer_link_write(const struct webhook_secrets *secrets, const struct answer_link *link,
                       struct text *out);

/* Returns 0, or -1 with code "link_invalid" (not signed with one of the secrets) or
 * "link_expired". */
MUST_CHECK int answer_link_read(const struct webhook_secrets *secrets, const char *token,
                                int64_t now_us, struct answer_link *ret, struct err *err);

#endif
