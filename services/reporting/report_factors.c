/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_factors.h"

#include <string.h>

#include "common/base/text.h"

static const char *const factors[] = {"product", "price", "channel", "competitor"};

/* A part of the setting, without the blanks around it. */
struct span {
    const char *text;
    size_t len;
};

/* Takes what stands before the next end (or all of it) off the front; false: nothing is left. */
static bool take(struct span *rest, char end, struct span *ret)
{
    const char *at = rest->len > 0 ? memchr(rest->text, end, rest->len) : NULL;
    struct span part = {.text = rest->text, .len = at ? (size_t)(at - rest->text) : rest->len};

    if (rest->len == 0) {
        return false;
    }
    rest->text += part.len + (at != NULL);
    rest->len -= part.len + (at != NULL);
    while (part.len > 0 && part.text[0] == ' ') {
        part.text++;
        part.len--;
    }
    while (part.len > 0 && part.text[part.len - 1] == ' ') {
        part.len--;
    }
    *ret = part;
    return true;
}

static bool is(struct span s, const char *text, size_t len)
{
    return s.len == len && memcmp(s.text, text, len) == 0;
}

static struct span span_of(const char *text)
{
    return (struct span){.text = text, .len = text ? strlen(text) : 0};
}

/* How many times the category stands in the setting; *ret_factor is where it did last. */
static size_t find(const char *setting, struct span category, struct span *ret_factor)
{
    struct span rest = span_of(setting), line, factor, word;
    size_t count = 0;

    while (take(&rest, ';', &line)) {
        if (!take(&line, ':', &factor)) {
            continue;
        }
        while (take(&line, ',', &word)) {
            if (word.len > 0 && is(word, category.text, category.len)) {
                *ret_factor = factor;
                count++;
            }
        }
    }
    return count;
}

static bool is_factor(struct span s)
{
    for (size_t i = 0; i < ARRAY_LEN(factors); i++) {
        if (is(s, factors[i], strlen(factors[i]))) {
            return true;
        }
    }
    return false;
}

int report_factors_check(const char *setting, struct err *err)
{
    struct span rest = span_of(setting), line, factor, word, where;

    while (take(&rest, ';', &line)) {
        const bool has_colon = line.len > 0 && memchr(line.text, ':', line.len) != NULL;
        if (line.len == 0) {
            continue;
        }
        if (!has_colon || !take(&line, ':', &factor) || !is_factor(factor)) {
            return err_set_field(err, "setting_invalid", "factors",
                                 "written \"product: brakes, engine; price: invoice\"; the factors "
                                 "are product, price, channel, competitor");
        }
        while (take(&line, ',', &word)) {
            if (word.len > 0 && find(setting, word, &where) > 1) {
                return err_set_field(err, "setting_invalid", "factors",
                                     "a category belongs to one factor: %.*s", (int)word.len,
                                     word.text);
            }
        }
    }
    return 0;
}

void report_factor_of(const struct report_frame *frame, const char *category,
                      char ret_factor[REPORT_VALUE_SIZE])
{
    struct span factor;

    if (find(frame->options->factors, span_of(category), &factor) > 0) {
        (void)text_format(ret_factor, REPORT_VALUE_SIZE, "%.*s", (int)factor.len, factor.text);
    } else {
        (void)text_copy(ret_factor, REPORT_VALUE_SIZE, "other");
    }
}
