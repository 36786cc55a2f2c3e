/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value_task_store.h - what customers bought in the 365 days before the end of a day, by how likely
 * they are to leave; refunds taken off, each currency by itself. Who was merged counts with the
 * person that it is, by the person's chance.
 *
 * At risk: each customer's money times the chance that loyalty gives for their leaving. That is
 * what a year like the last one would lose, not what customers are worth for ever.
 */
#ifndef TROTH_REPORTING_VALUE_TASK_STORE_H
#define TROTH_REPORTING_VALUE_TASK_STORE_H

#include "services/reporting/night_task.h"

extern const struct night_task value_task;

#endif
