/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_gate.h - what a request says about who sends it, without asking the database.
 *
 * A header of a trusted proxy comes before a bearer token, and that before a cookie; a token that
 * is wrong is not made up for by a cookie. Whom a proxy names may have no account here, and log in
 * with a password instead: then the cookie counts.
 */
#ifndef TROTH_REPORTING_WEB_GATE_H
#define TROTH_REPORTING_WEB_GATE_H

#include "services/reporting/web_identity.h"

struct web_gate;

/* Borrows service and settings. NULL with err: setting_invalid. */
struct web_gate *web_gate_new(const struct service *service, const struct reporting_settings *s,
                              struct err *err);
void web_gate_free(struct web_gate *g); /* NULL is fine */

/* Codes token_invalid and not_permitted: a token that nobody has, or whose source has not the right
 * reports; request_invalid: a trusted proxy names several users. No claim is no error. */
MUST_CHECK int web_gate_read(struct web_gate *g, const struct http_request *request,
                             struct web_claim *ret_claim, struct err *err);

#define WEB_ADDRESS_SIZE HTTP_PEER_SIZE
/* Whose budget a request is on: the peer's address, of a trusted proxy the last one in the last of
 * its headers X-Forwarded-For, for all before that is what the client said; of IPv6 the first half,
 * for who has one has them all. Returns ret_text. */
const char *web_gate_address(const struct web_gate *g, const struct http_request *request,
                             char ret_text[WEB_ADDRESS_SIZE]);

/* The CSRF token of a user whom a proxy names, who has no session of ours: the same from every
 * process with our key. */
void web_gate_csrf(const struct web_gate *g, const char *user, char ret_text[WEB_CSRF_TEXT_SIZE]);

#endif
