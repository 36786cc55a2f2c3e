/* SPDX-License-Identifier: Apache-2.0 */
/* web_answer.h - answers of the door that are not given yet; those of handlers are in web_door.h.
 */
#ifndef TROTH_REPORTING_WEB_ANSWER_H
#define TROTH_REPORTING_WEB_ANSWER_H

#include <jansson.h>

#include "common/runtime/http.h"

/* The status that goes with a code of web_answer_error(). */
int web_status_of(const char *code);

/* {"code", "text"} with its status; 429 and 503 with Retry-After. */
void web_error_response(const char *code, const char *text, struct http_response *ret_r);

/* Takes the reference over. */
void web_json_response(int status, json_t *json, struct http_response *ret_r);

#endif
