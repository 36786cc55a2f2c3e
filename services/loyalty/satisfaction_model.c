/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/satisfaction_model.h"

void satisfaction_add_csat(struct satisfaction *s, int32_t value, int count)
{
    if (value >= 1 && value <= 5) {
        s->csat_count += count;
        s->csat_sum += (int64_t)value * count;
    }
}

void satisfaction_add_nps(struct satisfaction *s, int32_t value, int count)
{
    if (value >= 0 && value <= 6) {
        s->nps_detractors += count;
    } else if (value == 7 || value == 8) {
        s->nps_passives += count;
    } else if (value == 9 || value == 10) {
        s->nps_promoters += count;
    }
}

bool satisfaction_csat_mean(const struct satisfaction *s, double *ret_mean)
{
    if (s->csat_count <= 0) {
        return false;
    }
    *ret_mean = (double)s->csat_sum / (double)s->csat_count;
    return true;
}

int64_t satisfaction_nps_count(const struct satisfaction *s)
{
    return s->nps_promoters + s->nps_passives + s->nps_detractors;
}

bool satisfaction_nps(const struct satisfaction *s, double *ret_nps)
{
    int64_t count = satisfaction_nps_count(s);

    if (count <= 0) {
        return false;
    }
    *ret_nps = 100.0 * (double)(s->nps_promoters - s->nps_detractors) / (double)count;
    return true;
}

double satisfaction_shrunk_csat(const struct satisfaction *s)
{
    return ((double)s->csat_sum + CSAT_PRIOR * CSAT_PRIOR_ANSWERS) /
           ((double)s->csat_count + CSAT_PRIOR_ANSWERS);
}

double satisfaction_shrunk_nps(const struct satisfaction *s)
{
    return (double)(s->nps_promoters - s->nps_detractors) /
           ((double)satisfaction_nps_count(s) + NPS_PRIOR_ANSWERS);
}
