/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "common/base/text.h"
#include "services/dialer/dialer_driver.h"

struct dialer_start dialer_order_start(const struct dialer_order *order)
{
    return (struct dialer_start){.by_us = order->start_by_us, .arrived_us = order->arrived_us};
}

/* An item that another one leads to is left out when that one was not answered. */
bool dialer_item_is_asked(const struct dialer_item *item, const struct dialer_result *so_far)
{
    if (text_is_empty(item->only_if)) {
        return true;
    }
    for (size_t i = 0; i < so_far->answer_count; i++) {
        if (strcmp(so_far->answers[i].code, item->only_if) == 0) {
            return so_far->answers[i].value >= item->only_min &&
                   so_far->answers[i].value <= item->only_max;
        }
    }
    return false;
}
