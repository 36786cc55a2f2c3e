/* SPDX-License-Identifier: Apache-2.0 */
/* followup_session.h - writes down which dialers are there, for people to see. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_SESSION_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_SESSION_H

#include "services/followup/followup_dialers.h"

struct followup;
struct followup_session;

struct followup_session *followup_session_new(struct followup *f);
void followup_session_free(struct followup_session *s); /* NULL is fine */

/* Soon, when the dialer is new or was written 10 s ago; else nothing. */
void followup_session_save(struct followup_session *s, struct followup_dialer *dialer);

#endif
