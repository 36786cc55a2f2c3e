/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulebook.c - load a rulebook.
 *
 * 1. read the file with what it includes -> standard_source.c: one text, which is the version
 * 2. parse that text with libconfig      -> the tree owns the texts of the rules
 * 3. turn the tree into rules            -> rulebook_rules.c, rulebook_limits.c: refuse what is
 *                                           doubtful
 */
#include "common/domain/rulebook.h"

#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/rulebook_read.h"

static const char invalid[] = "rules_invalid";

struct rulebook {
    struct standard_source source;
    char hash[2 * BYTES_DIGEST_LEN + 1];
    config_t tree; /* owns the texts that the content points to */
    struct rulebook_content content;
};

/* ---- the file */

static const struct {
    const char *name;
    int (*read)(const struct standard_reader *r, const config_setting_t *setting,
                struct rulebook_content *ret);
} sections[] = {
    {"limits",   rulebook_read_limits  },
    {"outcomes", rulebook_read_outcomes},
    {"rules",    rulebook_read_rules   },
};

static int check_names(const struct standard_reader *r, const config_setting_t *root)
{
    for (int i = 0; i < config_setting_length(root); i++) {
        const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);
        size_t k = 0;

        while (k < ARRAY_LEN(sections) &&
               strcmp(sections[k].name, config_setting_name(setting)) != 0) {
            k++;
        }
        if (k == ARRAY_LEN(sections)) {
            return standard_read_refuse(
                r, setting, "rules have no such setting, only rules, limits and outcomes");
        }
    }
    return 0;
}

int rulebook_read(const config_t *tree, const struct standard_source *source,
                  struct rulebook_content *c, struct err *err)
{
    const struct standard_reader r = {.path = source->files[0], .source = source, .err = err};
    const config_setting_t *root = config_root_setting(tree);

    if (check_names(&r, root) < 0) {
        return -1;
    }
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        const config_setting_t *setting = config_setting_get_member(root, sections[i].name);

        if (setting && sections[i].read(&r, setting, c) < 0) {
            return -1;
        }
    }
    if (c->rule_count == 0) {
        return err_set_field(err, invalid, "rules", "%s:1: has no rules", source->files[0]);
    }
    return 0;
}

void rulebook_content_free(struct rulebook_content *c)
{
    for (size_t i = 0; i < c->list_count; i++) {
        free(c->lists[i]);
    }
    free(c->lists);
    free(c->rules);
    *c = (struct rulebook_content){.rules = NULL};
}

static struct rulebook *new_rulebook(void)
{
    struct rulebook *b = xcalloc(1, sizeof(*b));

    b->source.unreadable = "rules_unreadable";
    b->source.invalid = invalid;
    config_init(&b->tree);
    rulebook_content_init(&b->content);
    return b;
}

static int parse(struct rulebook *b, struct err *err)
{
    const struct text *text = &b->source.text;
    uint8_t digest[BYTES_DIGEST_LEN];

    if (standard_read_tree(&b->source, &b->tree, err) < 0) {
        return -1;
    }
    bytes_digest((struct bytes){(const uint8_t *)text->data, text->len}, digest);
    bytes_to_hex((struct bytes){digest, sizeof(digest)}, b->hash);
    return rulebook_read(&b->tree, &b->source, &b->content, err);
}

struct rulebook *rulebook_load(const char *path, struct err *err)
{
    struct rulebook *b = new_rulebook();

    if (standard_source_read(&b->source, path, err) < 0 || parse(b, err) < 0) {
        rulebook_free(b);
        return NULL;
    }
    return b;
}

struct rulebook *rulebook_parse(const char *text, const char *name, struct err *err)
{
    struct rulebook *b = new_rulebook();

    if (standard_source_take(&b->source, text, name, err) < 0 || parse(b, err) < 0) {
        rulebook_free(b);
        return NULL;
    }
    return b;
}

void rulebook_free(struct rulebook *b)
{
    if (b) {
        rulebook_content_free(&b->content);
        config_destroy(&b->tree);
        standard_source_free(&b->source);
        free(b);
    }
}

/* ---- what is in it */

const char *rulebook_text(const struct rulebook *b)
{
    return text_or_empty(&b->source.text);
}

const char *rulebook_hash(const struct rulebook *b)
{
    return b->hash;
}

size_t rulebook_rule_count(const struct rulebook *b)
{
    return b->content.rule_count;
}

const struct rulebook_rule *rulebook_rule(const struct rulebook *b, size_t i)
{
    return &b->content.rules[i];
}

const struct rulebook_rule *rulebook_find(const struct rulebook *b, const char *name)
{
    for (size_t i = 0; i < b->content.rule_count; i++) {
        if (strcmp(b->content.rules[i].name, name) == 0) {
            return &b->content.rules[i];
        }
    }
    return NULL;
}

const struct rulebook_limits *rulebook_limits(const struct rulebook *b)
{
    return &b->content.limits;
}

const struct rulebook_outcome *rulebook_outcome(const struct rulebook *b, int32_t outcome)
{
    return outcome > 0 && outcome < RULEBOOK_OUTCOME_COUNT ? &b->content.outcomes[outcome] : NULL;
}

bool rulebook_has_trigger(const struct rulebook *b, int trigger)
{
    for (size_t i = 0; i < b->content.rule_count; i++) {
        if (b->content.rules[i].trigger == trigger) {
            return true;
        }
    }
    return false;
}
