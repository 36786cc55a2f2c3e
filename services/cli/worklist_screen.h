/* SPDX-License-Identifier: Apache-2.0 */
/* worklist_screen.h - one conversation on one screen: whom to call, what to say and ask, what
 * happened with the customer. */
#ifndef TROTH_SERVICES_CLI_WORKLIST_SCREEN_H
#define TROTH_SERVICES_CLI_WORKLIST_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "dialer.pb-c.h"

struct worklist_screen {
    const char *staff;
    bool is_chinese;
    int64_t now_us; /* machine time */
};

/* An agenda without an order says that there is nothing to do. */
void worklist_screen_print(const struct worklist_screen *s, const Troth__V1__WorklistAgenda *a,
                           FILE *out);

#endif
