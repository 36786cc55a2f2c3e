/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_give_up.h"

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/log.h"
#include "services/intake/intake_receipts.h"

#define BROKEN_RETRY_AFTER_US (10 * DURATION_S)

void intake_give_up(struct intake *in, struct intake_record *r, const struct db_reply *reply)
{
    char key_hash[2 * BYTES_DIGEST_LEN + 1];
    uint8_t digest[BYTES_DIGEST_LEN];
    struct err err = ERR_NONE;
    Troth__V1__Receipt receipt;
    bytes_digest(bytes_of_text(r->message->key), digest);
    bytes_to_hex((struct bytes){digest, sizeof(digest)}, key_hash);
    log_error("record_not_stored", LOG_INT("source_id", r->request->sender.source_id),
              LOG_TEXT("key_hash", key_hash), LOG_TEXT("sqlstate", reply->sqlstate),
              LOG_ERR(&reply->err));
    if (reply->outcome == DB_DATA) {
        err_set(&err, "data_refused", "the database refuses this record (%s)", reply->sqlstate);
        receipt = intake_receipt_rejected(r->message->key, &err);
    } else {
        receipt = intake_receipt_retry(r->message->key, "unavailable", BROKEN_RETRY_AFTER_US);
    }
    intake_answer_receipt(in, r, &receipt);
    intake_replies_flush(in->replies);
}
