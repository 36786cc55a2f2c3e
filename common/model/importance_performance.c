/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/importance_performance.h"

#include "common/base/log.h"

struct importance_performance
importance_performance_cross(const struct importance_performance *items, size_t count)
{
    struct importance_performance sum = {0};

    if (count == 0) {
        BUG("no items to take the mean of");
    }
    for (size_t i = 0; i < count; i++) {
        sum.importance += items[i].importance;
        sum.performance += items[i].performance;
    }
    return (struct importance_performance){
        .importance = sum.importance / (double)count,
        .performance = sum.performance / (double)count,
    };
}

enum quadrant importance_performance_quadrant(struct importance_performance item,
                                              struct importance_performance cross)
{
    if (item.importance >= cross.importance) {
        return item.performance >= cross.performance ? QUADRANT_KEEP_UP : QUADRANT_CONCENTRATE_HERE;
    }
    return item.performance >= cross.performance ? QUADRANT_POSSIBLE_OVERKILL
                                                 : QUADRANT_LOW_PRIORITY;
}

const char *quadrant_name(enum quadrant q)
{
    static const char *const names[] = {
        [QUADRANT_KEEP_UP] = "keep_up",
        [QUADRANT_CONCENTRATE_HERE] = "concentrate_here",
        [QUADRANT_LOW_PRIORITY] = "low_priority",
        [QUADRANT_POSSIBLE_OVERKILL] = "possible_overkill",
    };

    return names[q];
}
