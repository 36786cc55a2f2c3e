/* SPDX-License-Identifier: Apache-2.0 */
/* standard_read.h - between standard.c and standard_read.c alone: what a rule is when it was read.
 */
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

/* Reads all rules of a parsed file; each of them can be reached, and the last one matches
 * everything. Their texts are borrowed from the tree, the array is the caller's (free). path is
 * only named in messages. */
MUST_CHECK int standard_read(const config_t *tree, const char *path,
                             struct standard_rule **ret_rules, size_t *ret_count, struct err *err);

#endif
