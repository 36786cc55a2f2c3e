/* SPDX-License-Identifier: Apache-2.0 */
/* followup_open_order.h - what to do about an order without a result: wait, ask its dialer, or give
 * it to a person. Pure; machine time throughout. */
#ifndef TROTH_SERVICES_FOLLOWUP_FOLLOWUP_OPEN_ORDER_H
#define TROTH_SERVICES_FOLLOWUP_FOLLOWUP_OPEN_ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct followup_open_order {
    int64_t start_by_us;
    bool is_dialer_connected;
    bool is_dialer_new;     /* it came back and was not asked yet */
    bool was_asked;         /* a look before this one came after its start-by */
    bool is_same_journal;   /* as when it was ordered; only when connected */
    int64_t absent_from_us; /* when it was seen last; only when not connected */
    int64_t ask_for_us;     /* so long we wait for a dialer that is gone */
    int64_t call_limit_us;  /* so long after its start-by a placed call must have ended */
};

enum followup_order_step {
    FOLLOWUP_ORDER_WAIT = 1,
    FOLLOWUP_ORDER_ASK,
    FOLLOWUP_ORDER_DIALER_GONE,
    FOLLOWUP_ORDER_JOURNAL_LOST,
    FOLLOWUP_ORDER_UNKNOWN,
};

enum followup_order_step followup_open_order_step(const struct followup_open_order *o,
                                                  int64_t machine_now_us);

#endif
