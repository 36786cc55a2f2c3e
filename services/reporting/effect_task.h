/* SPDX-License-Identifier: Apache-2.0 */
/* effect_task.h - what became of each improvement and training, judged anew every night. */
#ifndef TROTH_REPORTING_EFFECT_TASK_H
#define TROTH_REPORTING_EFFECT_TASK_H

#include "services/reporting/night_task.h"

extern const struct night_task effect_task;

#endif
