/* SPDX-License-Identifier: Apache-2.0 */
/* intake_codes.h - every code that a receipt or an error of intake may carry; proto/README.md
 * repeats the table. */
#ifndef TROTH_INTAKE_CODES_H
#define TROTH_INTAKE_CODES_H

#include <stddef.h>

struct intake_code {
    const char *code;
    const char *meaning;
    const char *advice; /* what the sender should do */
};

const struct intake_code *intake_codes(size_t *ret_count);

/* NULL when there is no such code. */
const struct intake_code *intake_code_find(const char *code);

#endif
