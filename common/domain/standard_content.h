/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_content.h - all that a standard says, for who looks at all of it. Who only wants a
 * decision needs standard.h alone.
 */
#ifndef TROTH_COMMON_DOMAIN_STANDARD_CONTENT_H
#define TROTH_COMMON_DOMAIN_STANDARD_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/domain/standard.h"
#include "common/domain/standard_words.h"

enum {
    STANDARD_RULES_MAX = STANDARD_WORD_GROUPS_MAX,
};

/* Conditions that are a text and hold when the contact has the same. */
enum standard_condition {
    STANDARD_KIND,
    STANDARD_CATEGORY,
    STANDARD_CHANNEL,
    STANDARD_BRANCH,
    STANDARD_DEDUP_CONDITION_COUNT, /* of a rule that looks for an open case: those before */
    STANDARD_TIER = STANDARD_DEDUP_CONDITION_COUNT,
    STANDARD_CONDITION_COUNT,
};

const char *standard_condition_name(enum standard_condition condition);

/* The array is the owner's (free); the texts are borrowed from the tree. */
struct standard_list {
    const char **texts;
    size_t count;
};

/* In the order in which people list them. */
extern const char *const standard_promise_kinds[STANDARD_PROMISES_MAX];

struct standard_rule {
    const char *conditions[STANDARD_CONDITION_COUNT]; /* NULL: any */
    int asked_priority;                               /* 0: any */
    struct standard_list words;                       /* none: whatever the texts say */
    struct standard_decision decision;
    bool is_by_branch[STANDARD_PROMISES_MAX]; /* that promise has the calendar of the branch */
    bool is_in_days[STANDARD_PROMISES_MAX];   /* its target is written in days: "3d" */
    struct standard_ladder ladder;
    struct standard_list renegotiators; /* its own; none: those of the standard */
};

struct standard_dedup_rule {
    const char *conditions[STANDARD_CONDITION_COUNT]; /* NULL: any */
    struct standard_dedup dedup;
};

struct standard_triage {
    const char *category;
    struct standard_list words;
};

/* Everything is the owner's, see standard_read.h; texts are borrowed from the tree. */
struct standard_content {
    struct calendar_book *calendars;
    struct standard_rule *rules; /* each can be reached, the last one matches everything */
    size_t rule_count;
    struct standard_words *rule_words; /* a group for each rule; NULL: none asks for words */
    struct standard_triage *triage;
    size_t triage_count;
    struct standard_words *triage_words; /* a group for each row; NULL: there are none */
    struct standard_list thanks;         /* none: the usual ones */
    struct standard_ladder ladder;       /* of rules that have none of their own */
    struct standard_list renegotiators;
    struct standard_identity identity;
    struct standard_dedup_rule *dedup;
    size_t dedup_count;
    int hops_max;
};

/* Lives as long as the standard. */
const struct standard_content *standard_content(const struct standard *s);

#endif
