/* SPDX-License-Identifier: Apache-2.0 */
#include "common/model/normal_distribution.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/model/interval.h"
#include "tests/support/proof.h"

static void quantiles_are_those_that_were_published(void **state)
{
    PROOF("quantile of 0.25", "Wichura 1988, AS 241", -0.6744897501960817, 1e-15,
          normal_quantile(0.25));
    PROOF("quantile of 0.001", "Wichura 1988, AS 241", -3.090232306167814, 1e-14,
          normal_quantile(0.001));
    PROOF("quantile of 1e-20", "Wichura 1988, AS 241", -9.262340089798408, 1e-14,
          normal_quantile(1e-20));
    assert_true(fabs(normal_quantile(0.975) - INTERVAL_Z_95) < 1e-15);
    assert_true(normal_quantile(0.5) == 0.0);
}

static void a_quantile_leaves_its_share_outside(void **state)
{
    for (int i = 1; i < 40; i++) {
        double p = pow(0.5, i), z = normal_quantile(p);

        assert_true(fabs(normal_two_sided_p(z) - 2.0 * p) <= 1e-12 * p * 1e3);
        assert_true(fabs(normal_quantile(1.0 - p) + z) < 1e-3);
    }
    assert_true(normal_two_sided_p(0.0) == 1.0);
    assert_true(normal_two_sided_p(-2.0) == normal_two_sided_p(2.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_that_were_published),
        cmocka_unit_test(a_quantile_leaves_its_share_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
