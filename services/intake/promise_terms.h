/* SPDX-License-Identifier: Apache-2.0 */
/* promise_terms.h - what the version of the standard says about a promise that was made under it:
 * its calendar and its ladder. Pure. */
#ifndef TROTH_INTAKE_PROMISE_TERMS_H
#define TROTH_INTAKE_PROMISE_TERMS_H

#include <stddef.h>
#include <stdint.h>

#include "services/intake/intake_work.h"

/* Sets terms and ladder. A promise of a version that cannot be read any more has neither: every
 * hour counts. One that a person gave has the ladder of its case's rule. */
void promise_terms_find(struct intake_work *w, const struct work_case *c, struct work_promise *p);
/* Of all promises that were read. */
void promise_terms_find_all(struct intake_work *w);

/* The versions that are needed and are not on the shelf, at most max of them: those of promises, of
 * cases for the dates that persons promised, and of what was read of the histories of cases, which
 * are derived anew by them. Returns how many. */
size_t promise_terms_unknown(const struct intake_work *w, int32_t *ret_ids, size_t max);

/* What p is for now, as promise_first_terms keeps it. */
struct work_first_terms promise_terms_keep(const struct work_case *c, const struct work_promise *p);

/* Of one that the standard in force makes, or makes anew: owed is one of d. */
void promise_terms_set(struct intake_work *w, struct work_promise *p,
                       const struct standard_decision *d, const struct standard_promise *owed);

#endif
