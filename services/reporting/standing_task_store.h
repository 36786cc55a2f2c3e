/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standing_task_store.h - how many customers stood where at the end of a day: by tier, risk and
 * index.
 *
 * Made of loyalty's scores as they are, less what moved after the day's end: so a day that was
 * missed can be made up for. Chances to leave are those of when it is done. A customer who was
 * first seen later is not there yet.
 */
#ifndef TROTH_REPORTING_STANDING_TASK_STORE_H
#define TROTH_REPORTING_STANDING_TASK_STORE_H

#include "services/reporting/night_task.h"

extern const struct night_task standing_task;

#endif
