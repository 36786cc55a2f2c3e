/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/night_task.h"

#include <stddef.h>

#include "services/reporting/check_task.h"
#include "services/reporting/effect_task.h"
#include "services/reporting/recovery_task_store.h"
#include "services/reporting/skill_task_store.h"
#include "services/reporting/standing_task_store.h"
#include "services/reporting/value_task_store.h"
#include "services/reporting/warning_task.h"

const struct night_task *const night_tasks[] = {
    &standing_task, &warning_task,  &value_task, &skill_task,
    &effect_task,   &recovery_task, &check_task, NULL,
};

void night_begin_write(struct db *db, const struct night_world *world)
{
    db_begin(db);
    if (world->lanes) {
        lease_put_fence(db, world->lanes, 0);
    }
}

int64_t night_day_begin_us(const struct night_world *world, int64_t day)
{
    const struct civil_time midnight = {.date = civil_from_days(day)};

    return zone_to_instant(world->zone, &midnight);
}
