/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call_told.h - what the customer told in a conversation, as its dialer reports it: copied out of a
 * DialResult, bounded and well-formed.
 */
#ifndef TROTH_SERVICES_FOLLOWUP_CALL_TOLD_H
#define TROTH_SERVICES_FOLLOWUP_CALL_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/domain/questionnaire.h"
#include "dialer.pb-c.h"

enum {
    CALL_TOLD_ANSWERS_MAX = 32
};

struct call_told_answer {
    char code[QUESTIONNAIRE_CODE_SIZE]; /* of the item: never empty */
    int32_t instrument;                 /* SurveyInstrument; 0: "solved" */
    int32_t value;
    bool has_value;
    char *comment; /* NULL: none; owned */
};

/* Start with {0}. */
struct call_told {
    struct call_told_answer *answers; /* each code once: the last one counts */
    size_t answer_count;
    int32_t refusal;      /* DialRefusal; 0: the customer did talk */
    int64_t call_back_us; /* business time; 0: not asked for */
    char *note;           /* owned, as the next two; NULL: none */
    char *new_phone;
    char *language;
};

/* Copies; what is too long is cut at a character, what cannot be read is left out. */
void call_told_copy(const Troth__V1__DialResult *result, struct call_told *ret);
/* Wipes what is personal and frees it; back to {0}. */
void call_told_free(struct call_told *t);

/* Nothing was told that has to be written down. */
bool call_told_is_empty(const struct call_told *t);

#endif
