/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_similar.h - solved cases that are like one, for somebody who may read texts of cases.
 *
 * 1. the case: its fingerprints, or its text if it has none yet
 * 2. how common they are, then the candidates, compared here  (similarity.h)
 * 3. those that are solved, and the notes that say what solved them
 * 4. write down each case of which a text was opened          -> committed
 * 5. answer                                                   -> only then
 */
#ifndef TROTH_INTAKE_SIMILAR_H
#define TROTH_INTAKE_SIMILAR_H

#include "services/intake/intake_question.h"

enum {
    INTAKE_SIMILAR_MAX = 20, /* cases in one answer */
    INTAKE_SIMILAR_USUAL = 5
};

/* Of a SimilarRequest. */
extern const struct intake_question_kind intake_similar_question;

#endif
