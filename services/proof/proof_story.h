/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof_story.h - what a proof proves, in plain English and Chinese.
 *
 * What an entry says is read from its bytes, which are what is proven; the words that stand beside
 * them in the file must be the same.
 */
#ifndef TROTH_SERVICES_PROOF_PROOF_STORY_H
#define TROTH_SERVICES_PROOF_PROOF_STORY_H

#include <stdio.h>

#include "common/audit/audit_proof.h"

/* That each entry is an event of this case, and that its kind, customer, version and words are
 * those of its bytes. Code proof_wrong. */
MUST_CHECK int proof_story_check(const struct audit_proof *p, struct err *err);

/* Of a proof that holds. kept: the head that was compared too; NULL: none. */
void proof_story_tell(const struct audit_proof *p, const struct audit_head *kept, FILE *out);
void proof_story_refuse(const struct err *err, FILE *out);

#endif
