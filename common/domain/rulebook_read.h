/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook_read.h - between the files that read a rulebook. */
#ifndef TROTH_COMMON_DOMAIN_RULEBOOK_READ_H
#define TROTH_COMMON_DOMAIN_RULEBOOK_READ_H

#include <stddef.h>

#include <libconfig.h>

#include "common/base/compiler.h"
#include "common/domain/rulebook.h"
#include "common/domain/rulebook_words.h"
#include "common/domain/standard_read.h"

/* All that a rulebook says. Start with rulebook_content_init(); texts are borrowed from the tree.
 */
struct rulebook_content {
    struct rulebook_rule *rules;
    size_t rule_count;
    struct rulebook_limits limits;
    struct rulebook_outcome outcomes[RULEBOOK_OUTCOME_COUNT];
    const char ***lists; /* the arrays behind the rules' lists */
    size_t list_count;
};

/* The usual limits and outcomes. */
void rulebook_content_init(struct rulebook_content *c);
void rulebook_content_free(struct rulebook_content *c);

/* Reads a parsed file. *c is the caller's also after a failure. */
MUST_CHECK int rulebook_read(const config_t *tree, const struct standard_source *source,
                             struct rulebook_content *c, struct err *err);

/* ---- sections: each reads one setting of the file */

MUST_CHECK int rulebook_read_limits(const struct standard_reader *r, const config_setting_t *group,
                                    struct rulebook_content *ret);
MUST_CHECK int rulebook_read_outcomes(const struct standard_reader *r, const config_setting_t *list,
                                      struct rulebook_content *ret);
MUST_CHECK int rulebook_read_rules(const struct standard_reader *r, const config_setting_t *list,
                                   struct rulebook_content *ret);
/* The term of a rule that has this name; ret_rule's trigger is known. RULEBOOK_TERM_COUNT: there is
 * no such term. */
unsigned rulebook_find_term(const char *name);
MUST_CHECK int rulebook_read_term(const struct standard_reader *r, const config_setting_t *setting,
                                  struct rulebook_content *content, struct rulebook_rule *ret_rule);
/* After the last term: those that belong together. */
MUST_CHECK int rulebook_check_terms(const struct standard_reader *r, const config_setting_t *group,
                                    const struct rulebook_rule *rule);

/* ---- single settings */

/* A name of rules, topics, scripts. */
MUST_CHECK int rulebook_read_name(const struct standard_reader *r, const config_setting_t *setting,
                                  const char **ret);
MUST_CHECK int rulebook_read_count(const struct standard_reader *r, const config_setting_t *setting,
                                   int min, int max, int *ret);
/* Whole or with a fraction. */
MUST_CHECK int rulebook_read_number(const struct standard_reader *r,
                                    const config_setting_t *setting, double *ret);
MUST_CHECK int rulebook_read_flag(const struct standard_reader *r, const config_setting_t *setting,
                                  bool *ret);
/* A word of that list; says which there are. */
MUST_CHECK int rulebook_read_word(const struct standard_reader *r, const config_setting_t *setting,
                                  enum rulebook_word_list list, int32_t *ret);
/* Like standard_read_duration(), and "0". */
MUST_CHECK int rulebook_read_span(const struct standard_reader *r, const config_setting_t *setting,
                                  int max_days, int64_t *ret_us);
/* "09:30": minutes since midnight. */
MUST_CHECK int rulebook_read_minute(const struct standard_reader *r,
                                    const config_setting_t *setting, int *ret);

#endif
