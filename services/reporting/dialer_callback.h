/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_callback.h - POST /dialer/callback: outcomes that a telephony or messaging service tells,
 * handed on to the dialer that placed the order.
 *
 * Nothing is kept here. The dialer's journal is where an outcome is safe; the service is told 200
 * when that dialer has said so, and comes again otherwise.
 */
#ifndef TROTH_REPORTING_DIALER_CALLBACK_H
#define TROTH_REPORTING_DIALER_CALLBACK_H

#include <stddef.h>

#include "services/reporting/reporting.h"

struct dialer_callback;

/* Needs the settings webhook_secret_file and dialers, and http. NULL with err. */
struct dialer_callback *dialer_callback_new(struct reporting *r, struct err *err);
void dialer_callback_free(struct dialer_callback *c);               /* NULL is fine */
size_t dialer_callback_open_count(const struct dialer_callback *c); /* NULL: 0 */

#endif
