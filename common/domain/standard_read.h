/* SPDX-License-Identifier: Apache-2.0 */
/* standard_read.h - between the files of the standard alone: what it is when it was read. */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_READ_H
#define TROTH_COMMON_DOMAIN_STANDARD_READ_H

#include <stddef.h>

#include <libconfig.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/standard.h"

enum standard_condition {
    STANDARD_KIND,
    STANDARD_CATEGORY,
    STANDARD_CHANNEL,
    STANDARD_BRANCH,
    STANDARD_CONDITION_COUNT,
};

struct standard_rule {
    const char *conditions[STANDARD_CONDITION_COUNT]; /* NULL: any */
    struct standard_decision decision;
};

struct standard_dedup_rule {
    const char *conditions[STANDARD_CONDITION_COUNT]; /* NULL: any */
    struct standard_dedup dedup;
};

/* Arrays are the owner's (free); texts are borrowed from the tree. */
struct standard_content {
    struct standard_rule *rules; /* each can be reached, the last one matches everything */
    size_t rule_count;
    struct standard_identity identity;
    struct standard_dedup_rule *dedup;
    size_t dedup_count;
    int hops_max;
};

/* Reads a parsed file. path is only named in messages. *ret is the caller's also after a failure:
 * standard_content_free(). */
MUST_CHECK int standard_read(const config_t *tree, const char *path, struct standard_content *ret,
                             struct err *err);
void standard_content_free(struct standard_content *c);

/* ---- for reading: what is needed everywhere */

struct standard_reader {
    const char *path; /* for messages */
    struct err *err;
};

/* Sets err with file, line and path of the setting. Returns -1. */
int standard_read_refuse(const struct standard_reader *r, const config_setting_t *setting,
                         const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A text of 1 to max bytes, borrowed from the tree; NULL when it is none, and err says why. */
const char *standard_read_text(const struct standard_reader *r, const config_setting_t *setting,
                               size_t max);
/* Lower-case letters, digits and '_'. */
MUST_CHECK int standard_read_name(const struct standard_reader *r, const config_setting_t *setting,
                                  const char **ret);
/* Is it the name of a condition: kind, category, channel, branch? */
bool standard_read_is_condition(const char *name);
/* By the setting's name; "*" is no condition. */
MUST_CHECK int standard_read_condition(const struct standard_reader *r,
                                       const config_setting_t *setting,
                                       const char *conditions[STANDARD_CONDITION_COUNT]);

/* The sections beside the rules (standard_sections.c). */
MUST_CHECK int standard_read_identity(const struct standard_reader *r,
                                      const config_setting_t *group, struct standard_content *ret);
MUST_CHECK int standard_read_dedup(const struct standard_reader *r, const config_setting_t *list,
                                   struct standard_content *ret);
MUST_CHECK int standard_read_hops_max(const struct standard_reader *r,
                                      const config_setting_t *setting,
                                      struct standard_content *ret);

#endif
