/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_rewrap.h - the job rewrap-keys: wraps the keys of all living customers with the newest
 * generation, and says which older ones may be destroyed.
 *
 * Runs beside the processes that write: a customer's version does not change, since nobody sees a
 * difference. Does nothing while an intake runs that cannot read the newest generation yet. Rows
 * that somebody else has locked are passed over and found by the next pass.
 */
#ifndef TROTH_INTAKE_INTAKE_REWRAP_H
#define TROTH_INTAKE_INTAKE_REWRAP_H

#include "common/base/compiler.h"
#include "common/runtime/service.h"

MUST_CHECK int intake_rewrap_run(struct service *s, struct err *err);

#endif
