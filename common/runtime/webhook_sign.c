/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/webhook_sign.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/duration.h"
#include "common/base/secret_file.h"

enum {
    SECRET_BYTES_MIN = 24,
    NEW_SECRET_BYTES = 32,
    MAC_TEXT_SIZE = 64,
    FILE_BYTES_MAX = 1024,
};

#define PREFIX  "whsec_"
#define VERSION "v1,"
#define BLANKS  " \t\r\n"

/* ---- secrets */

static int parse_one(const char *word, size_t len, struct webhook_secrets *s, struct err *err)
{
    const size_t prefix = strlen(PREFIX);
    if (s->count == WEBHOOK_SECRETS_MAX) {
        return err_set(err, "secret_invalid", "at most %d secrets", WEBHOOK_SECRETS_MAX);
    }
    if (len <= prefix || strncmp(word, PREFIX, prefix) != 0 ||
        sodium_base642bin(s->list[s->count].data, WEBHOOK_SECRET_BYTES_MAX, word + prefix,
                          len - prefix, NULL, &s->list[s->count].len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) < 0 ||
        s->list[s->count].len < SECRET_BYTES_MIN) {
        return err_set(err, "secret_invalid",
                       "a secret is " PREFIX " and the base64 of %d to %d bytes", SECRET_BYTES_MIN,
                       WEBHOOK_SECRET_BYTES_MAX);
    }
    s->count++;
    return 0;
}

int webhook_secrets_parse(const char *text, struct webhook_secrets *ret, struct err *err)
{
    struct webhook_secrets s = {.count = 0};
    int rc = 0;
    for (text += strspn(text, BLANKS); *text && rc == 0; text += strspn(text, BLANKS)) {
        size_t len = strcspn(text, BLANKS);
        rc = parse_one(text, len, &s, err);
        text += len;
    }
    if (rc == 0 && s.count == 0) {
        rc = err_set(err, "secret_invalid", "there is no secret");
    }
    if (rc == 0) {
        *ret = s;
    }
    webhook_secrets_wipe(&s);
    return rc;
}

static int read_file(int fd, char *text, size_t size)
{
    size_t len = 0;
    while (len + 1 < size) {
        ssize_t n = read(fd, text + len, size - 1 - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        len += (size_t)n;
    }
    text[len] = '\0';
    return 0;
}

int webhook_secrets_read(const char *path, struct webhook_secrets *ret, struct err *err)
{
    char text[FILE_BYTES_MAX];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read_file(fd, text, sizeof(text)) < 0) {
        int saved_errno = errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return err_set(err, "secret_unreadable", "%s: %s", path, strerror(saved_errno));
    }
    int rc = secret_file_is_private(fd, path)
                 ? webhook_secrets_parse(text, ret, err)
                 : err_set(err, "secret_unreadable", "%s: others may read it: chmod 600", path);
    (void)close(fd);
    sodium_memzero(text, sizeof(text));
    return rc;
}

void webhook_secrets_wipe(struct webhook_secrets *s)
{
    sodium_memzero(s, sizeof(*s));
}

void webhook_secret_new(char ret_text[WEBHOOK_SECRET_TEXT_SIZE])
{
    uint8_t data[NEW_SECRET_BYTES];
    const size_t prefix = strlen(PREFIX);
    randombytes_buf(data, sizeof(data));
    (void)text_copy(ret_text, WEBHOOK_SECRET_TEXT_SIZE, PREFIX);
    (void)sodium_bin2base64(ret_text + prefix, WEBHOOK_SECRET_TEXT_SIZE - prefix, data,
                            sizeof(data), sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(data, sizeof(data));
}

/* ---- signatures */

void webhook_mac(const struct webhook_secrets *secrets, size_t which, struct bytes message,
                 uint8_t ret_mac[WEBHOOK_MAC_LEN])
{
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, secrets->list[which].data, secrets->list[which].len);
    (void)crypto_auth_hmacsha256_update(&state, message.data, message.len);
    (void)crypto_auth_hmacsha256_final(&state, ret_mac);
    sodium_memzero(&state, sizeof(state));
}

static void sign_one(const struct webhook_secrets *secrets, size_t which, struct bytes signed_text,
                     char ret_text[MAC_TEXT_SIZE])
{
    uint8_t mac[WEBHOOK_MAC_LEN];
    webhook_mac(secrets, which, signed_text, mac);
    (void)sodium_bin2base64(ret_text, MAC_TEXT_SIZE, mac, sizeof(mac),
                            sodium_base64_VARIANT_ORIGINAL);
}

static void make_signed_text(const char *id, int64_t seconds, struct bytes body, struct buffer *out)
{
    struct text head = {0};
    text_appendf(&head, "%s.%lld.", id, (long long)seconds);
    buffer_append(out, head.data, head.len);
    buffer_append(out, body.data, body.len);
    text_free(&head);
}

void webhook_sign(const struct webhook_secrets *secrets, const char *id, int64_t now_us,
                  struct bytes body, struct text *out)
{
    struct buffer content = {0};
    char mac[MAC_TEXT_SIZE];
    make_signed_text(id, now_us / DURATION_S, body, &content);
    for (size_t i = 0; i < secrets->count; i++) {
        sign_one(secrets, i, (struct bytes){content.data, content.len}, mac);
        text_appendf(out, "%s%s%s", i > 0 ? " " : "", VERSION, mac);
    }
    buffer_free(&content);
}

/* Whether one of the signatures in the header is this one; other versions are passed over. */
static bool has_signature(const char *header, const char *mac)
{
    const size_t version = strlen(VERSION), mac_len = strlen(mac);
    bool is_there = false;
    for (header += strspn(header, " "); *header; header += strspn(header, " ")) {
        size_t len = strcspn(header, " ");
        if (len == version + mac_len && strncmp(header, VERSION, version) == 0) {
            is_there |= sodium_memcmp(header + version, mac, mac_len) == 0;
        }
        header += len;
    }
    return is_there;
}

int webhook_verify(const struct webhook_secrets *secrets, const struct webhook_headers *headers,
                   int64_t now_us, struct bytes body, struct err *err)
{
    struct buffer content = {0};
    char mac[MAC_TEXT_SIZE];
    int64_t seconds;
    bool is_right = false;
    if (text_is_empty(headers->id) || strlen(headers->id) >= WEBHOOK_ID_SIZE ||
        text_is_empty(headers->signature) ||
        text_to_int64(headers->timestamp, 0, INT64_MAX / DURATION_S, &seconds) < 0) {
        return err_set(
            err, "signature_missing",
            "the headers webhook-id, webhook-timestamp and webhook-signature are needed");
    }
    int64_t age_us = now_us - seconds * DURATION_S;
    if (age_us > WEBHOOK_TOLERANCE_US || age_us < -WEBHOOK_TOLERANCE_US) {
        return err_set(err, "signature_too_old", "webhook-timestamp is not now");
    }
    make_signed_text(headers->id, seconds, body, &content);
    for (size_t i = 0; i < secrets->count; i++) {
        sign_one(secrets, i, (struct bytes){content.data, content.len}, mac);
        is_right |= has_signature(headers->signature, mac);
    }
    buffer_free(&content);
    return is_right ? 0 : err_set(err, "signature_wrong", "webhook-signature is not ours");
}
