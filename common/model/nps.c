/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/nps.h"

#include <math.h>

#include "common/base/log.h"
#include "common/model/normal_distribution.h"

int nps_group(int answer)
{
    if (answer < 0 || answer > 10) {
        BUG("an answer outside 0 to 10");
    }
    return answer >= 9 ? NPS_PROMOTER : answer >= 7 ? NPS_PASSIVE : NPS_DETRACTOR;
}

bool nps_of(struct nps_counts c, struct nps *ret)
{
    double count = c.detractors + c.passives + c.promoters;
    double score, variance;

    if (!(count > 0.0)) {
        return false;
    }
    score = (c.promoters - c.detractors) / count;
    /* Rounding may leave a little below 0 when all answers are the same. */
    variance = fmax(0.0, (c.promoters + c.detractors) / count - score * score);
    *ret = (struct nps){score, variance, sqrt(variance / count)};
    return true;
}

static struct interval around(const struct nps *n, double z)
{
    double half = z * n->standard_error;

    return (struct interval){fmax(-1.0, n->score - half), fmin(1.0, n->score + half)};
}

bool nps_wald(struct nps_counts c, double z, struct interval *ret)
{
    struct nps n;

    if (!nps_of(c, &n)) {
        return false;
    }
    *ret = around(&n, z);
    return true;
}

void nps_adjusted_wald(struct nps_counts c, double z, struct nps *ret,
                       struct interval *ret_interval)
{
    const struct nps_counts more = {c.detractors + 0.75, c.passives + 1.5, c.promoters + 0.75};

    (void)nps_of(more, ret); /* never without answers */
    *ret_interval = around(ret, z);
}

bool nps_compare(struct nps_counts a, struct nps_counts b, double z, struct nps_difference *ret)
{
    struct nps of_a, of_b;
    double score, error;

    if (!nps_of(a, &of_a) || !nps_of(b, &of_b)) {
        return false;
    }
    score = of_a.score - of_b.score;
    error = hypot(of_a.standard_error, of_b.standard_error);
    *ret = (struct nps_difference){
        .score = score,
        .interval = {score - z * error, score + z * error},
 /* Without any variance a difference is certain, and so is none. */
        .p = error > 0.0    ? normal_two_sided_p(score / error)
             : score == 0.0 ? 1.0
                            : 0.0,
    };
    return true;
}
