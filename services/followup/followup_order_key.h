/* SPDX-License-Identifier: Apache-2.0 */
/* followup_order_key.h - "F-1234-5/1": a follow-up and an attempt, unique for ever, as the dialer
 * knows an order. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ORDER_KEY_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_ORDER_KEY_H

#include <stdint.h>

#include "common/base/err.h"

#define FOLLOWUP_ORDER_KEY_SIZE  48
#define FOLLOWUP_ANSWER_KEY_SIZE 65 /* the limit of intake and a NUL */

/* Returns ret_key. */
const char *followup_order_key(int64_t follow_up, int32_t attempt,
                               char ret_key[FOLLOWUP_ORDER_KEY_SIZE]);

/* Returns 0, or -1 (code "order_key_invalid"). */
MUST_CHECK int followup_order_key_parse(const char *key, int64_t *ret_follow_up,
                                        int32_t *ret_attempt, struct err *err);

#endif
