/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value_bench.c - seconds of CPU time to fit BG/NBD to 1,000,000 customers, or as many as the
 * argument says, and to score them all: P(alive) and the purchases to expect in the next year.
 *
 * Reports one line per figure: "value_fit ours=1.2 unit=s". The customers are made before the clock
 * starts. Times are not rounded to days, so that hardly two customers are alike: what is alike
 * costs nothing. One thread. Exit status 1 when the fit does not find what made the customers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/model/bg_nbd.h"
#include "tests/support/purchase_world.h"

#define YEAR_DAYS 365.25

enum {
    CUSTOMERS = 1000000,
    CUSTOMERS_MAX = 100000000,
    SEED = 1,
};

/* CDNOW's parameters in days, over five years. */
static const struct purchase_world world = {
    {0.243, 30.9, 0.793, 2.426},
    30, 5 * YEAR_DAYS, 0
};

/* Of this process: others share the machine. */
static double cpu_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void score(const struct bg_nbd *m, const struct purchase_history *histories, size_t count)
{
    const double begin = cpu_s();
    double alive = 0;
    double expected = 0;

    for (size_t i = 0; i < count; i++) {
        alive += bg_nbd_alive(m, histories[i]);
        expected += bg_nbd_expected(m, histories[i], YEAR_DAYS);
    }
    (void)printf("value_score ours=%.3f unit=s\n", cpu_s() - begin);
    (void)printf("# %.0f of %zu alive, %.0f purchases to expect in a year\n", alive, count,
                 expected);
}

int main(int argc, char **argv)
{
    int64_t count = CUSTOMERS;

    if (argc > 1 && text_to_int64(argv[1], 1, CUSTOMERS_MAX, &count) < 0) {
        (void)fputs("usage: value_bench [CUSTOMERS]\n", stderr);
        return 2;
    }
    struct purchase_history *histories = xcalloc((size_t)count, sizeof(*histories));

    purchase_world_make(&world, SEED, (size_t)count, histories);
    const double begin = cpu_s();
    const struct bg_nbd_fit fit = bg_nbd_fit(histories, NULL, (size_t)count, &fit_terms_usual);

    (void)printf("value_fit ours=%.3f unit=s\n", cpu_s() - begin);
    (void)printf("# r %.4f alpha %.3f a %.4f b %.4f, log-likelihood %.3f, %d evaluations\n",
                 fit.model.r, fit.model.alpha, fit.model.a, fit.model.b, fit.report.log_likelihood,
                 fit.report.evaluations);
    score(&fit.model, histories, (size_t)count);
    free(histories);
    return fit.report.is_converged && fabs(fit.model.r / world.model.r - 1) < 0.1 ? 0 : 1;
}
