/* SPDX-License-Identifier: Apache-2.0 */
/*
 * contact_triage.h - what a new case is about, when its source did not say.
 *
 * 1. the source said it             -> kept; nothing is read, the mood stays unknown
 * 2. a model of categories in force -> what it tells; when it abstains, a person has to look
 * 3. no such model                  -> the words of the standard
 * 4. neither                        -> a person has to look
 *
 * The mood comes from its own model and may be unknown. The models are read beside the work
 * (triage_refresh.h); this part is pure.
 */
#ifndef TROTH_INTAKE_CONTACT_TRIAGE_H
#define TROTH_INTAKE_CONTACT_TRIAGE_H

#include "common/domain/triage_model.h"
#include "services/intake/intake_work.h"

struct contact_triage;

struct contact_triage *contact_triage_new(void);
void contact_triage_free(struct contact_triage *t); /* NULL is fine */

/* Puts the model in force for that purpose, and owns it; NULL: none is. */
void contact_triage_set(struct contact_triage *t, enum triage_purpose purpose,
                        struct triage_model *m);

/* Sets category, category_by and mood of a case that the contact opens. Its texts are w's own. */
void contact_triage_decide(struct intake_work *w, const Troth__V1__Contact *contact,
                           struct work_case *c);

#endif
