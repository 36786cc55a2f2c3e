/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skill_task_store.h - which skills the answers of the last five weeks point to, by team and by
 * staff.
 *
 * A skill is a dimension of SERVQUAL (gap of the items with both numbers; low: below 0) or a
 * question of the company's own (low: under 50 of 100). An answer counts for the team that had the
 * case and for the member of staff whose it is (reporting.case_fact), on the day it was given. Five
 * weeks, because answers come late; days before that stay as they are. The first night, and one
 * after a gap, goes back as far as there are figures or the gap began.
 */
#ifndef TROTH_REPORTING_SKILL_TASK_STORE_H
#define TROTH_REPORTING_SKILL_TASK_STORE_H

#include "services/reporting/night_task.h"

extern const struct night_task skill_task;

#endif
