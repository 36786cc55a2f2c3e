/* SPDX-License-Identifier: Apache-2.0 */
/* answer_form.h - what a customer sent from the answer page: application/x-www-form-urlencoded. */
#ifndef TROTH_REPORTING_ANSWER_FORM_H
#define TROTH_REPORTING_ANSWER_FORM_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/runtime/answer_link.h"

enum {
    ANSWER_COMMENT_SIZE = 2000
};

struct answer_form {
    bool has_value[ANSWER_LINK_ITEMS_MAX]; /* by the items of the link */
    int32_t value[ANSWER_LINK_ITEMS_MAX];  /* within the scale of the item */
    char comment[ANSWER_COMMENT_SIZE];     /* UTF-8 */
};

/* Answers to the link's items alone; what is out of scale or unknown is left out. */
void answer_form_read(struct bytes body, const struct answer_link *link, struct answer_form *ret);

/* Nothing was answered. */
bool answer_form_is_empty(const struct answer_form *form, const struct answer_link *link);

#endif
