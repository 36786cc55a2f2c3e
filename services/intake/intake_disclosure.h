/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_disclosure.h - a number or a text for somebody who may have it, with a purpose.
 *
 * 1. read it                   -> a transaction
 * 2. write down who read what  -> committed
 * 3. answer                    -> only then
 */
#ifndef TROTH_INTAKE_DISCLOSURE_H
#define TROTH_INTAKE_DISCLOSURE_H

#include "services/intake/intake_question.h"

enum {
    INTAKE_DISCLOSURES_MAX = 256,
    INTAKE_DISCLOSURE_TEXT_MAX = 128,
    INTAKE_DISCLOSURE_BEHALF_MAX = 128,
    /* All that are open may take a number before an answer comes: that many stand ready at each
     * beginning, for single ones, batches and similar cases together. */
    INTAKE_DISCLOSURE_NUMBERS_MAX = 8192,
};

/* NULL: it may be asked, as far as r goes; else the code. Borrows nothing. */
const char *intake_disclosure_check(const struct principal *p,
                                    const Troth__V1__DisclosureRequest *r);
/* Whether a reading of that kind is allowed; one that is not is written down all the same. */
bool intake_disclosure_may_read(const struct principal *p, Troth__V1__DisclosureKind kind);

/* Whom a reader asks for: NULL and "" say nothing of it; else without blanks and control
 * characters. */
bool intake_disclosure_is_behalf(const char *text);

/* Of a DisclosureRequest. */
extern const struct intake_question_kind intake_disclosure_question;

#endif
