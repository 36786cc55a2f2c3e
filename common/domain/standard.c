/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard.c - load a standards file, and decide by its first rule that matches.
 *
 * 1. read the file with what it includes -> standard_source.c: one text, which is the version
 * 2. parse that text with libconfig      -> the tree owns the texts of the rules
 * 3. turn the tree into rules            -> standard_read.c and its parts: refuse what is doubtful
 */
#include "common/domain/standard.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/calendar_read.h"
#include "common/domain/standard_match.h"
#include "common/domain/standard_read.h"
#include "common/domain/standard_thanks.h"

struct standard {
    struct standard_source source;
    char hash[2 * BYTES_DIGEST_LEN + 1];
    config_t tree; /* owns the texts that the content points to */
    struct standard_content content;
};

/* ---- the file */

static int parse(struct standard *s, struct err *err)
{
    const struct text *text = &s->source.text;
    uint8_t digest[BYTES_DIGEST_LEN];

    if (standard_read_tree(&s->source, &s->tree, err) < 0) {
        return -1;
    }
    bytes_digest((struct bytes){(const uint8_t *)text->data, text->len}, digest);
    bytes_to_hex((struct bytes){digest, sizeof(digest)}, s->hash);
    return standard_read(&s->tree, &s->source, &s->content, err);
}

static struct standard *new_standard(void)
{
    struct standard *s = xcalloc(1, sizeof(*s));

    config_init(&s->tree);
    return s;
}

struct standard *standard_load(const char *path, struct err *err)
{
    struct standard *s = new_standard();

    if (standard_source_read(&s->source, path, err) < 0 || parse(s, err) < 0) {
        standard_free(s);
        return NULL;
    }
    return s;
}

struct standard *standard_parse(const char *text, const char *name, struct err *err)
{
    struct standard *s = new_standard();

    if (standard_source_take(&s->source, text, name, err) < 0 || parse(s, err) < 0) {
        standard_free(s);
        return NULL;
    }
    return s;
}

void standard_free(struct standard *s)
{
    if (s) {
        standard_content_free(&s->content);
        config_destroy(&s->tree);
        standard_source_free(&s->source);
        free(s);
    }
}

/* ---- deciding */

static void answer(const struct standard *s, size_t rule, const char *branch,
                   struct standard_decision *ret)
{
    const struct standard_rule *r = &s->content.rules[rule];

    *ret = r->decision;
    for (size_t i = 0; i < ret->promise_count; i++) {
        if (r->is_by_branch[i]) {
            ret->promises[i].calendar = calendar_book_of_branch(s->content.calendars, branch);
        }
    }
}

void standard_decide(const struct standard *s, const struct standard_request *request,
                     struct standard_decision *ret)
{
    struct standard_match m = {.content = &s->content, .request = request};
    size_t i = 0;

    while (i + 1 < s->content.rule_count && standard_match_unmet(&m, i)) {
        i++; /* the last one matches everything, which was checked when it was read */
    }
    answer(s, i, request->branch, ret);
}

bool standard_find_rule(const struct standard *s, const char *rule, const char *branch,
                        struct standard_decision *ret)
{
    for (size_t i = 0; i < s->content.rule_count; i++) {
        if (strcmp(s->content.rules[i].decision.rule, rule) == 0) {
            answer(s, i, branch, ret);
            return true;
        }
    }
    return false;
}

const struct standard_promise *standard_decision_find(const struct standard_decision *d,
                                                      const char *kind)
{
    for (size_t i = 0; i < d->promise_count; i++) {
        if (strcmp(d->promises[i].kind, kind) == 0) {
            return &d->promises[i];
        }
    }
    return NULL;
}

bool standard_find_promise(const struct standard *s, const char *rule, const char *kind,
                           const char *branch, struct standard_promise *ret)
{
    struct standard_decision decision;
    const struct standard_promise *found = NULL;

    if (standard_find_rule(s, rule, branch, &decision)) {
        found = standard_decision_find(&decision, kind);
    }
    if (found) {
        *ret = *found;
    }
    return found != NULL;
}

bool standard_needs_tier(const struct standard *s)
{
    for (size_t i = 0; i < s->content.rule_count; i++) {
        if (s->content.rules[i].conditions[STANDARD_TIER]) {
            return true;
        }
    }
    return false;
}

bool standard_needs_texts(const struct standard *s)
{
    return s->content.rule_words != NULL;
}

/* ---- texts */

const char *standard_category_by_words(const struct standard *s, const char *const *texts,
                                       size_t count)
{
    const struct standard_content *c = &s->content;
    struct standard_word_set found = {{0}};

    for (size_t i = 0; i < count && c->triage_words; i++) {
        if (texts[i]) {
            standard_words_find(c->triage_words, texts[i], &found);
        }
    }
    for (size_t i = 0; i < c->triage_count; i++) {
        if (standard_word_set_has(&found, i)) {
            return c->triage[i].category;
        }
    }
    return NULL;
}

bool standard_is_thanks(const struct standard *s, const char *const *texts, size_t count)
{
    return standard_thanks_is_all(&s->content.thanks, texts, count);
}

/* ---- the rest */

const struct standard_content *standard_content(const struct standard *s)
{
    return &s->content;
}

const struct calendar_book *standard_calendars(const struct standard *s)
{
    return s->content.calendars;
}

const struct standard_identity *standard_identity(const struct standard *s)
{
    return &s->content.identity;
}

const struct standard_dedup *standard_dedup_next(const struct standard *s,
                                                 const struct standard_request *request,
                                                 const struct standard_dedup *after)
{
    bool is_after = after == NULL;

    for (size_t i = 0; i < s->content.dedup_count; i++) {
        const struct standard_dedup_rule *rule = &s->content.dedup[i];

        if (is_after &&
            standard_match_conditions(rule->conditions, request) == STANDARD_CONDITION_COUNT) {
            return &rule->dedup;
        }
        is_after = is_after || &rule->dedup == after;
    }
    return NULL;
}

int standard_hops_max(const struct standard *s)
{
    return s->content.hops_max;
}

const char *standard_hash(const struct standard *s)
{
    return s->hash;
}

const char *standard_text(const struct standard *s)
{
    return s->source.text.data;
}
