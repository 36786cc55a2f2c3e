/* SPDX-License-Identifier: Apache-2.0 */
/* intake_give_up.h - one record alone cannot be written: what its sender is told, and the log. */
#ifndef TROTH_INTAKE_INTAKE_GIVE_UP_H
#define TROTH_INTAKE_INTAKE_GIVE_UP_H

#include "common/runtime/db.h"
#include "services/intake/intake.h"

/* Answers r and lets go of it. Whether it is its own fault or ours decides if it may come back. */
void intake_give_up(struct intake *in, struct intake_record *r, const struct db_reply *reply);

#endif
