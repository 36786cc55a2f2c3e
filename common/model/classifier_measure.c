/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/classifier_measure.h"

#include <math.h>
#include <stdlib.h>

#define NEVER_SURE 1e-15

static int compare(const void *a, const void *b)
{
    const struct told_outcome *x = a, *y = b;
    return (x->probability > y->probability) - (x->probability < y->probability);
}

double classifier_auc(struct told_outcome *told, size_t count)
{
    double rank_sum = 0, happened = 0;
    if (count > 0) {
        qsort(told, count, sizeof(*told), compare);
    }
    for (size_t from = 0, till; from < count; from = till) {
        double happened_here = 0;
        for (till = from; till < count && compare(&told[from], &told[till]) == 0; till++) {
            happened_here += told[till].has_happened;
        }
        /* Ranks count from 1: of from + 1 to till. */
        rank_sum += happened_here * (double)(from + 1 + till) / 2;
        happened += happened_here;
    }
    double not_happened = (double)count - happened;
    if (happened <= 0 || not_happened <= 0) {
        return 0.5;
    }
    return (rank_sum - happened * (happened + 1) / 2) / (happened * not_happened);
}

double classifier_brier(const struct told_outcome *told, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double off = told[i].probability - (told[i].has_happened ? 1 : 0);
        sum += off * off;
    }
    return count > 0 ? sum / (double)count : 0;
}

double classifier_log_loss(const struct told_outcome *told, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double p = fmin(fmax(told[i].probability, NEVER_SURE), 1 - NEVER_SURE);
        sum -= told[i].has_happened ? log(p) : log1p(-p);
    }
    return count > 0 ? sum / (double)count : 0;
}

void classifier_calibration(const struct told_outcome *told, size_t count,
                            struct calibration_bin *ret_bins, size_t bins)
{
    for (size_t i = 0; i < bins; i++) {
        ret_bins[i] = (struct calibration_bin){.count = 0};
    }
    for (size_t i = 0; i < count; i++) {
        size_t bin = (size_t)(told[i].probability * (double)bins);
        struct calibration_bin *b = &ret_bins[bin < bins ? bin : bins - 1];
        b->count++;
        b->told += told[i].probability;
        b->happened += told[i].has_happened;
    }
    for (size_t i = 0; i < bins; i++) {
        if (ret_bins[i].count > 0) {
            ret_bins[i].told /= (double)ret_bins[i].count;
            ret_bins[i].happened /= (double)ret_bins[i].count;
        }
    }
}

double classifier_calibration_error(const struct calibration_bin *bins, size_t count)
{
    double sum = 0, all = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)bins[i].count * fabs(bins[i].told - bins[i].happened);
        all += (double)bins[i].count;
    }
    return all > 0 ? sum / all : 0;
}
