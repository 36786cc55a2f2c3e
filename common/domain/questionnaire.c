/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/questionnaire.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libconfig.h>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/questionnaire_read.h"

struct questionnaire {
    struct standard_source source;
    char hash[2 * BYTES_DIGEST_LEN + 1];
    config_t tree; /* owns the texts that the content points to */
    struct questionnaire_content content;
};

static struct questionnaire *new_questionnaire(void)
{
    struct questionnaire *q = xcalloc(1, sizeof(*q));
    config_init(&q->tree);
    q->source.unreadable = "questionnaire_unreadable";
    q->source.invalid = "questionnaire_invalid";
    return q;
}

static int parse(struct questionnaire *q, struct err *err)
{
    const struct text *text = &q->source.text;
    uint8_t digest[BYTES_DIGEST_LEN];
    if (standard_read_tree(&q->source, &q->tree, err) < 0) {
        return -1;
    }
    bytes_digest((struct bytes){(const uint8_t *)text->data, text->len}, digest);
    bytes_to_hex((struct bytes){digest, sizeof(digest)}, q->hash);
    return questionnaire_read(&q->tree, &q->source, &q->content, err);
}

struct questionnaire *questionnaire_load(const char *path, struct err *err)
{
    struct questionnaire *q = new_questionnaire();
    if (standard_source_read(&q->source, path, err) < 0 || parse(q, err) < 0) {
        questionnaire_free(q);
        return NULL;
    }
    return q;
}

struct questionnaire *questionnaire_parse(const char *text, const char *name, struct err *err)
{
    struct questionnaire *q = new_questionnaire();
    if (standard_source_take(&q->source, text, name, err) < 0 || parse(q, err) < 0) {
        questionnaire_free(q);
        return NULL;
    }
    return q;
}

void questionnaire_free(struct questionnaire *q)
{
    if (q) {
        questionnaire_content_free(&q->content);
        config_destroy(&q->tree);
        standard_source_free(&q->source);
        free(q);
    }
}

const char *questionnaire_text(const struct questionnaire *q)
{
    return text_or_empty(&q->source.text);
}

const char *questionnaire_hash(const struct questionnaire *q)
{
    return q->hash;
}

/* ---- languages */

size_t questionnaire_language_count(const struct questionnaire *q)
{
    return q->content.language_count;
}

const char *questionnaire_language(const struct questionnaire *q, size_t i)
{
    return q->content.languages[i];
}

static bool find_language(const struct questionnaire *q, const char *tag, size_t len, size_t *ret)
{
    for (size_t i = 0; i < q->content.language_count; i++) {
        const char *language = q->content.languages[i];
        if (strlen(language) == len && strncasecmp(language, tag, len) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

size_t questionnaire_language_for(const struct questionnaire *q, const char *tag)
{
    size_t found = 0;
    size_t len = tag ? strlen(tag) : 0;
    while (len > 0 && !find_language(q, tag, len, &found)) {
        do { /* without its last part; some write '_' for '-' */
            len--;
        } while (len > 0 && tag[len] != '-' && tag[len] != '_');
    }
    return found;
}

/* ---- the rest */

size_t questionnaire_question_count(const struct questionnaire *q)
{
    return q->content.question_count;
}

const struct questionnaire_question *questionnaire_question(const struct questionnaire *q, size_t i)
{
    return &q->content.questions[i];
}

const struct questionnaire_item *questionnaire_item(const struct questionnaire *q, int item)
{
    return q->content.items ? &q->content.items[item - 1] : NULL;
}

size_t questionnaire_script_count(const struct questionnaire *q)
{
    return q->content.script_count;
}

const struct questionnaire_script *questionnaire_script(const struct questionnaire *q, size_t i)
{
    return &q->content.scripts[i];
}

const struct questionnaire_script *questionnaire_find_script(const struct questionnaire *q,
                                                             const char *name)
{
    for (size_t i = 0; i < q->content.script_count; i++) {
        if (strcmp(q->content.scripts[i].name, name) == 0) {
            return &q->content.scripts[i];
        }
    }
    return NULL;
}

const char *questionnaire_name(const struct questionnaire *q, enum questionnaire_about about,
                               const char *value, size_t language)
{
    return questionnaire_content_name(&q->content, about, value, language);
}

const char *questionnaire_about_name(enum questionnaire_about about)
{
    static const char *const names[QUESTIONNAIRE_ABOUT_COUNT] = {
        [QUESTIONNAIRE_BRANCH] = "branch",     [QUESTIONNAIRE_PROMISE] = "promise",
        [QUESTIONNAIRE_CATEGORY] = "category", [QUESTIONNAIRE_RULE] = "rule",
        [QUESTIONNAIRE_STANDARD] = "standard",
    };
    return names[about];
}
