/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_task.h - are the figures right: every figure that has a definition in SQL
 * (check_facts_store.h) is computed again from the facts of intake and followup, and compared with
 * the daily rows added up, for each day and branch.
 *
 * One lane and one sheet in one snapshot, when no event of that lane is behind in it; else a little
 * later. What is different is kept in reporting.figure_difference until it is found equal, logged
 * once, and counted in troth_reporting_figures_different. In the running service a week of days is
 * compared every night, and of the days that were different before it those 31 that were looked at
 * longest ago, each by itself.
 */
#ifndef TROTH_REPORTING_CHECK_TASK_H
#define TROTH_REPORTING_CHECK_TASK_H

#include "services/reporting/night_task.h"

extern const struct night_task check_task;

#endif
