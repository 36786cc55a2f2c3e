/* SPDX-License-Identifier: Apache-2.0 */
/* standard_read.h - between the files that read a standard: what is needed everywhere. */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_READ_H
#define TROTH_COMMON_DOMAIN_STANDARD_READ_H

#include <stddef.h>

#include <libconfig.h>

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "common/domain/standard_content.h"
#include "common/domain/standard_source.h"

enum {
    STANDARD_NAME_BYTES_MAX = 64,
    STANDARD_CONDITION_BYTES_MAX = 128, /* the longest that a contact may carry: its category */
};

/* Parses the text into a tree that config_init() has seen; the caller destroys it. */
MUST_CHECK int standard_read_tree(const struct standard_source *source, config_t *ret_tree,
                                  struct err *err);

/* Reads a parsed file. *ret is the caller's also after a failure: standard_content_free(). */
MUST_CHECK int standard_read(const config_t *tree, const struct standard_source *source,
                             struct standard_content *ret, struct err *err);
void standard_content_free(struct standard_content *c);

/* ---- single settings */

struct standard_reader {
    const char *path;                     /* for messages, when there is no source */
    const struct standard_source *source; /* where lines come from; NULL: all from path */
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
MUST_CHECK int standard_read_priority(const struct standard_reader *r,
                                      const config_setting_t *setting, int *ret);
/* More than 0 and at most max_days. */
MUST_CHECK int standard_read_duration(const struct standard_reader *r,
                                      const config_setting_t *setting, int max_days, int64_t *ret);
/* At least one name; the caller frees the array, also after a failure. */
MUST_CHECK int standard_read_names(const struct standard_reader *r, const config_setting_t *list,
                                   struct standard_list *ret);
/* The same of words to be looked for in texts. */
MUST_CHECK int standard_read_words(const struct standard_reader *r, const config_setting_t *list,
                                   struct standard_list *ret);
/* Is it the name of one of the first count conditions? */
bool standard_read_is_condition(const char *name, enum standard_condition count);
/* By the setting's name; "*" is no condition. */
MUST_CHECK int standard_read_condition(const struct standard_reader *r,
                                       const config_setting_t *setting,
                                       const char *conditions[STANDARD_CONDITION_COUNT]);

/* ---- sections: each reads one setting of the file. Rules come last: they refer to the others. */

MUST_CHECK int standard_read_identity(const struct standard_reader *r,
                                      const config_setting_t *group, struct standard_content *ret);
MUST_CHECK int standard_read_dedup(const struct standard_reader *r, const config_setting_t *list,
                                   struct standard_content *ret);
MUST_CHECK int standard_read_hops_max(const struct standard_reader *r,
                                      const config_setting_t *setting,
                                      struct standard_content *ret);
MUST_CHECK int standard_read_escalation(const struct standard_reader *r,
                                        const config_setting_t *list, struct standard_content *ret);
MUST_CHECK int standard_read_renegotiators(const struct standard_reader *r,
                                           const config_setting_t *list,
                                           struct standard_content *ret);
MUST_CHECK int standard_read_thanks(const struct standard_reader *r, const config_setting_t *list,
                                    struct standard_content *ret);
MUST_CHECK int standard_read_triage(const struct standard_reader *r, const config_setting_t *list,
                                    struct standard_content *ret);
MUST_CHECK int standard_read_rules(const struct standard_reader *r, const config_setting_t *list,
                                   struct standard_content *ret);

/* ---- parts of rules */

/* The promises of a rule; calendars are those of the standard. */
MUST_CHECK int standard_read_promises(const struct standard_reader *r, const config_setting_t *list,
                                      const struct calendar_book *calendars,
                                      struct standard_rule *ret_rule);
/* Into an empty ladder; renegotiators are left alone. */
MUST_CHECK int standard_read_ladder(const struct standard_reader *r, const config_setting_t *list,
                                    struct standard_ladder *ret);
/* The steps that every ladder has. */
void standard_ladder_set_usual(struct standard_ladder *ladder);

#endif
