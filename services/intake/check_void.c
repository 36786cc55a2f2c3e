/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_check.h"

int intake_check_void(struct intake_record *r, const struct intake_validation *v, struct err *err)
{
    (void)v;
    (void)err;
    /* Whom it is about is known only when the receipt is read. All voids of a source take one lane,
     * so that they take effect in the order in which they were sent. */
    r->names.master_code = "record_void";
    return 0;
}
