/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/peak_end.h"

#include <math.h>

bool peak_end_of(const double *scores, size_t count, double neutral, struct peak_end *ret)
{
    double peak = neutral;

    if (count == 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (fabs(scores[i] - neutral) >= fabs(peak - neutral)) {
            peak = scores[i];
        }
    }
    *ret = (struct peak_end){
        .peak = peak,
        .end = scores[count - 1],
        .remembered = (peak + scores[count - 1]) / 2.0,
    };
    return true;
}
