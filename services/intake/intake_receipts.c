/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_receipts.h"

#include <stdbool.h>

#include "services/intake/borrowed.h"
#include "services/intake/intake_codes.h"

#define STATUS(name) TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_##name

Troth__V1__Receipt intake_receipt_rejected(const char *key, const struct err *err)
{
    Troth__V1__Receipt receipt = TROTH__V1__RECEIPT__INIT;
    receipt.key = borrowed(key);
    receipt.has_status = true;
    receipt.status = STATUS(REJECTED);
    receipt.code = borrowed(err->code);
    receipt.field = err->field[0] ? borrowed(err->field) : NULL;
    receipt.text = borrowed(err->text);
    return receipt;
}

Troth__V1__Receipt intake_receipt_retry(const char *key, const char *code, int64_t retry_after_us)
{
    const struct intake_code *known = intake_code_find(code);
    Troth__V1__Receipt receipt = TROTH__V1__RECEIPT__INIT;
    receipt.key = borrowed(key);
    receipt.has_status = true;
    receipt.status = STATUS(RETRY);
    receipt.code = borrowed(code);
    receipt.text = known ? borrowed(known->meaning) : NULL;
    receipt.has_retry_after_us = true;
    receipt.retry_after_us = retry_after_us;
    return receipt;
}
