/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/batch_size.h"

size_t batch_size(size_t max, size_t sources, size_t last_count, int64_t took_us)
{
    if (sources < 2 || took_us <= 0) {
        return max;
    }
    size_t fitting = (size_t)((int64_t)last_count * BATCH_SHARED_US / took_us);
    fitting = fitting > BATCH_SHARED_MIN ? fitting : BATCH_SHARED_MIN;
    return fitting < max ? fitting : max;
}
