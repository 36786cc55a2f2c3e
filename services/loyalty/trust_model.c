/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/trust_model.h"

struct trust trust_add(struct trust t, double grade, int64_t count)
{
    t.positive += (double)count * (1.0 + grade) / 2.0;
    t.negative += (double)count * (1.0 - grade) / 2.0;
    return t;
}

struct trust trust_of_account(const struct trust_account *a)
{
    struct trust t = {.positive = 0};

    t = trust_add(t, TRUST_GRADE_KEPT, a->kept);
    t = trust_add(t, TRUST_GRADE_LATE, a->kept_late);
    return trust_add(t, TRUST_GRADE_BROKEN, a->broken);
}

double trust_expectation(struct trust t)
{
    return (t.positive + 1.0) / (t.positive + t.negative + 2.0);
}

double trust_uncertainty(struct trust t)
{
    return 2.0 / (t.positive + t.negative + 2.0);
}
