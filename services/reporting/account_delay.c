/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/account_delay.h"

#include <string.h>

#include "common/base/text.h"

/* In the order of enum account_subject. */
static const struct {
    const char *prefix;
    int64_t free; /* failures without a delay */
    int64_t max_us;
} rules[ACCOUNT_SUBJECTS] = {
    {"pair",    5,  INT64_C(15) * 60 * DURATION_S},
    {"address", 30, INT64_C(15) * 60 * DURATION_S},
    {"name",    50, INT64_C(60) * DURATION_S     },
};

static void digest(const char *prefix, const char *name, const char *address, uint8_t *ret_hash)
{
    struct text text = {0};
    text_append_len(&text, prefix, strlen(prefix) + 1);
    text_append_len(&text, name, strlen(name) + 1);
    text_append_len(&text, address, strlen(address) + 1);
    bytes_digest((struct bytes){(const uint8_t *)text.data, text.len}, ret_hash);
    text_free(&text);
}

void account_subjects_of(const char *name, const char *address, struct account_subjects *ret)
{
    digest(rules[ACCOUNT_PAIR].prefix, name, address, ret->hash[ACCOUNT_PAIR]);
    digest(rules[ACCOUNT_ADDRESS].prefix, "", address, ret->hash[ACCOUNT_ADDRESS]);
    digest(rules[ACCOUNT_NAME].prefix, name, "", ret->hash[ACCOUNT_NAME]);
}

int64_t account_delay_us(enum account_subject subject, int64_t failures)
{
    int64_t delay_us = failures < rules[subject].free ? 0 : DURATION_S;
    for (int64_t i = rules[subject].free; i < failures && delay_us < rules[subject].max_us; i++) {
        delay_us *= 2;
    }
    return delay_us < rules[subject].max_us ? delay_us : rules[subject].max_us;
}
