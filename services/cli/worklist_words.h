/* SPDX-License-Identifier: Apache-2.0 */
/* worklist_words.h - the words of the worklist's screen, in English and Chinese. Pure. */
#ifndef TROTH_SERVICES_CLI_WORKLIST_WORDS_H
#define TROTH_SERVICES_CLI_WORKLIST_WORDS_H

#include <stdbool.h>

enum worklist_label {
    WORKLIST_LABEL_ORDER = 0,
    WORKLIST_LABEL_CUSTOMER,
    WORKLIST_LABEL_PHONE,
    WORKLIST_LABEL_NO_PHONE,
    WORKLIST_LABEL_SPEAKS,
    WORKLIST_LABEL_WHY,
    WORKLIST_LABEL_NO_CALL,
    WORKLIST_LABEL_LEASE,
    WORKLIST_LABEL_SECONDS,
    WORKLIST_LABEL_SAY,
    WORKLIST_LABEL_ASK,
    WORKLIST_LABEL_ONLY_IF,
    WORKLIST_LABEL_EXPECTED,
    WORKLIST_LABEL_CLOSE,
    WORKLIST_LABEL_STORY,
    WORKLIST_LABEL_NO_STORY,
    WORKLIST_LABEL_NEXT,
    WORKLIST_LABEL_NOTHING,
    WORKLIST_LABEL_TIME,
    WORKLIST_LABEL_KIND,
    WORKLIST_LABEL_NUMBER,
    WORKLIST_LABEL_WHAT,
    WORKLIST_LABEL_STATE,
    WORKLIST_LABEL_DUE,
    WORKLIST_LABEL_COUNT
};

/* Chinese for every "zh..." ; NULL and others are English. */
bool worklist_is_chinese(const char *language);

const char *worklist_label(enum worklist_label label, bool is_chinese);

/* A kind, state, outcome or reason as people say it; the word itself where nothing better is known.
 */
const char *worklist_word(const char *word, bool is_chinese);

#endif
