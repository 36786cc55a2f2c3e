/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_seal.h - between deciding and writing: what is personal in the work becomes sealed rows.
 *
 * New customers get a key; all texts of a fact become one row; so does a person that was changed.
 * Deciding knows nothing of it, and the stores write only what stands here.
 */
#ifndef TROTH_INTAKE_INTAKE_SEAL_H
#define TROTH_INTAKE_INTAKE_SEAL_H

#include "common/base/compiler.h"
#include "common/base/err.h"
#include "services/intake/intake_work.h"

/* Fills w->sealed_texts, w->sealed_persons and the keys of new customers. Texts of customers who
 * were erased are dropped, and counted in *ret_dropped. Returns 0, or -1: "key_damaged" (the
 * customer's key does not open: nothing may be written that could never be read) or "damaged" (a
 * stored person does not open: it must not be overwritten); the text names the customer by number.
 */
MUST_CHECK int intake_seal(struct intake_work *w, size_t *ret_dropped, struct err *err);

/* Opens what is stored of the person of a customer whose key is in the work, and keeps it there.
 * What does not open is marked as damaged, and logged with the number alone. sealed.data NULL:
 * nothing is stored. */
void intake_seal_open_person(struct intake_work *w, struct work_customer *c, struct bytes sealed);

#endif
