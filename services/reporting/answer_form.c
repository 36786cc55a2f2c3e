/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/answer_form.h"

#include <string.h>

static bool decode(const char *from, size_t len, struct text *out)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)from[i];
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            char hex[3] = {0};
            if (len - i < 3) {
                return false;
            }
            memcpy(hex, from + i + 1, 2);
            if (bytes_from_hex(hex, &byte, 1) < 0) {
                return false;
            }
            i += 2;
        }
        text_append_len(out, (const char *)&byte, 1);
    }
    return true;
}

bool answer_form_field(struct bytes body, const char *name, struct text *out)
{
    const char *at = (const char *)body.data, *end = at ? at + body.len : NULL;
    size_t name_len = strlen(name);
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        if (len > name_len && at[name_len] == '=' && memcmp(at, name, name_len) == 0) {
            return decode(at + name_len + 1, len - name_len - 1, out) &&
                   text_is_utf8(bytes_of_text(text_or_empty(out))) &&
                   strlen(text_or_empty(out)) == out->len;
        }
        at += len + 1;
    }
    return false;
}

static void read_value(struct bytes body, const struct answer_link_item *item, bool *ret_has,
                       int32_t *ret_value)
{
    char name[ANSWER_LINK_CODE_SIZE + 2];
    struct text text = {0};
    int64_t value;
    (void)text_format(name, sizeof(name), "q_%s", item->code);
    if (answer_form_field(body, name, &text) &&
        text_to_int64(text_or_empty(&text), item->low, item->high, &value) == 0) {
        *ret_has = true;
        *ret_value = (int32_t)value;
    }
    text_free(&text);
}

void answer_form_read(struct bytes body, const struct answer_link *link, struct answer_form *ret)
{
    struct answer_form form = {.comment = ""};
    struct text comment = {0};
    for (size_t i = 0; i < link->item_count; i++) {
        read_value(body, &link->items[i], &form.has_value[i], &form.value[i]);
    }
    if (answer_form_field(body, "comment", &comment)) {
        const char *text = text_or_empty(&comment);
        (void)text_copy(form.comment, sizeof(form.comment), text + strspn(text, " \r\n\t"));
    }
    text_free(&comment);
    *ret = form;
}

bool answer_form_is_empty(const struct answer_form *form, const struct answer_link *link)
{
    for (size_t i = 0; i < link->item_count; i++) {
        if (form->has_value[i]) {
            return false;
        }
    }
    return form->comment[0] == '\0';
}
