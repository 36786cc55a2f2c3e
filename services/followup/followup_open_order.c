/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_open_order.h"

enum followup_order_step followup_open_order_step(const struct followup_open_order *o,
                                                  int64_t machine_now_us)
{
    if (!o->is_dialer_connected) {
        int64_t from_us = o->absent_from_us > o->start_by_us ? o->absent_from_us : o->start_by_us;
        return machine_now_us > from_us + o->ask_for_us ? FOLLOWUP_ORDER_DIALER_GONE
                                                        : FOLLOWUP_ORDER_WAIT;
    }
    if (!o->is_same_journal) {
        return FOLLOWUP_ORDER_JOURNAL_LOST;
    }
    if (o->was_asked && !o->is_dialer_new && machine_now_us > o->start_by_us + o->call_limit_us) {
        return FOLLOWUP_ORDER_UNKNOWN;
    }
    return o->is_dialer_new || machine_now_us > o->start_by_us ? FOLLOWUP_ORDER_ASK
                                                               : FOLLOWUP_ORDER_WAIT;
}
