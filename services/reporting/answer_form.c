/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/answer_form.h"

#include <string.h>

#include "services/reporting/form_field.h"

static void read_value(struct bytes body, const struct answer_link_item *item, bool *ret_has,
                       int32_t *ret_value)
{
    char name[ANSWER_LINK_CODE_SIZE + 2];
    struct text text = {0};
    int64_t value;
    (void)text_format(name, sizeof(name), "q_%s", item->code);
    if (form_field(body, name, &text) &&
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
    if (form_field(body, "comment", &comment)) {
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
