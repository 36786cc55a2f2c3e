/* SPDX-License-Identifier: Apache-2.0 */
/*
 * improvement_desk.h - what people do about causes: /v1/improvements and /v1/warnings/seen.
 *
 *   GET   /v1/improvements                {"improvements":[{..., "effect":{...}}]}    viewer
 *   POST  /v1/improvements                kind, title, cause_measure, starts_on, key  manager
 *   PATCH /v1/improvements/ID             with version; what is set is changed        manager
 *   POST  /v1/improvements/ID/announce    {"words"}: everyone who reported it is told manager
 *   POST  /v1/warnings/seen               {"day","dimension","value","measure"}       manager
 *
 * A key, made by who asks, makes a POST that is sent again answer what the first one made (200, not
 * 201); with something else in it it is refused (key_reused). Announced: an Improvement record goes
 * to intake under a key made of the action's id, so that it is told once however often somebody
 * asks; the scheduler's rules with the trigger improvement then plan the follow-ups. It is answered
 * once intake has it.
 */
#ifndef TROTH_REPORTING_IMPROVEMENT_DESK_H
#define TROTH_REPORTING_IMPROVEMENT_DESK_H

#include <stddef.h>

#include "services/reporting/reporting.h"

struct improvement_desk;

/* Needs the door. Without intake_key_file nothing can be announced. NULL with err. */
struct improvement_desk *improvement_desk_new(struct reporting *r, struct err *err);
void improvement_desk_free(struct improvement_desk *d);               /* NULL is fine */
size_t improvement_desk_open_count(const struct improvement_desk *d); /* NULL: 0 */

#endif
