/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/demo_branch.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

static const struct demo_branch branches[] = {
    {"north",   0.6, 9.0,  1, 96, 45},
    {"south",   0.8, 11.0, 2, 93, 45},
    {"east",    1.4, 16.0, 3, 84, 55},
    {"harbour", 3.6, 30.0, 9, 50, 80},
};

/* The last of them, with two more people at the desk: early enough that a month shows whether it
 * helped. */
static const struct demo_branch helped = {"harbour", 1.1, 13.0, 2, 90, 50};

const struct demo_branch *demo_branch_choose(struct demo_teller *t)
{
    return &branches[demo_teller_below(t, (int)ARRAY_LEN(branches))];
}

const struct demo_branch *demo_branch_at(const struct demo_teller *t, const char *code,
                                         int64_t at_us)
{
    bool is_helped = at_us >= t->start_us + (t->end_us - t->start_us) * 13 / 30;

    for (size_t i = 0; i < ARRAY_LEN(branches); i++) {
        if (strcmp(branches[i].code, code) == 0) {
            return is_helped && strcmp(code, helped.code) == 0 ? &helped : &branches[i];
        }
    }
    return &branches[0];
}
