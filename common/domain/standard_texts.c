/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_texts.c - what a standards file says about texts: the words of categories (triage), and
 * what is nothing but thanks.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/domain/standard_read.h"

enum {
    TRIAGE_MAX = 256,
};

int standard_read_thanks(const struct standard_reader *r, const config_setting_t *list,
                         struct standard_content *ret)
{
    return standard_read_words(r, list, &ret->thanks);
}

static int read_row(const struct standard_reader *r, const config_setting_t *group,
                    struct standard_triage *ret)
{
    if (!config_setting_is_group(group)) {
        return standard_read_refuse(r, group,
                                    "must be a group: { category = \"...\"; words = (...); }");
    }
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(setting);

        if (strcmp(name, "words") == 0) {
            if (standard_read_words(r, setting, &ret->words) < 0) {
                return -1;
            }
        } else if (strcmp(name, "category") != 0) {
            return standard_read_refuse(r, setting, "has no such setting, only category and words");
        } else if (!(ret->category =
                         standard_read_text(r, setting, STANDARD_CONDITION_BYTES_MAX))) {
            return -1;
        }
    }
    if (!ret->category || ret->words.count == 0) {
        return standard_read_refuse(r, group, "needs category and words");
    }
    return 0;
}

static int add_words(const struct standard_reader *r, const config_setting_t *group,
                     struct standard_content *c, size_t row)
{
    for (size_t i = 0; i < c->triage[row].words.count; i++) {
        if (standard_words_add(c->triage_words, c->triage[row].words.texts[i], row) < 0) {
            return standard_read_refuse(r, group, "all words have more than %d bytes together",
                                        (int)STANDARD_WORDS_BYTES_MAX);
        }
    }
    return 0;
}

int standard_read_triage(const struct standard_reader *r, const config_setting_t *list,
                         struct standard_content *ret)
{
    const size_t count = (size_t)config_setting_length(list);

    if (!config_setting_is_list(list) || count > TRIAGE_MAX) {
        return standard_read_refuse(r, list, "must be a list of at most %d: ( { ... }, { ... } )",
                                    (int)TRIAGE_MAX);
    }
    if (count == 0) {
        return 0;
    }
    ret->triage = xcalloc(count, sizeof(*ret->triage));
    ret->triage_count = count;
    ret->triage_words = standard_words_new();
    for (size_t i = 0; i < count; i++) {
        const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);

        if (read_row(r, group, &ret->triage[i]) < 0 || add_words(r, group, ret, i) < 0) {
            return -1;
        }
    }
    standard_words_build(ret->triage_words);
    return 0;
}
