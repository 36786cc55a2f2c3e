/* SPDX-License-Identifier: Apache-2.0 */
/* zap_watch.h - looks each second whether the authenticator still turns; ends the process if not,
 * for one that lets nobody in is of no use and a new one is. */
#ifndef TROTH_COMMON_RUNTIME_ZAP_WATCH_H
#define TROTH_COMMON_RUNTIME_ZAP_WATCH_H

#include "common/runtime/loop.h"
#include "common/runtime/zap.h"

struct zap_watch;

struct zap_watch *zap_watch_new(struct loop *loop, struct zap *zap); /* both borrowed */
void zap_watch_free(struct zap_watch *w);                            /* NULL is fine */

#endif
