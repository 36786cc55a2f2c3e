/* SPDX-License-Identifier: Apache-2.0 */
/* rules_text.h - a rulebook in words, part by part. Pure. */
#ifndef TROTH_SERVICES_CLI_RULES_TEXT_H
#define TROTH_SERVICES_CLI_RULES_TEXT_H

#include "common/base/text.h"
#include "common/domain/rulebook.h"

/* What people ask of a rule, in the order in which they ask. */
enum rules_part {
    RULES_FOR = 1,  /* "kind complaint, tier gold"; "everybody" */
    RULES_WHEN,     /* "4h after a case is resolved" */
    RULES_WINDOW,   /* "2d" */
    RULES_PURPOSE,  /* "service_call" */
    RULES_PRIORITY, /* "2 (high)" */
    RULES_CHANNELS, /* "person, then call" */
    RULES_ATTEMPTS, /* "3" */
    RULES_SCRIPT,
    RULES_TOPIC,
    RULES_PART_COUNT
};

/* "for", "when", ... */
const char *rules_part_name(enum rules_part part);
/* Appends. */
void rules_text_part(struct text *t, const struct rulebook_rule *r, enum rules_part part);

/* The same of limits: "quiet hours", "21:00 to 08:00"; i counts from 0 while there is a name. */
const char *rules_limit_name(size_t i); /* NULL: no more */
void rules_text_limit(struct text *t, const struct rulebook_limits *l, size_t i);

/* "again after 3h, at another time of day (2h away), at most 3 times". */
void rules_text_outcome(struct text *t, const struct rulebook_outcome *o);

#define RULES_MINUTE_SIZE 8
/* "09:30". Returns ret. */
const char *rules_minute(int minute, char ret[RULES_MINUTE_SIZE]);

#endif
