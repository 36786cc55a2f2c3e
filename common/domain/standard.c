/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard.c - load a standards file, and decide by its first rule that matches.
 *
 * 1. read the whole file               -> its bytes are kept: they are the version
 * 2. parse those bytes with libconfig  -> the tree owns the texts of the rules
 * 3. turn the tree into rules          -> standard_read.c, standard_sections.c: refuse what is
 *                                         doubtful
 *
 * @include is refused: the hash would not cover what stands in another file.
 */
#include "common/domain/standard.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/standard_read.h"

enum {
    FILE_BYTES_MAX = 1024 * 1024
};

struct standard {
    struct text text;
    char hash[2 * BYTES_DIGEST_LEN + 1];
    config_t tree; /* owns the texts that the rules point to */
    struct standard_content content;
};

/* ---- the file */

/* Keeps the bytes as they are; a NUL, or what is not UTF-8, would not survive in the database. */
static int read_file(const char *path, struct text *ret_text, struct err *err)
{
    static const char code[] = "standard_unreadable";
    char block[4096];
    FILE *file = fopen(path, "re");
    size_t len;
    int rc = 0;

    if (!file) {
        return err_set(err, code, "%s: %s", path, strerror(errno));
    }
    do {
        len = fread(block, 1, sizeof(block), file);
        text_append_len(ret_text, block, len);
    } while (len > 0 && ret_text->len <= FILE_BYTES_MAX);
    if (ferror(file)) {
        rc = err_set(err, code, "%s: %s", path, strerror(errno));
    } else if (ret_text->len > FILE_BYTES_MAX) {
        rc = err_set(err, code, "%s: is larger than %d bytes", path, (int)FILE_BYTES_MAX);
    } else if (!text_is_utf8((struct bytes){(const uint8_t *)ret_text->data, ret_text->len})) {
        rc = err_set(err, code, "%s: is not UTF-8 text", path);
    }
    (void)fclose(file); /* it was only read */
    return rc;
}

/* Returns the number of the first line that includes another file, or 0. */
static unsigned find_include(const char *text)
{
    unsigned number = 1;

    for (const char *line = text; line; number++) {
        if (strncmp(line + strspn(line, " \t"), "@include", strlen("@include")) == 0) {
            return number;
        }
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return 0;
}

static int parse(struct standard *s, const char *path, struct err *err)
{
    static const char code[] = "standard_invalid";
    unsigned include_line = find_include(s->text.data);

    if (include_line > 0) {
        return err_set(err, code, "%s:%u: @include is not possible: a standard is one file", path,
                       include_line);
    }
    if (config_read_string(&s->tree, s->text.data) != CONFIG_TRUE) {
        return err_set(err, code, "%s:%d: %s", path, config_error_line(&s->tree),
                       config_error_text(&s->tree));
    }
    return standard_read(&s->tree, path, &s->content, err);
}

struct standard *standard_load(const char *path, struct err *err)
{
    struct standard *s = xcalloc(1, sizeof(*s));
    uint8_t digest[BYTES_DIGEST_LEN];

    config_init(&s->tree);
    if (read_file(path, &s->text, err) < 0 || parse(s, path, err) < 0) {
        standard_free(s);
        return NULL;
    }
    bytes_digest((struct bytes){(const uint8_t *)s->text.data, s->text.len}, digest);
    bytes_to_hex((struct bytes){digest, sizeof(digest)}, s->hash);
    return s;
}

void standard_free(struct standard *s)
{
    if (s) {
        standard_content_free(&s->content);
        config_destroy(&s->tree);
        text_free(&s->text);
        free(s);
    }
}

/* ---- deciding */

static bool matches(const char *const conditions[STANDARD_CONDITION_COUNT],
                    const struct standard_request *request)
{
    const char *const values[STANDARD_CONDITION_COUNT] = {
        [STANDARD_KIND] = request->kind,
        [STANDARD_CATEGORY] = request->category,
        [STANDARD_CHANNEL] = request->channel,
        [STANDARD_BRANCH] = request->branch,
    };
    for (size_t i = 0; i < STANDARD_CONDITION_COUNT; i++) {
        const char *wanted = conditions[i];

        if (wanted && (!values[i] || strcmp(wanted, values[i]) != 0)) {
            return false;
        }
    }
    return true;
}

void standard_decide(const struct standard *s, const struct standard_request *request,
                     struct standard_decision *ret)
{
    const struct standard_content *c = &s->content;
    size_t i = 0;

    while (i + 1 < c->rule_count && !matches(c->rules[i].conditions, request)) {
        i++; /* the last one matches everything, which was checked when it was read */
    }
    *ret = c->rules[i].decision;
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

        if (is_after && matches(rule->conditions, request)) {
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
    return s->text.data;
}
