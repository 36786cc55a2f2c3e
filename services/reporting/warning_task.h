/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warning_task.h - early warnings for days that have ended: from the daily figures, by
 * warning_series.h, into reporting.early_warning.
 *
 * All alarms are kept; a person is asked by warning_series.h's rule, and once for a run of days.
 * Done again for a day it adds what stands out now and was not known; what somebody has seen stays
 * seen, and nothing is taken back.
 */
#ifndef TROTH_REPORTING_WARNING_TASK_H
#define TROTH_REPORTING_WARNING_TASK_H

#include "services/reporting/night_task.h"
#include "services/reporting/reporting.h"

extern const struct night_task warning_task;

struct warning_policy warning_policy_of(const struct reporting_settings *settings);

#endif
