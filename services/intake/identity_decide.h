/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_decide.h - who is who: which customer a reference is, whom a verified phone or e-mail
 * leads to, and what people said about two customers. Pure.
 *
 * A contact point leads to one customer at most. Nothing is ever guessed: what leads to two
 * customers joins nothing and is asked of a person.
 */
#ifndef TROTH_INTAKE_IDENTITY_DECIDE_H
#define TROTH_INTAKE_IDENTITY_DECIDE_H

#include "common/base/compiler.h"
#include "services/intake/contact_point.h"
#include "services/intake/intake_decide.h"

/* By the standard and the keys of w. False: the text is no contact point. */
bool identity_decide_hash(const struct intake_work *w, enum contact_point_kind kind,
                          const char *text, uint8_t ret[KEYRING_HASH_LEN]);

/* The customer of a profile: of its reference, joined by a contact point, or new. Claims the
 * contact points that lead to nobody, and asks about those that lead to somebody else.
 * *ret_joined_by is for the receipt, NULL when there is nothing to say. NULL with err when the
 * record names a customer by a number that nobody has. */
struct work_customer *identity_decide_customer(struct intake_work *w, const struct intake_record *r,
                                               const char **ret_joined_by, struct err *err);

/* A keyed hash that others may know: the same number or address, the same handle, whoever has it.
 * Its low byte is its bucket. 0 for no text. */
int64_t identity_decide_handle(const struct intake_work *w, enum contact_point_kind kind,
                               const char *text);

/* The customer's phone or e-mail is not `was` any more: if that led to this customer, it leads to
 * nobody from now on. */
void identity_decide_forget(struct intake_work *w, const struct work_customer *c,
                            enum contact_point_kind kind, const char *was);

/* The same for a profile that is about to be applied: before the person is changed. */
void identity_decide_forget_replaced(struct intake_work *w, const struct intake_record *r,
                                     const struct work_customer *c);

/* A CustomerLink. Returns 0, or -1 with a code and no effect. */
MUST_CHECK int identity_decide_link(struct intake_work *w, const struct intake_record *r,
                                    struct intake_outcome *ret_outcome, struct err *err);

#endif
