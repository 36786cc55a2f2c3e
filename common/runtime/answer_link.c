/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/answer_link.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "common/base/duration.h"
#include "common/base/xalloc.h"

enum {
    MAC_TEXT_SIZE = 64,
    BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
};

/* The same secret may sign other things: a mac of one must be none of another. */
#define PURPOSE "answer."

static void sign(const struct webhook_secrets *secrets, size_t which, const char *payload,
                 size_t len, char ret_text[MAC_TEXT_SIZE])
{
    uint8_t mac[WEBHOOK_MAC_LEN];
    struct buffer message = {0};
    buffer_append(&message, PURPOSE, strlen(PURPOSE));
    buffer_append(&message, payload, len);
    webhook_mac(secrets, which, (struct bytes){message.data, message.len}, mac);
    (void)sodium_bin2base64(ret_text, MAC_TEXT_SIZE, mac, sizeof(mac), BASE64);
    buffer_free(&message);
}

/* ---- writing */

static json_t *items_of(const struct answer_link *link)
{
    json_t *list = json_array();
    for (size_t i = 0; i < link->item_count; i++) {
        const struct answer_link_item *item = &link->items[i];
        json_array_append_new(
            list, json_pack("[s, i, i, i, I, s]", item->code, (int)item->instrument, (int)item->low,
                            (int)item->high, (json_int_t)item->service_case, item->question));
    }
    return list;
}

void answer_link_write(const struct webhook_secrets *secrets, const struct answer_link *link,
                       struct text *out)
{
    char mac[MAC_TEXT_SIZE];
    json_t *json = json_pack("{s:s, s:I, s:s, s:o}", "k", link->key, "u",
                             (json_int_t)(link->until_us / DURATION_S), "l", link->language, "i",
                             items_of(link));
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (!text) {
        return; /* not UTF-8: the link will be refused */
    }
    size_t size = sodium_base64_encoded_len(strlen(text), BASE64);
    char *payload = xcalloc(1, size);
    (void)sodium_bin2base64(payload, size, (const uint8_t *)text, strlen(text), BASE64);
    sign(secrets, 0, payload, strlen(payload), mac);
    text_appendf(out, "%s.%s", payload, mac);
    free(payload);
    free(text);
}

/* ---- reading */

static bool is_signed(const struct webhook_secrets *secrets, const char *token, const char *dot)
{
    char mac[MAC_TEXT_SIZE];
    bool is_right = false;
    for (size_t i = 0; i < secrets->count; i++) {
        sign(secrets, i, token, (size_t)(dot - token), mac);
        is_right |= strlen(dot + 1) == strlen(mac) && sodium_memcmp(dot + 1, mac, strlen(mac)) == 0;
    }
    return is_right;
}

static json_t *open_payload(const char *token, const char *dot)
{
    size_t size = (size_t)(dot - token), len = 0;
    uint8_t *text = xcalloc(1, size + 1);
    json_t *json = NULL;
    if (sodium_base642bin(text, size, token, size, NULL, &len, NULL, BASE64) == 0) {
        json = json_loadb((const char *)text, len, 0, NULL);
    }
    free(text);
    return json;
}

static int get_item(json_t *json, struct answer_link_item *item)
{
    const char *code = NULL, *question = NULL;
    int instrument = 0, low = 0, high = 0;
    json_int_t service_case = 0;
    if (json_unpack(json, "[s, i, i, i, I, s]", &code, &instrument, &low, &high, &service_case,
                    &question) < 0 ||
        !text_copy(item->code, sizeof(item->code), code)) {
        return -1;
    }
    item->instrument = instrument;
    item->low = low;
    item->high = high;
    item->service_case = service_case;
    (void)text_copy(item->question, sizeof(item->question), question);
    return 0;
}

static int get_link(json_t *json, struct answer_link *link)
{
    const char *key = NULL, *language = NULL;
    json_int_t until_s = 0;
    json_t *items = NULL;
    if (json_unpack(json, "{s:s, s:I, s:s, s:o}", "k", &key, "u", &until_s, "l", &language, "i",
                    &items) < 0 ||
        !text_copy(link->key, sizeof(link->key), key) || until_s < 0 ||
        until_s > INT64_MAX / DURATION_S || json_array_size(items) > ANSWER_LINK_ITEMS_MAX) {
        return -1;
    }
    (void)text_copy(link->language, sizeof(link->language), language);
    link->until_us = until_s * DURATION_S;
    for (; link->item_count < json_array_size(items); link->item_count++) {
        if (get_item(json_array_get(items, link->item_count), &link->items[link->item_count]) < 0) {
            return -1;
        }
    }
    return 0;
}

int answer_link_read(const struct webhook_secrets *secrets, const char *token, int64_t now_us,
                     struct answer_link *ret, struct err *err)
{
    struct answer_link link = {.item_count = 0};
    const char *dot = token && strlen(token) <= ANSWER_LINK_TEXT_MAX ? strchr(token, '.') : NULL;
    if (!dot || !is_signed(secrets, token, dot)) {
        return err_set(err, "link_invalid", "this is no link of ours");
    }
    json_t *json = open_payload(token, dot);
    int rc = json ? get_link(json, &link) : -1;
    json_decref(json);
    if (rc < 0) {
        return err_set(err, "link_invalid", "this link cannot be read");
    }
    if (now_us >= link.until_us) {
        return err_set(err, "link_expired", "this link has expired");
    }
    *ret = link;
    return 0;
}
