/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_form.h - what a customer sent from a progress page, and whether it fits how things stand
 * now. Pure.
 *
 * Each form carries the state that it was made for ("v"): sent twice, it is the same, and once
 * things have gone on it is of no use any more. A call alone does not ask for it: there is one at a
 * time.
 */
#ifndef TROTH_REPORTING_PROGRESS_FORM_H
#define TROTH_REPORTING_PROGRESS_FORM_H

#include "common/base/bytes.h"
#include "common/base/zone.h"
#include "services/reporting/answer_form.h"
#include "services/reporting/progress_case.h"

enum progress_deed {
    PROGRESS_EXPECT = 1,
    PROGRESS_UNSOLVED,
    PROGRESS_CALL,
    PROGRESS_SURVEY,
};

struct progress_post {
    enum progress_deed deed;
    int64_t basis;            /* "v" */
    int64_t at_us;            /* of EXPECT: by when; of CALL: its beginning */
    struct answer_link asked; /* of UNSOLVED and SURVEY */
    struct answer_form form;
};

/* "expect" and so on: the value of the field "do". NULL: there is no such deed. */
const char *progress_form_name(enum progress_deed deed);

/* What the form of a deed carries now. */
int64_t progress_form_basis(const struct progress_case *c, enum progress_deed deed);

enum progress_reading {
    PROGRESS_POST_GOOD = 1,
    PROGRESS_POST_EMPTY, /* nothing was chosen */
    PROGRESS_POST_STALE, /* things have gone on: it is not open, done, or asked for any more */
    PROGRESS_POST_KNOWN, /* the same was said before */
    PROGRESS_POST_WRONG, /* no form of ours sends that */
};

/* zone: the customer's. survey: the questions that are asked now. */
enum progress_reading progress_form_read(struct bytes body, const struct progress_case *c,
                                         const struct zone *zone, const struct answer_link *survey,
                                         struct progress_post *ret);

#endif
