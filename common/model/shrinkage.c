/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/shrinkage.h"

double shrunk_mean(double sum, double count, double mean_of_all, double strength)
{
    if (count + strength <= 0.0) {
        return mean_of_all;
    }
    return (sum + strength * mean_of_all) / (count + strength);
}
