/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ami_link.h - a connection to Asterisk's manager that is there again after it was not: connects,
 * logs in, reads, writes, asks for a sign of life, and begins anew after a while that grows.
 *
 * The password goes over the wire as an MD5 of a challenge; a PBX that has no challenge gets it as
 * it is only over TLS, or on this machine's own network (127.0.0.0/8, ::1).
 */
#ifndef TROTH_SERVICES_DIALER_AMI_LINK_H
#define TROTH_SERVICES_DIALER_AMI_LINK_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/text.h"
#include "common/runtime/loop.h"
#include "services/dialer/ami_message.h"

struct ami_link_options {
    struct loop *loop;
    const char *server; /* HOST or HOST:PORT; usually 5038, with TLS 5039 */
    bool is_tls;
    const char *ca_file; /* whom to believe; NULL or "": those the system believes */
    const char *user, *secret;
    void (*logged_in)(void *ctx);                             /* each time */
    void (*lost)(void *ctx);                                  /* after each logged_in() */
    void (*received)(void *ctx, const struct ami_message *m); /* all but those of the login */
    void *ctx;
};

struct ami_link;

/* NULL with err (code "setting_invalid" or "web_failed"). Connects from the loop. Options are
 * copied. */
struct ami_link *ami_link_open(const struct ami_link_options *options, struct err *err);
void ami_link_close(struct ami_link *l); /* NULL is fine; calls nobody */

bool ami_link_is_ready(const struct ami_link *l); /* logged in */
/* Whole actions (ami_message.h), once logged in. */
void ami_link_send(struct ami_link *l, const struct text *actions);

#endif
