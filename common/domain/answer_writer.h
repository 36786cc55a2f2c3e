/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer_writer.h - what a customer said in a follow-up, on the telephone or on a page, as records
 * for intake. Pure.
 *
 *   csat, nps, ces, own question   SurveyAnswer
 *   items of SERVQUAL              one SurveyAnswer with items
 *   solved: yes                    PromiseUpdate CONFIRMED on the resolution promise
 *   solved: no                     PromiseUpdate DISPUTED on it, CaseUpdate REOPENED, and one that
 *                                  makes it more urgent, in this order
 *   solved, when nothing follows   SurveyAnswer of the question "solved": about no case or promise,
 *                                  neither yes nor no, or the words that came with it
 *   note                           CaseUpdate NOTE; with solved: no it goes with the reopening;
 *                                  without a case a SurveyAnswer of the question "note"
 *
 * Keys are the order's and a suffix ("F-1234-5/1/csat"): the same answers always make the same
 * keys, and intake takes each once.
 */
#ifndef TROTH_COMMON_DOMAIN_ANSWER_WRITER_H
#define TROTH_COMMON_DOMAIN_ANSWER_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "intake.pb-c.h"

enum {
    ANSWER_KEY_SIZE = 65, /* the limit of intake and a NUL */
};

/* Whom and what something was said about. */
struct answer_subject {
    int64_t follow_up; /* 0: it was said outside of one */
    int64_t customer;
    int64_t service_case; /* 0: none */
    int64_t resolution; /* the promise to resolve it that the customer has a word about; 0: none */
    int32_t case_priority; /* 1 urgent to 4 low; 0: not known */
};

struct answer_value {
    const char *code; /* of the question; borrowed, as all here */
    int32_t instrument;
    int32_t value;
    bool has_value;
    char *comment; /* not changed; NULL: none */
    const struct answer_subject *subject;
};

struct answer_record {
    char key[ANSWER_KEY_SIZE];
    size_t offset, len; /* in the buffer: the packed Record */
};

/* One conversation. Filled in by the caller. */
struct answer_writer {
    const char *order;  /* its key: "F-1234-5/1" */
    int64_t said_us;    /* business time */
    const char *trace;  /* W3C traceparent of the records; NULL or "": none */
    struct buffer *out; /* packed records are appended to it */
    struct answer_record *records;
    size_t count, capacity; /* of records; what does not fit is left out */
};

/* Any record of this conversation, with its body. suffix is unique in the order. */
void answer_writer_add(struct answer_writer *w, Troth__V1__Record *record, const char *suffix);

/* Answers. note: what else was said, NULL when nothing. Returns whether it went with one of them;
 * else it is still to be written. */
bool answer_writer_values(struct answer_writer *w, const struct answer_value *values, size_t count,
                          char *note);
void answer_writer_note(struct answer_writer *w, const struct answer_subject *subject, char *note);

#endif
