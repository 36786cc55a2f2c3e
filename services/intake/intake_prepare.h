/* SPDX-License-Identifier: Apache-2.0 */
/* intake_prepare.h - before anything is read: what the standard in force makes of a record beyond
 * the names it carries. Pure. */
#ifndef TROTH_INTAKE_PREPARE_H
#define TROTH_INTAKE_PREPARE_H

#include "services/intake/intake_record.h"
#include "services/intake/intake_work.h"

/* Fills r->needs by the standard and the keys of w. */
void intake_prepare(const struct intake_work *w, struct intake_record *r);

#endif
