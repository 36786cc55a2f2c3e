/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace_context.h - the `traceparent` of W3C Trace Context, level 1: one line that a request and
 * all that follows from it share.
 *
 *   00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
 *   version, trace id, id of the caller's own step, flags
 *
 * Troth records no steps of its own, so it passes the line on as it came (section 3.2 of the
 * standard allows that to who takes no part in the tracing). The three numbers are hexadecimal:
 * nothing about a person fits in.
 */
#ifndef TROTH_COMMON_BASE_TRACE_CONTEXT_H
#define TROTH_COMMON_BASE_TRACE_CONTEXT_H

#include <stdbool.h>

#include "common/base/compiler.h"

#define TRACE_CONTEXT_SIZE    56 /* with its NUL */
#define TRACE_CONTEXT_ID_SIZE 33

/* Reads a traceparent; text NULL is none. Returns false for what is none by the standard, which is
 * to be ignored then, and leaves ret_context alone. Of a later version than 00 what is known of it
 * is taken, as version 00. */
MUST_CHECK bool trace_context_read(const char *text, char ret_context[TRACE_CONTEXT_SIZE]);

/* The trace id of what trace_context_read() gave: 32 hexadecimal digits, what logs show as trace=.
 * Returns ret_id; "" for "". */
const char *trace_context_id(const char *context, char ret_id[TRACE_CONTEXT_ID_SIZE]);

/* The caller has recorded it (flag 01): worth a line in the log for each step. False for "". */
bool trace_context_is_sampled(const char *context);

#endif
