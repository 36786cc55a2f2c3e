/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/decay.h"

#include <math.h>

double decay_half_life_us(int64_t window_us, double share_left)
{
    return (double)window_us / log2(1.0 / share_left);
}

double decay_factor(double half_life_us, int64_t age_us)
{
    return exp2(-(double)age_us / half_life_us);
}

double decay_forward_weight(double half_life_us, int64_t at_us)
{
    return exp2((double)(at_us - DECAY_LANDMARK_US) / half_life_us);
}

double decay_of_sum(double forward_sum, double half_life_us, int64_t now_us)
{
    return forward_sum * decay_factor(half_life_us, now_us - DECAY_LANDMARK_US);
}
