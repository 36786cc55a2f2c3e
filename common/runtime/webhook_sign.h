/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook_sign.h - signatures of the Standard Webhooks specification (standardwebhooks.com, 1.0.0):
 * v1, HMAC-SHA256 over "id.timestamp.body", sent as
 *
 *   webhook-id: F-1234-5/1
 *   webhook-timestamp: 1614265330                       seconds since 1970
 *   webhook-signature: v1,<base64> [v1,<base64>]...     one for each secret in use
 *
 * A secret is written "whsec_" and the base64 of 24 to 64 random bytes.
 */
#ifndef TROTH_COMMON_RUNTIME_WEBHOOK_SIGN_H
#define TROTH_COMMON_RUNTIME_WEBHOOK_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "common/base/text.h"

#define WEBHOOK_TOLERANCE_US INT64_C(300000000) /* what the specification advises: 5 min */

enum {
    WEBHOOK_SECRETS_MAX = 4,
    WEBHOOK_SECRET_BYTES_MAX = 64,
    WEBHOOK_SECRET_TEXT_SIZE = 96, /* of a new one and of the longest */
    WEBHOOK_ID_SIZE = 128,
};

/* While a secret is being replaced, both count: the first one signs first. Wipe with
 * webhook_secrets_wipe(). */
struct webhook_secrets {
    struct {
        uint8_t data[WEBHOOK_SECRET_BYTES_MAX];
        size_t len;
    } list[WEBHOOK_SECRETS_MAX];
    size_t count;
};

/* Reads secrets that are parted by blanks or line ends. Returns 0, or -1 with code
 * "secret_invalid". */
MUST_CHECK int webhook_secrets_parse(const char *text, struct webhook_secrets *ret,
                                     struct err *err);
/* The same from a file that nobody else may read: of mode 0600, or not ours, as a mount of
 * secrets is (secret_file.h). Codes "secret_unreadable", "secret_invalid". */
MUST_CHECK int webhook_secrets_read(const char *path, struct webhook_secrets *ret, struct err *err);
void webhook_secrets_wipe(struct webhook_secrets *s);

/* A new secret of 32 random bytes. */
void webhook_secret_new(char ret_text[WEBHOOK_SECRET_TEXT_SIZE]);

/* Appends the value of webhook-signature. now_us: machine time; the header webhook-timestamp must
 * say its whole seconds. */
void webhook_sign(const struct webhook_secrets *secrets, const char *id, int64_t now_us,
                  struct bytes body, struct text *out);

/* The three headers as they came; NULL for one that is missing. */
struct webhook_headers {
    const char *id, *timestamp, *signature;
};

/* Compares in constant time. Returns 0, or -1 with code "signature_missing", "signature_too_old"
 * (or from the future: more than WEBHOOK_TOLERANCE_US off) or "signature_wrong". */
MUST_CHECK int webhook_verify(const struct webhook_secrets *secrets,
                              const struct webhook_headers *headers, int64_t now_us,
                              struct bytes body, struct err *err);

#define WEBHOOK_MAC_LEN 32
/* The plain HMAC-SHA256, for what signs other things than webhooks. which < secrets->count. */
void webhook_mac(const struct webhook_secrets *secrets, size_t which, struct bytes message,
                 uint8_t ret_mac[WEBHOOK_MAC_LEN]);

#endif
