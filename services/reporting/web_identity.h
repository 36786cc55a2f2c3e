/* SPDX-License-Identifier: Apache-2.0 */
/* web_identity.h - who a request says it is from, and who that turned out to be. */
#ifndef TROTH_REPORTING_WEB_IDENTITY_H
#define TROTH_REPORTING_WEB_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "services/reporting/web_door.h"

#define WEB_SESSION_HASH_LEN 32 /* BLAKE2b-256 of the token */
#define WEB_CSRF_LEN         16
#define WEB_CSRF_TEXT_SIZE   (2 * WEB_CSRF_LEN + 1)

enum web_how {
    WEB_NOBODY = 1, /* there was no claim, or it is worth nothing */
    WEB_SESSION,    /* cookie */
    WEB_BEARER,     /* a source's token: a machine, without a session */
    WEB_PROXY,      /* a header of a trusted proxy */
};

struct web_claim {
    enum web_how how;
    bool has_session;
    uint8_t session[WEB_SESSION_HASH_LEN]; /* when has_session: also of WEB_PROXY */
    char name[65];                         /* of WEB_PROXY and WEB_BEARER */
};

struct web_identity {
    enum web_how how;
    struct web_user user;
    uint8_t session[WEB_SESSION_HASH_LEN]; /* of WEB_SESSION */
    char csrf[WEB_CSRF_TEXT_SIZE];         /* of WEB_SESSION and WEB_PROXY, else "" */
};

#endif
