/* SPDX-License-Identifier: Apache-2.0 */
/* model_words.h - the fitted models in words: what each is, what counts without it, what its
 * numbers mean. */
#ifndef TROTH_SERVICES_CLI_MODEL_WORDS_H
#define TROTH_SERVICES_CLI_MODEL_WORDS_H

#include <stddef.h>

struct model_words {
    const char *name; /* as it is stored */
    const char *title;
    const char *fallback;   /* what counts when no fit of it is in force */
    const char *made_by;    /* the command that fits it */
    const char *parameters; /* their names in the order of the formula, parted by blanks */
};

/* In the order in which they are shown; ended by a NULL name. */
extern const struct model_words model_words[];

/* NULL: there is no such model. */
const struct model_words *model_words_of(const char *name);

/* What is measured on history that was kept aside; ended by a NULL name. */
struct holdout_words {
    const char *name, *meaning;
};
extern const struct holdout_words holdout_words[];

#endif
