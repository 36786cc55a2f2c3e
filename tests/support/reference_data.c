/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/reference_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char *folder(void)
{
    const char *named = getenv("TROTH_REFERENCE_DATA");

    return text_is_empty(named) ? "../shared/data" : named;
}

void reference_data_need(void)
{
    if (access(folder(), R_OK) < 0) {
        (void)puts("SKIP: reference data not present");
        skip();
    }
}

struct text reference_data_path(const char *name)
{
    struct text path = {0};

    text_appendf(&path, "%s/%s", folder(), name);
    return path;
}
