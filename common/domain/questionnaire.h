/* SPDX-License-Identifier: Apache-2.0 */
/*
 * questionnaire.h - what is said and asked in a follow-up: questions with their scales, the 22
 * items of SERVQUAL, and the scripts that put them together, in every language of the file.
 *
 * A questionnaire is one text: a file (deploy/config/questionnaire.conf explains its form) with
 * what it includes. Its hash is the version that travels with every order. Nothing in it is about a
 * person: texts have placeholders only for what has a name in the file itself (names).
 *
 * SERVQUAL: Parasuraman, Zeithaml, Berry, Journal of Retailing 64 (1988) 12-40, refined in 67
 * (1991) 420-450: 22 items in 5 dimensions, each asked as expectation and as perception on a scale
 * of 1 to 7.
 */
#ifndef TROTH_COMMON_DOMAIN_QUESTIONNAIRE_H
#define TROTH_COMMON_DOMAIN_QUESTIONNAIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/compiler.h"
#include "common/base/err.h"

enum {
    QUESTIONNAIRE_CODE_SIZE =
        29, /* of a question, with the NUL: with an order it makes a key of a record */
    QUESTIONNAIRE_LANGUAGES_MAX = 8,
    QUESTIONNAIRE_QUESTIONS_MAX = 128,
    QUESTIONNAIRE_SCRIPTS_MAX = 128,
    QUESTIONNAIRE_NAMES_MAX = 512,
    QUESTIONNAIRE_ASKS_MAX = 12,       /* of one script; with SERVQUAL an order has 16 items */
    QUESTIONNAIRE_GUIDES_MAX = 12,     /* of one interview */
    QUESTIONNAIRE_TEXT_MAX = 480,      /* bytes of one text */
    QUESTIONNAIRE_SERVQUAL_ITEMS = 22, /* numbered from 1 */
    QUESTIONNAIRE_SERVQUAL_LOW = 1,
    QUESTIONNAIRE_SERVQUAL_HIGH = 7,
};

/* The code of the question whether it is really solved: 1 yes, 0 no. It has no instrument. */
#define QUESTIONNAIRE_SOLVED "solved"

/* By the index of the language; none is NULL. Borrowed from the questionnaire. */
struct questionnaire_text {
    const char *in[QUESTIONNAIRE_LANGUAGES_MAX];
};

struct questionnaire_question {
    const char *code;   /* "csat"; unique */
    int32_t instrument; /* SurveyInstrument; 0: "solved" */
    int low, high;
    struct questionnaire_text text;
};

/* One item of SERVQUAL. */
struct questionnaire_item {
    int32_t dimension; /* ServqualDimension */
    struct questionnaire_text expectation, perception;
};

/* A question of a script. */
struct questionnaire_ask {
    size_t question;            /* index of the question */
    const char *only_if;        /* code of an earlier question of the script; NULL: always */
    int32_t only_min, only_max; /* asked when that was answered with one of these */
};

/* What has names in the file. The first ones are what a placeholder of a text stands for. */
enum questionnaire_about {
    QUESTIONNAIRE_BRANCH = 0,
    QUESTIONNAIRE_PROMISE, /* kind of the promise */
    QUESTIONNAIRE_CATEGORY,
    QUESTIONNAIRE_PLACEHOLDER_COUNT,
    /* For reports alone: rules are nothing that customers hear of. */
    QUESTIONNAIRE_RULE = QUESTIONNAIRE_PLACEHOLDER_COUNT, /* of follow-ups */
    QUESTIONNAIRE_STANDARD,                               /* rule of the standard */
    QUESTIONNAIRE_ABOUT_COUNT
};

struct questionnaire_script {
    const char *name;
    struct questionnaire_text opening, closing, say;
    struct questionnaire_ask asks[QUESTIONNAIRE_ASKS_MAX];
    size_t ask_count;
    bool has_servqual; /* asks items of SERVQUAL too, after its questions */
    bool is_interview; /* somebody talks along the guide and writes a note */
    struct questionnaire_text guides[QUESTIONNAIRE_GUIDES_MAX];
    size_t guide_count;
};

struct questionnaire; /* immutable once loaded */

/* NULL on failure: err has code "questionnaire_unreadable" or "questionnaire_invalid", its field is
 * the setting at fault ("scripts[2].ask[0]") and its text begins with file and line. The caller
 * frees the result. */
MUST_CHECK struct questionnaire *questionnaire_load(const char *path, struct err *err);
/* The same from a stored text; name stands for the path in messages. */
MUST_CHECK struct questionnaire *questionnaire_parse(const char *text, const char *name,
                                                     struct err *err);
void questionnaire_free(struct questionnaire *q); /* NULL is fine */

const char *questionnaire_text(const struct questionnaire *q);
const char *questionnaire_hash(const struct questionnaire *q); /* 32 hex digits */

size_t questionnaire_language_count(const struct questionnaire *q); /* at least 1 */
const char *questionnaire_language(const struct questionnaire *q, size_t i);
/* The index for a BCP 47 tag: the tag itself, else its shorter forms ("zh-Hans-CN", "zh-Hans",
 * "zh"), else the first. NULL and "" are no tag. */
size_t questionnaire_language_for(const struct questionnaire *q, const char *tag);

size_t questionnaire_question_count(const struct questionnaire *q);
const struct questionnaire_question *questionnaire_question(const struct questionnaire *q,
                                                            size_t i);
/* item is 1 to 22. NULL: the file has no items of SERVQUAL. */
const struct questionnaire_item *questionnaire_item(const struct questionnaire *q, int item);

/* ServqualDimension of item 1 to 22: part of the instrument, not of the file. */
int32_t questionnaire_servqual_dimension(int item);
/* Whether it is the code of an item of SERVQUAL: "servqual_5_perception". */
bool questionnaire_servqual_item(const char *code, int *ret_item, bool *ret_is_expectation);

size_t questionnaire_script_count(const struct questionnaire *q);
const struct questionnaire_script *questionnaire_script(const struct questionnaire *q, size_t i);
const struct questionnaire_script *questionnaire_find_script(const struct questionnaire *q,
                                                             const char *name); /* NULL: none */

/* What is said for that value (NULL or unknown: the name for "*"). Never NULL for what some text of
 * the file has a placeholder. */
const char *questionnaire_name(const struct questionnaire *q, enum questionnaire_about about,
                               const char *value, size_t language);
/* "branch", "promise", "category", "rule", "standard". */
const char *questionnaire_about_name(enum questionnaire_about about);

#endif
