/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_order_key.h"

#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"

const char *followup_order_key(int64_t follow_up, int32_t attempt,
                               char ret_key[FOLLOWUP_ORDER_KEY_SIZE])
{
    char number[IDENTIFIER_TEXT_SIZE];
    (void)text_format(ret_key, FOLLOWUP_ORDER_KEY_SIZE, "%s/%d",
                      identifier_format(IDENTIFIER_FOLLOW_UP, follow_up, number), attempt);
    return ret_key;
}

int followup_order_key_parse(const char *key, int64_t *ret_follow_up, int32_t *ret_attempt,
                             struct err *err)
{
    char number[IDENTIFIER_TEXT_SIZE];
    char again[FOLLOWUP_ORDER_KEY_SIZE];
    int64_t follow_up;
    int64_t attempt;
    const char *slash = key ? strchr(key, '/') : NULL;
    if (!slash || (size_t)(slash - key) >= sizeof(number)) {
        return err_set_field(err, "order_key_invalid", "key",
                             "an order key is F-NUMBER-DIGIT/ATTEMPT");
    }
    (void)text_format(number, sizeof(number), "%.*s", (int)(slash - key), key);
    /* One order has one key: what only reads like it is refused. */
    if (identifier_parse(IDENTIFIER_FOLLOW_UP, number, &follow_up, NULL) < 0 ||
        text_to_int64(slash + 1, 1, INT32_MAX, &attempt) < 0 ||
        strcmp(followup_order_key(follow_up, (int32_t)attempt, again), key) != 0) {
        return err_set_field(err, "order_key_invalid", "key",
                             "an order key is F-NUMBER-DIGIT/ATTEMPT");
    }
    *ret_follow_up = follow_up;
    *ret_attempt = (int32_t)attempt;
    return 0;
}
