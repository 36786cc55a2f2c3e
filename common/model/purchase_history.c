/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/purchase_history.h"

#include <math.h>

double purchase_time_nearest(double time)
{
    return isfinite(time) && time > 0 ? time : 0.0;
}

struct purchase_history purchase_history_nearest(struct purchase_history h)
{
    h.x = floor(purchase_time_nearest(h.x));
    h.t = purchase_time_nearest(h.t);
    h.t_x = h.x > 0 ? fmin(purchase_time_nearest(h.t_x), h.t) : 0.0;
    return h;
}
