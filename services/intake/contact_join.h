/* SPDX-License-Identifier: Apache-2.0 */
/* contact_join.h - is this contact a further word about a case that is open already, or no word of
 * a person at all? Pure. */
#ifndef TROTH_INTAKE_CONTACT_JOIN_H
#define TROTH_INTAKE_CONTACT_JOIN_H

#include "common/domain/standard.h"
#include "services/intake/intake_record.h"
#include "services/intake/intake_work.h"

/* PERSON, or what kind of machine: what passed through more systems than the standard allows is a
 * message of ours that came back. */
Troth__V1__ContactOrigin contact_join_origin(const struct standard *s, const Troth__V1__Contact *m);

/* As the standard sees it; texts are borrowed. */
void contact_join_request(const Troth__V1__Contact *m, struct standard_request *ret);

/* The contact says all that the rule wants to be the same: else it never finds a case. */
bool contact_join_applies(const struct standard_dedup *d, const Troth__V1__Contact *m);

/* The case of that customer that a rule of dedup finds for r; NULL: none. *ret_rule is the rule's
 * name, and borrowed from the standard. */
struct work_case *contact_join_find(const struct intake_work *w, const struct intake_record *r,
                                    int64_t customer, const char **ret_rule);

#endif
