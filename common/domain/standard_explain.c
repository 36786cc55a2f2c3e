/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/standard_explain.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/standard_match.h"

static void append_word(struct text *t, const char *word)
{
    text_appendf(t, "%s\"%s\"", t->len > 0 ? ", " : "", word);
}

static char *all_words(const struct standard_list *words)
{
    struct text t = {.data = NULL};

    for (size_t i = 0; i < words->count; i++) {
        append_word(&t, words->texts[i]);
    }
    return t.data;
}

/* Each word alone, for few are asked. */
static char *found_words(const struct standard_list *words, const struct standard_request *request)
{
    struct text t = {.data = NULL};

    for (size_t i = 0; i < words->count; i++) {
        struct standard_words *one = standard_words_new();
        struct standard_word_set found = {{0}};

        if (standard_words_add(one, words->texts[i], 0) == 0) {
            standard_words_build(one);
            for (size_t k = 0; k < request->text_count; k++) {
                standard_words_find(one, request->texts[k] ? request->texts[k] : "", &found);
            }
        }
        if (standard_word_set_has(&found, 0)) {
            append_word(&t, words->texts[i]);
        }
        standard_words_free(one);
    }
    return t.data;
}

static char *number_text(int number)
{
    struct text t = {.data = NULL};

    text_appendf(&t, "%d", number);
    return t.data;
}

static void fill(const struct standard_rule *rule, const struct standard_request *request,
                 struct standard_verdict *v)
{
    if (!v->condition) {
        v->wanted = found_words(&rule->words, request);
        return;
    }
    if (strcmp(v->condition, "words") == 0) {
        v->wanted = all_words(&rule->words);
        return;
    }
    for (unsigned i = 0; i < STANDARD_CONDITION_COUNT; i++) {
        const enum standard_condition condition = (enum standard_condition)i;

        if (strcmp(v->condition, standard_condition_name(condition)) == 0) {
            const char *found = standard_match_value(request, condition);

            v->wanted = xstrdup(rule->conditions[i]);
            v->found = text_is_empty(found) ? NULL : xstrdup(found);
            return;
        }
    }
    v->wanted = number_text(rule->asked_priority);
    v->found = request->asked_priority ? number_text(request->asked_priority) : NULL;
}

static const char *known_tier(const struct standard_content *c, const char *known_rule)
{
    for (size_t i = 0; i < c->rule_count && !text_is_empty(known_rule); i++) {
        if (strcmp(c->rules[i].decision.rule, known_rule) == 0) {
            return c->rules[i].conditions[STANDARD_TIER];
        }
    }
    return NULL;
}

void standard_explain(const struct standard *s, const struct standard_request *request,
                      struct standard_explanation *ret)
{
    const struct standard_content *c = standard_content(s);
    struct standard_request known = *request;
    struct standard_match m = {.content = c, .request = &known};

    if (text_is_empty(known.tier)) {
        known.tier = known_tier(c, known.known_rule);
    }
    *ret =
        (struct standard_explanation){.verdicts = xcalloc(c->rule_count, sizeof(*ret->verdicts))};
    standard_decide(s, &known, &ret->decision);
    do {
        struct standard_verdict *v = &ret->verdicts[ret->count];

        v->rule = c->rules[ret->count].decision.rule;
        v->condition = standard_match_unmet(&m, ret->count);
        fill(&c->rules[ret->count], &known, v);
        ret->count++;
    } while (ret->verdicts[ret->count - 1].condition && ret->count < c->rule_count);
}

void standard_explain_free(struct standard_explanation *e)
{
    for (size_t i = 0; i < e->count; i++) {
        free(e->verdicts[i].wanted);
        free(e->verdicts[i].found);
    }
    free(e->verdicts);
    *e = (struct standard_explanation){.verdicts = NULL};
}
