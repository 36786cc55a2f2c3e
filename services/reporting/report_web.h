/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report_web.h - reports over HTTP: GET /v1/reports, /v1/reports/NAME, /v1/cases, /v1/today. The
 * query becomes a ReportRequest, and what is answered is what the bus would answer: JSON, or CSV
 * with format=csv.
 */
#ifndef TROTH_REPORTING_REPORT_WEB_H
#define TROTH_REPORTING_REPORT_WEB_H

#include "services/reporting/reporting.h"
#include "services/reporting/web_door.h"

/* Adds the routes. */
void report_web_add(struct reporting *r, struct web_door *door);

#endif
