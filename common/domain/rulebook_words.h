/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rulebook_words.h - the words of a rulebook for the numbers of proto/intake.proto and
 * proto/event.proto. Each list counts from 1 and ends before its count.
 */
#ifndef TROTH_COMMON_DOMAIN_RULEBOOK_WORDS_H
#define TROTH_COMMON_DOMAIN_RULEBOOK_WORDS_H

#include <stdint.h>

enum rulebook_word_list {
    RULEBOOK_TRIGGERS = 1,
    RULEBOOK_PURPOSES,    /* Purpose: "service_call", "survey", "greeting", "marketing" */
    RULEBOOK_CHANNELS,    /* Channel: "call", "message", "mail", "person" */
    RULEBOOK_OUTCOMES,    /* CallOutcome: "answered", "busy", ... */
    RULEBOOK_INSTRUMENTS, /* SurveyInstrument: "csat", "nps", "ces", "servqual", "own" */
    RULEBOOK_DIMENSIONS,  /* ServqualDimension: "tangibles", ... */
    RULEBOOK_WORD_LIST_COUNT
};

enum {
    RULEBOOK_OUTCOME_COUNT = 14, /* CallOutcome, the unspecified one included */
};

/* NULL: none of the list. */
const char *rulebook_word(enum rulebook_word_list list, int32_t number);
/* 0: no such word. */
int32_t rulebook_word_find(enum rulebook_word_list list, const char *word);

#endif
