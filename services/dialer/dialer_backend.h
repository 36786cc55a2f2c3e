/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_backend.h - what really places calls, behind a struct of functions. */
#ifndef TROTH_SERVICES_DIALER_DIALER_BACKEND_H
#define TROTH_SERVICES_DIALER_DIALER_BACKEND_H

#include <stdint.h>

#include "services/dialer/dialer_journal.h"

#define DIALER_PHONE_SIZE 256

/* One order in memory; the number is wiped as soon as the call is dialed or refused. */
struct dialer_order {
    char key[DIALER_KEY_SIZE];
    char phone[DIALER_PHONE_SIZE];
    char script[32];
    char language[36];
    int32_t attempt;
    int32_t promises_kept, promises_broken; /* of the case */
    int64_t start_by_us;                    /* machine time */
    int64_t now_us;                         /* business time of the order */
    int link;                               /* which scheduler ordered it */
};

/* Said once for each dialed call, from the loop or from within dial(). */
typedef void dialer_finished_fn(void *ctx, const char *key, const struct dialer_result *result);

struct dialer_backend {
    const char *name;
    /* Places the call; order is borrowed. The journal says already that it is placed. */
    void (*dial)(void *line, const struct dialer_order *order);
    /* Forgets calls under way without a word. NULL is fine. */
    void (*close)(void *line);
};

#endif
