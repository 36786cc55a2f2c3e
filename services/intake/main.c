/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake.h"
#include "services/intake/intake_jobs.h"
#include "services/intake/intake_settings.h"

int main(int argc, char **argv)
{
    /* About 10,000 connections; see common/README.md, "Memory". */
    static const struct setting defaults[] = {
        {.name = "memory_max_mib", .default_value = "1536"},
        {.name = NULL                       },
    };
    static const struct service_spec intake = {
        .name = "intake",
        .summary = "takes records of customers and cases, stores them once, and runs the clocks of "
                   "promises",
        .settings = intake_setting_table,
        .settings_size = sizeof(struct intake_settings),
        .common_defaults = defaults,
        .has_database = true,
        .has_events = true,
        .start = intake_start,
        .reload = intake_reload,
        .drain = intake_drain,
        .is_drained = intake_is_drained,
        .stop = intake_stop,
        .on_request = intake_on_request,
        .jobs = intake_jobs,
    };
    return service_main(argc, argv, &intake);
}
