/* SPDX-License-Identifier: Apache-2.0 */
/* few_words_fuzz.c - dates, keys and addresses that stand in messages and files: what is read is
 * printed as a text that is read as the same. */
#include <stdlib.h>

#include "common/base/zone_rule.h"
#include "common/domain/yearly_date.h"
#include "common/runtime/bus.h"
#include "services/dialer/ami_outcome.h"
#include "services/followup/followup_order_key.h"
#include "services/reporting/report_day.h"
#include "tests/fuzz/fuzz.h"

static void fuzz_yearly_date(const char *text)
{
    struct yearly_date date = {.term = -1};
    struct yearly_date again = {.term = -1};
    struct err err = ERR_NONE;
    char printed[YEARLY_DATE_TEXT_SIZE];

    if (yearly_date_parse(text, &date, &err) == 0) {
        claim(yearly_date_parse(yearly_date_format(&date, printed), &again, &err) == 0,
              "a date that we printed is read");
        claim(date.kind == again.kind && date.month == again.month && date.day == again.day &&
                  date.term == again.term && date.is_leap_month == again.is_leap_month,
              "as the same date");
    }
}

static void fuzz_report_day(const char *text)
{
    int64_t days = 0;
    char printed[REPORT_DAY_SIZE];

    if (report_day_parse(text, &days) == 0) {
        claim(strcmp(report_day_format(days, printed), text) == 0, "a day has one text");
    }
}

static void fuzz_order_key(const char *text)
{
    struct err err = ERR_NONE;
    int64_t follow_up = 0;
    int32_t attempt = 0;
    char printed[FOLLOWUP_ORDER_KEY_SIZE];

    if (followup_order_key_parse(text, &follow_up, &attempt, &err) == 0) {
        (void)followup_order_key(follow_up, attempt, printed);
        claim(strcmp(printed, text) == 0, "an order has one key");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct zone_rule rule;
    struct err err = ERR_NONE;
    uint8_t key[PRINCIPAL_KEY_LEN];
    int32_t word = 0;

    fuzz_yearly_date(text);
    fuzz_report_day(text);
    fuzz_order_key(text);
    claim(zone_rule_parse(text, &rule) < 0 ||
              (rule.standard_s > -200 * 3600 && rule.standard_s < 200 * 3600),
          "an offset is some hours");
    claim(bus_key_decode(text, key, &err) < 0 || strlen(text) == 40, "a key has its length");
    (void)ami_outcome_parse(text, &word);
    (void)ami_outcome_parse_refusal(text, &word);
    free(text);
    return 0;
}
