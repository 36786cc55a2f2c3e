/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/fit_row.h"

#include <math.h>
#include <stdarg.h>

struct fit_row fit_row_of(enum fit_model model, int64_t from_us, int64_t till_us)
{
    return (struct fit_row){
        .model = model,
        .set = fit_set_none,
        .is_in_force = true,
        .from_us = from_us,
        .till_us = till_us,
    };
}

void fit_row_refuse(struct fit_row *row, const char *fmt, ...)
{
    va_list args;
    if (!row->is_in_force) {
        return;
    }
    row->is_in_force = false;
    va_start(args, fmt);
    (void)text_vformat(row->why_not, sizeof(row->why_not), fmt, args);
    va_end(args);
}

void fit_row_error(struct fit_row *row, const char *name, double value)
{
    if (isfinite(value) && row->error_count < FIT_ERRORS_MAX) {
        row->errors[row->error_count].name = name;
        row->errors[row->error_count].value = value;
        row->error_count++;
    }
}
