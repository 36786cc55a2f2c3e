/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/triage_tune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/domain/triage_model.h"

enum {
    STEPS = 40, /* of a golden section: to a millionth of the interval */
    NEVER = TRIAGE_MILLION + 1,
};

#define SHARPNESS_FROM 0.05
#define SHARPNESS_TO   100.0

/* How unlikely the truths are; the log of a share that is no share at all is kept finite. */
static double loss(const double *scores, const uint16_t *truths, size_t count, size_t labels,
                   double sharpness)
{
    double shares[TRIAGE_LABELS_MAX], sum = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(shares, scores + i * labels, labels * sizeof(*shares));
        (void)triage_soften(shares, labels, sharpness);
        sum -= log(fmax(shares[truths[i]], 1e-12));
    }
    return sum;
}

uint32_t triage_tune_sharpness(const double *scores, const uint16_t *truths, size_t count,
                               size_t labels)
{
    const double ratio = (sqrt(5) - 1) / 2;
    double from = log(SHARPNESS_FROM), to = log(SHARPNESS_TO);
    double left = to - ratio * (to - from), right = from + ratio * (to - from);
    double left_loss = loss(scores, truths, count, labels, exp(left));
    double right_loss = loss(scores, truths, count, labels, exp(right));
    for (int i = 0; i < STEPS; i++) {
        if (left_loss <= right_loss) {
            to = right;
            right = left;
            right_loss = left_loss;
            left = to - ratio * (to - from);
            left_loss = loss(scores, truths, count, labels, exp(left));
        } else {
            from = left;
            left = right;
            left_loss = right_loss;
            right = from + ratio * (to - from);
            right_loss = loss(scores, truths, count, labels, exp(right));
        }
    }
    return (uint32_t)lround(exp((from + to) / 2) * 1000);
}

static int surest_first(const void *a, const void *b)
{
    const struct triage_told *x = a, *y = b;
    return (x->confidence_millionths < y->confidence_millionths) -
           (x->confidence_millionths > y->confidence_millionths);
}

struct triage_threshold triage_tune_threshold(struct triage_told *told, size_t count, double target)
{
    struct triage_threshold best = {.millionths = NEVER};
    uint32_t right = 0;
    qsort(told, count, sizeof(*told), surest_first);
    for (size_t i = 0; i < count; i++) {
        uint32_t confidence = told[i].confidence_millionths;
        right += told[i].is_right;
        bool is_last_of_equals = i + 1 == count || told[i + 1].confidence_millionths != confidence;
        if (is_last_of_equals && right >= target * (double)(i + 1)) {
            best = (struct triage_threshold){
                .millionths = confidence, .covered = (uint32_t)i + 1, .covered_right = right};
        }
    }
    return best;
}
