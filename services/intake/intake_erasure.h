/* SPDX-License-Identifier: Apache-2.0 */
/* intake_erasure.h - answers what became of an erasure, with a signed receipt: as often as it is
 * asked for, the same one. */
#ifndef TROTH_INTAKE_INTAKE_ERASURE_H
#define TROTH_INTAKE_INTAKE_ERASURE_H

#include "services/intake/intake_question.h"

/* Of an ErasureReceiptRequest. */
extern const struct intake_question_kind intake_erasure_question;

#endif
