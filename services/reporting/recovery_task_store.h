/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recovery_task_store.h - how customers went on after something had gone wrong: does making good
 * pay?
 *
 * Each person, with all that customers did who were merged into it, is in one cohort, by the first
 * thing that happened to them between 365 and 90 days ago: "complaint", "broken" (a broken promise,
 * without a complaint), each with "_made_good" when a compensation was promised in the 30 days
 * after it; "none": neither, ever. Compared are the purchases of the 90 days before and after, and
 * the index the day before with that 90 days after. For "none" it is counted from 90 days ago. Who
 * had not bought anything in the year before is left out: there was nobody to lose.
 */
#ifndef TROTH_REPORTING_RECOVERY_TASK_STORE_H
#define TROTH_REPORTING_RECOVERY_TASK_STORE_H

#include "services/reporting/night_task.h"

extern const struct night_task recovery_task;

#endif
