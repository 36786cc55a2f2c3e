/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_upkeep.h - beside its work, intake deletes receipts that are too old and looks for
 * orphans.
 *
 * In small slices with pauses, on the connections of the questions. However many processes run, one
 * begins each round: it claims it in intake.upkeep. Who dies in the middle leaves the rest to the
 * next round. Business time.
 */
#ifndef TROTH_INTAKE_INTAKE_UPKEEP_H
#define TROTH_INTAKE_INTAKE_UPKEEP_H

#include <stdbool.h>

struct intake;
struct intake_upkeep;

struct intake_upkeep *intake_upkeep_new(struct intake *in);
void intake_upkeep_free(struct intake_upkeep *u); /* NULL is fine */

/* Business time went on. */
void intake_upkeep_tick(struct intake_upkeep *u);
/* While we stop, no further slice is begun. */
bool intake_upkeep_is_idle(const struct intake_upkeep *u);

#endif
