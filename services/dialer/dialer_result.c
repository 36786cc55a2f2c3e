/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_result.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dialer.pb-c.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

static bool is_made_of(const char *text, const char *letters)
{
    return *text && text[strspn(text, letters)] == '\0';
}

bool dialer_result_is_code(const char *code)
{
    return is_made_of(code, LETTERS "_.") && strlen(code) < DIALER_CODE_SIZE;
}

/* ---- cleaning */

static size_t clean_answers(struct dialer_result *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->answer_count; i++) {
        if (!r->answers[i].code[0] || dialer_result_is_code(r->answers[i].code)) {
            r->answers[kept++] = r->answers[i];
        }
    }
    size_t dropped = r->answer_count - kept;
    r->answer_count = kept;
    return dropped;
}

/* Empties what is not UTF-8. */
static size_t clean_words(char *words)
{
    if (text_is_utf8(bytes_of_text(words))) {
        return 0;
    }
    words[0] = '\0';
    return 1;
}

size_t dialer_result_clean(struct dialer_result *r)
{
    size_t changed = clean_answers(r) + clean_words(r->note) + clean_words(r->new_phone);
    if (r->outcome <= 0 ||
        !protobuf_c_enum_descriptor_get_value(&troth__v1__call_outcome__descriptor, r->outcome)) {
        r->outcome = (int32_t)TROTH__V1__CALL_OUTCOME__CALL_OUTCOME_FAILED;
        changed++;
    }
    if (r->language[0] && !is_made_of(r->language, LETTERS)) {
        r->language[0] = '\0';
        changed++;
    }
    if (!protobuf_c_enum_descriptor_get_value(&troth__v1__dial_refusal__descriptor, r->refusal)) {
        r->refusal = 0;
        changed++;
    }
    if (r->call_back_us < 0) {
        r->call_back_us = 0;
        changed++;
    }
    return changed;
}

/* ---- out */

static void write_sealed(const struct dialer_result *r, const struct seal_box *box,
                         struct text *out)
{
    struct buffer plain = {.data = NULL};
    struct buffer sealed = {.data = NULL};
    char hex[2 * (DIALER_NOTE_SIZE + sizeof(r->new_phone) + SEAL_BOX_OVERHEAD) + 1];
    buffer_append(&plain, r->note, strlen(r->note) + 1);
    buffer_append(&plain, r->new_phone, strlen(r->new_phone) + 1);
    seal_box_seal(box, (struct bytes){.data = plain.data, .len = plain.len}, &sealed);
    bytes_to_hex((struct bytes){.data = sealed.data, .len = sealed.len}, hex);
    text_appendf(out, " sealed=%s", hex);
    explicit_bzero(plain.data, plain.len);
    buffer_free(&plain);
    buffer_free(&sealed);
}

void dialer_result_write(const struct dialer_result *r, const struct seal_box *box,
                         struct text *out)
{
    text_appendf(out, "%d %" PRId64 " %" PRId64, r->outcome, r->started_us, r->ended_us);
    for (size_t i = 0; i < r->answer_count; i++) {
        text_appendf(out, " %s%s%d=%d", r->answers[i].code, r->answers[i].code[0] ? ":" : "",
                     r->answers[i].instrument, r->answers[i].value);
    }
    if (r->call_back_us) {
        text_appendf(out, " call_back=%" PRId64, r->call_back_us);
    }
    if (r->refusal) {
        text_appendf(out, " refusal=%d", r->refusal);
    }
    if (r->language[0]) {
        text_appendf(out, " language=%s", r->language);
    }
    if (box && (r->note[0] || r->new_phone[0])) {
        write_sealed(r, box, out);
    }
}

/* ---- in */

static int read_small(const char *text, int32_t *ret)
{
    int64_t n;
    if (text_to_int64(text, INT32_MIN, INT32_MAX, &n) < 0) {
        return -1;
    }
    *ret = (int32_t)n;
    return 0;
}

static int read_number(const char *text, int64_t *ret)
{
    return text_to_int64(text, INT64_MIN + 1, INT64_MAX, ret);
}

/* name: "csat:1", or "1" of an old journal. */
static int read_answer(char *name, const char *value, struct dialer_result *r)
{
    char *colon = strchr(name, ':');
    if (r->answer_count == DIALER_ANSWERS_MAX) {
        return -1;
    }
    size_t i = r->answer_count++;
    if (colon) {
        *colon++ = '\0';
        if (!dialer_result_is_code(name)) {
            return -1;
        }
        (void)text_copy(r->answers[i].code, sizeof(r->answers[i].code), name);
    }
    return read_small(colon ? colon : name, &r->answers[i].instrument) < 0 ||
                   read_small(value, &r->answers[i].value) < 0
               ? -1
               : 0;
}

/* plain: note and number, each with its NUL. */
static void take_personal(struct bytes plain, struct dialer_result *r)
{
    const uint8_t *end = memchr(plain.data, '\0', plain.len);
    if (end && plain.len > 0 && plain.data[plain.len - 1] == '\0' &&
        end + 1 < plain.data + plain.len) {
        (void)text_copy(r->note, sizeof(r->note), (const char *)plain.data);
        (void)text_copy(r->new_phone, sizeof(r->new_phone), (const char *)end + 1);
    }
}

static int read_sealed(const char *hex, const struct seal_box *box, struct dialer_result *r)
{
    uint8_t sealed[DIALER_RESULT_TEXT_SIZE / 2];
    struct buffer plain = {.data = NULL};
    size_t len = strlen(hex) / 2;
    if (len > sizeof(sealed) || bytes_from_hex(hex, sealed, len) < 0) {
        return -1;
    }
    if (!box) {
        return 0;
    }
    int rc = seal_box_open(box, (struct bytes){.data = sealed, .len = len}, &plain, NULL);
    if (rc == 0) {
        take_personal((struct bytes){.data = plain.data, .len = plain.len}, r);
        explicit_bzero(plain.data, plain.len);
    }
    buffer_free(&plain);
    return rc;
}

static int read_field(char *field, const struct seal_box *box, struct dialer_result *r)
{
    char *value = strchr(field, '=');
    if (!value) {
        return -1;
    }
    *value++ = '\0';
    if (strcmp(field, "call_back") == 0) {
        return read_number(value, &r->call_back_us);
    }
    if (strcmp(field, "refusal") == 0) {
        return read_small(value, &r->refusal);
    }
    if (strcmp(field, "language") == 0) {
        return text_copy(r->language, sizeof(r->language), value) ? 0 : -1;
    }
    return strcmp(field, "sealed") == 0 ? read_sealed(value, box, r) : read_answer(field, value, r);
}

/* Cuts the next field off; NULL when there is none. */
static char *next_field(char **rest)
{
    return *rest ? strsep(rest, " ") : NULL;
}

int dialer_result_read(const char *text, const struct seal_box *box, struct dialer_result *ret)
{
    char copy[DIALER_RESULT_TEXT_SIZE];
    struct dialer_result r = {.outcome = 0};
    char *rest = copy;
    if (!text_copy(copy, sizeof(copy), text) || read_small(next_field(&rest), &r.outcome) < 0 ||
        read_number(next_field(&rest), &r.started_us) < 0 ||
        read_number(next_field(&rest), &r.ended_us) < 0) {
        return -1;
    }
    for (char *field = next_field(&rest); field; field = next_field(&rest)) {
        if (read_field(field, box, &r) < 0) {
            return -1;
        }
    }
    *ret = r;
    explicit_bzero(&r, sizeof(r));
    return 0;
}
