/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - troth, the command line. */
#include "services/cli/cli_commands.h"

int main(int argc, char **argv)
{
    static const struct cli_command *const commands[] = {
        &cli_send,         &cli_import, &cli_case,     &cli_clock,       &cli_customer,
        &cli_followups,    &cli_score,  &cli_report,   &cli_today,       &cli_status,
        &cli_doctor,       &cli_check,  &cli_key,      &cli_run,         &cli_demo,
        &cli_calendar,     &cli_triage, &cli_forecast, &cli_standards,   &cli_questionnaire,
        &cli_subscription, &cli_rules,  &cli_worklist, &cli_points,      &cli_model,
        &cli_survey,       &cli_user,   &cli_audit,    &cli_disclosures, NULL,
    };

    return cli_main(argc, argv, commands);
}
