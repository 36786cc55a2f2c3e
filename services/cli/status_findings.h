/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status_findings.h - what is wrong, and what to do about it. Pure: facts in, findings out.
 *
 * There is a finding for everything that does not go on by itself. What follows from another
 * finding (a consumer is behind because its service does not run) is left out.
 */
#ifndef TROTH_SERVICES_CLI_STATUS_FINDINGS_H
#define TROTH_SERVICES_CLI_STATUS_FINDINGS_H

#include "services/cli/finding.h"
#include "services/cli/status_facts.h"

/* Replaces the list; the worst first. */
void status_findings(const struct status_facts *f, struct finding_list *ret_list);

#endif
