/* SPDX-License-Identifier: Apache-2.0 */
/* questionnaire_read.h - between the files that read a questionnaire. */
#ifndef TROTH_COMMON_DOMAIN_QUESTIONNAIRE_READ_H
#define TROTH_COMMON_DOMAIN_QUESTIONNAIRE_READ_H

#include <libconfig.h>

#include "common/domain/questionnaire.h"
#include "common/domain/standard_read.h"

struct questionnaire_name_row {
    enum questionnaire_about about;
    const char *value; /* "*": any other */
    struct questionnaire_text text;
};

/* Texts point into the tree; start with {0}. */
struct questionnaire_content {
    const char *languages[QUESTIONNAIRE_LANGUAGES_MAX];
    size_t language_count;
    struct questionnaire_name_row *names;
    size_t name_count;
    struct questionnaire_question *questions;
    size_t question_count;
    struct questionnaire_item *items; /* NULL, or all 22 */
    struct questionnaire_script *scripts;
    size_t script_count;
};

/* Reads a parsed file. *ret is the caller's also after a failure. */
MUST_CHECK int questionnaire_read(const config_t *tree, const struct standard_source *source,
                                  struct questionnaire_content *ret, struct err *err);
void questionnaire_content_free(struct questionnaire_content *c);

/* NULL: none of that value, nor one for any value. */
const char *questionnaire_content_name(const struct questionnaire_content *c,
                                       enum questionnaire_about about, const char *value,
                                       size_t language);

/* ---- parts */

/* What is read so far, and where errors go. */
struct questionnaire_reader {
    struct standard_reader standard;
    struct questionnaire_content *content;
};

/* Refuses members of a group that are not in names, or languages when may_have_texts. */
MUST_CHECK int questionnaire_read_members(const struct questionnaire_reader *r,
                                          const config_setting_t *group, const char *const *names,
                                          size_t count, bool may_have_texts);
/* One text in each language, members of the group; placeholders must have their names. */
MUST_CHECK int questionnaire_read_text(const struct questionnaire_reader *r,
                                       const config_setting_t *group,
                                       struct questionnaire_text *ret);
/* 1 to max groups. */
MUST_CHECK int questionnaire_read_list(const struct questionnaire_reader *r,
                                       const config_setting_t *list, size_t max, size_t *ret_count);
/* A member that must be there; NULL, and err says so. */
const config_setting_t *questionnaire_read_need(const struct questionnaire_reader *r,
                                                const config_setting_t *group, const char *name);
MUST_CHECK int questionnaire_read_bool(const struct questionnaire_reader *r,
                                       const config_setting_t *group, const char *name, bool *ret);
MUST_CHECK int questionnaire_read_whole(const struct questionnaire_reader *r,
                                        const config_setting_t *setting, int min, int max,
                                        int *ret);

/* Sections, in this order: later ones refer to earlier ones. */
MUST_CHECK int questionnaire_read_questions(const struct questionnaire_reader *r,
                                            const config_setting_t *list);
MUST_CHECK int questionnaire_read_servqual(const struct questionnaire_reader *r,
                                           const config_setting_t *list);
MUST_CHECK int questionnaire_read_scripts(const struct questionnaire_reader *r,
                                          const config_setting_t *root);

#endif
