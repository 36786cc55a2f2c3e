/* SPDX-License-Identifier: Apache-2.0 */
/* cli_commands.h - the subcommands, each in its own cli_NAME.c. */
#ifndef TROTH_SERVICES_CLI_CLI_COMMANDS_H
#define TROTH_SERVICES_CLI_CLI_COMMANDS_H

#include "services/cli/cli.h"

extern const struct cli_command cli_send, cli_import;
extern const struct cli_command cli_case, cli_customer, cli_followups, cli_score, cli_report;
extern const struct cli_command cli_status, cli_doctor, cli_check, cli_key, cli_run, cli_demo;
extern const struct cli_command cli_questionnaire;
extern const struct cli_command cli_standards;
extern const struct cli_command cli_calendar, cli_triage;
extern const struct cli_command cli_forecast, cli_clock;
extern const struct cli_command cli_subscription;
extern const struct cli_command cli_rules, cli_worklist, cli_points;
extern const struct cli_command cli_model, cli_survey, cli_today, cli_user;
extern const struct cli_command cli_disclosures;
extern const struct cli_command cli_audit;

#endif
