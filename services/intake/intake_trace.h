/* SPDX-License-Identifier: Apache-2.0 */
/* intake_trace.h - the trace of a record (common/base/trace_context.h) on its way in. */
#ifndef TROTH_INTAKE_INTAKE_TRACE_H
#define TROTH_INTAKE_INTAKE_TRACE_H

#include "common/base/bytes.h"
#include "common/runtime/http.h"
#include "services/intake/intake_record.h"

/* Logs what became of a record whose sender has recorded its trace; of others nothing. */
void intake_trace_log(const struct intake_record *r, Troth__V1__ReceiptStatus status);

/* Appends the traceparent of the post to wire, as the field `trace` of a packed Record: with the
 * fields of a record after it, one that brings a trace of its own keeps that. Nothing is appended
 * for a post without a valid one, or with several. */
void intake_trace_of_post(const struct http_request *request, struct buffer *wire);

#endif
