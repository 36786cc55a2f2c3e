/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_http.h - the HTTP door: POST /v1/records, for systems that do not speak ZeroMQ.
 *
 * A post is answered when each of its records has its receipt, in the order of the records. Who
 * hangs up before that changes nothing: the records are committed, and sent again they are
 * duplicates.
 */
#ifndef TROTH_INTAKE_HTTP_H
#define TROTH_INTAKE_HTTP_H

#include <stdbool.h>

#include "common/base/err.h"

struct intake;
struct intake_http;

/* Listens at the setting records_http. NULL with err. */
struct intake_http *intake_http_new(struct intake *in, struct err *err);
/* After the lanes were freed: whoever still waits gets no answer. NULL is fine. */
void intake_http_free(struct intake_http *door);

/* No post is being worked on or answered; NULL is. */
bool intake_http_is_idle(const struct intake_http *door);

#endif
