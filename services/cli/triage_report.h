/* SPDX-License-Identifier: Apache-2.0 */
/* triage_report.h - models of triage, how right they are and what they tell: for people, and as
 * JSON (what is returned is the caller's). */
#ifndef TROTH_SERVICES_CLI_TRIAGE_REPORT_H
#define TROTH_SERVICES_CLI_TRIAGE_REPORT_H

#include <jansson.h>

#include "common/domain/triage_score.h"
#include "services/cli/cli.h"

void triage_report_print_model(const struct triage_model *m);
json_t *triage_report_model(const struct triage_model *m);

/* With --json as JSON. */
void triage_report_print_score(const struct cli *cli, struct triage_score *s,
                               const struct triage_model *m);
json_t *triage_report_score(struct triage_score *s, size_t labels);

void triage_report_print_told(const struct triage_model *m, const char *text);
json_t *triage_report_told(const struct triage_model *m, const char *text);

/* With a line end; takes json over. */
void triage_report_print(json_t *json);

#endif
