/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/rfm.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

struct placed {
    struct rfm_value value;
    size_t index;
};

int rfm_ntile(size_t place, size_t count)
{
    const size_t size = count / RFM_QUINTILES;
    const size_t larger = count % RFM_QUINTILES; /* so many have one more */

    if (place < larger * (size + 1)) {
        return (int)(place / (size + 1)) + 1;
    }
    return (int)((place - larger) / size) + 1;
}

static int compare_numbers(double left, double right)
{
    return (left > right) - (left < right);
}

static int compare_placed(const void *left, const void *right)
{
    const struct rfm_value *l = &((const struct placed *)left)->value;
    const struct rfm_value *r = &((const struct placed *)right)->value;
    const int by_value = compare_numbers(l->value, r->value);

    return by_value != 0 ? by_value : (l->key > r->key) - (l->key < r->key);
}

static int compare_values(const void *left, const void *right)
{
    return compare_numbers(*(const double *)left, *(const double *)right);
}

void rfm_quintiles(const struct rfm_value *values, size_t count, uint8_t *ret_quintiles)
{
    struct placed *order = xcalloc(count + 1, sizeof(*order));

    for (size_t i = 0; i < count; i++) {
        order[i] = (struct placed){values[i], i};
    }
    qsort(order, count, sizeof(*order), compare_placed);
    for (size_t i = 0; i < count; i++) {
        ret_quintiles[order[i].index] = (uint8_t)rfm_ntile(i, count);
    }
    free(order);
}

void rfm_cuts(double *values, size_t count, double ret_cuts[static RFM_CUTS])
{
    memset(ret_cuts, 0, RFM_CUTS * sizeof(*ret_cuts));
    if (count == 0) {
        return;
    }
    qsort(values, count, sizeof(*values), compare_values);
    for (size_t i = 0; i < RFM_CUTS; i++) {
        const size_t larger = count % RFM_QUINTILES;
        const size_t end = (i + 1) * (count / RFM_QUINTILES) + (i + 1 < larger ? i + 1 : larger);

        ret_cuts[i] = values[end - 1];
    }
}

int rfm_quintile(const double cuts[static RFM_CUTS], double value)
{
    int quintile = 1;

    for (size_t i = 0; i < RFM_CUTS; i++) {
        quintile += value > cuts[i];
    }
    return quintile;
}

struct rfm rfm_of(double cuts[3][RFM_CUTS], double recency, double frequency, double money)
{
    return (struct rfm){
        .recency = RFM_QUINTILES + 1 - rfm_quintile(cuts[0], recency),
        .frequency = rfm_quintile(cuts[1], frequency),
        .money = rfm_quintile(cuts[2], money),
    };
}
