/* SPDX-License-Identifier: Apache-2.0 */
/* report_reply.h - what all replies of reporting have in common. */
#ifndef TROTH_REPORTING_REPORT_REPLY_H
#define TROTH_REPORTING_REPORT_REPLY_H

#include <stddef.h>

#include "report.pb-c.h"

/* A reply without a body, on the heap: ended by troth__v1__report_reply__free_unpacked(reply,
 * NULL). code and text NULL: answered. */
Troth__V1__ReportReply *report_reply_new(const char *request_id, const char *code,
                                         const char *text);

/* Makes a body that can grow fit into max bytes packed: drops what is oldest or least urgent from
 * its lists (of figures the smallest rows, by time the oldest; of the catalogue the help of
 * columns); text says so. */
void report_reply_fit(Troth__V1__ReportReply *reply, size_t max);

#endif
