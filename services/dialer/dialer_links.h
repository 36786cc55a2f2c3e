/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_links.h - the connections to the follow-up schedulers, one per endpoint, so that each of
 * them hears every hello.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_LINKS_H
#define TROTH_SERVICES_DIALER_DIALER_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/runtime/bus.h"
#include "dialer.pb-c.h"

struct dialer_links;

/* link: which one, from 0. The reply is valid for the call. */
typedef void dialer_links_reply_fn(void *ctx, int link, const Troth__V1__DialerReply *reply);

struct dialer_links_options {
    struct bus *bus;
    const char *endpoints;       /* parted by blanks */
    const char *server_key;      /* Z85 */
    const char *server_key_file; /* where it stands: it may change */
    dialer_links_reply_fn *on_reply;
    void *ctx;
};

/* NULL with err: code "setting_invalid" or what the bus says. */
struct dialer_links *dialer_links_new(const struct dialer_links_options *options, struct err *err);
void dialer_links_free(struct dialer_links *l); /* NULL is fine */

/* 0, or -1 when it cannot be handed over: it is said again. */
int dialer_links_send(const struct dialer_links *l, int link,
                      const Troth__V1__DialerRequest *request);

/* The scheduler there answered our hello. */
void dialer_links_welcome(struct dialer_links *l, int link, int64_t now_us);

/* That link when its scheduler answers our hellos, else any that does, else -1. */
int dialer_links_choose(const struct dialer_links *l, int preferred, int64_t now_us);

/* How many schedulers answer our hellos. */
size_t dialer_links_up_count(const struct dialer_links *l, int64_t now_us);

/* To all. Returns false when one of them does not answer. */
bool dialer_links_hello(const struct dialer_links *l, const Troth__V1__DialerRequest *hello,
                        int64_t now_us);

#endif
