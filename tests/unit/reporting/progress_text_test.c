/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "services/reporting/progress_time.h"

static void words_lose_numbers_and_addresses_and_nothing_else(void **state)
{
    static const struct {
        const char *words, *masked;
    } rows[] = {
        {"",                                                            ""                                          },
        {"by Friday at 17:30",                                          "by Friday at 17:30"                        },
        {"on 24.11. or 25.11.",                                         "on 24.11. or 25.11."                       },
        {"by 2026-11-24 14:00",                                         "by 2026-11-24 14:00"                       },
        {"on 24.11.2026, not 1/2/2026",                                 "on 24.11.2026, not 1/2/2026"               },
        {"2026-1380-0001",                                              "•••"                                 },
        {"2 pumps for 1200 CNY",                                        "2 pumps for 1200 CNY"                      },
        {"call +86 138-0000-1234 now",                                  "call ••• now"                        },
        {"(010) 6552-9988",                                             "•••"                                 },
        {"电话13800001234。",                                        "电话•••。"                        },
        {"write to li.wang@example.com, please",                        "write to •••, please"                },
        {"at 5 @ noon",                                                 "at 5 ••• noon"                       },
        {"<li@example.com>",                                            "<•••>"                               },
        {"12345",                                                       "12345"                                     },
        {"123456",                                                      "•••"                                 },
        {"１３８００００１２３４。",                        "•••。"                              },
        {"138–0000–1234 now",                                       "••• now"                             }, /* en dashes */
        {"138－0000—1234",                                           "•••"                                 }, /* wide, em dash */
        {"138\xc2\xa0"
         "0000\xc2\xa0"
         "1234",                                               "•••"                                 }, /* spaces that do not break */
        {"138　0000　1234",                                           "•••"                                 }, /* wide spaces */
        {"（０１０）６５５２９９８８",                     "•••"                                 },
        {"＋86 138‑0000‑1234",                                     "•••"                                 },
        {"write li＠example．cn now",                                 "write ••• now"                       },
        {"write：li@example.cn，now",                                 "write：•••，now"                   },
        {"١٣٨٠٠٠٠١٢٣٤",                                      "•••"                                 }, /* Arabic digits */
        {"138\xc3\x28 20 – 30 分钟",                                "138\xc3( 20 – 30 分钟"                 },
        {"1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣1️⃣2️⃣。", "•••。"                              },
        {"1\xcc\xb2"
         "3\xcc\xb2"
         "8\xcc\xb2"
         "0\xcc\xb2"
         "0\xcc\xb2"
         "1\xcc\xb2",                                          "•••"                                 },
        {"13\xe2\x80\x8b"
         "80\xe2\x81\xa0"
         "01",                                                 "•••"                                 },
        {"①③⑧⓪⓪⓪⓪①②③④",                           "•••"                                 },
        {"打一三八〇〇〇〇一二三四",                        "打•••"                              },
        {"壹叁捌零零零零 幺两三四",                          "•••"                                 },
        {"138零零零零1234",                                         "•••"                                 },
        {"周一 2026-11-24 或周二",                                 "周一 2026-11-24 或周二"               },
        {"二〇二六年一月二十四日，一个",                  "二〇二六年一月二十四日，一个"},
        {"（一）换泵 （二）三四天",                          "（一）换泵 （二）三四天"        },
        {"① 检查 ② 更换 12",                                    "① 检查 ② 更换 12"                  },
        {"cafe\xcc\x81 at 5",                                           "cafe\xcc\x81 at 5"                         },
        {"今天 17：30 – 18：30",                                  "今天 17：30 – 18：30"                },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text out = {0};
        progress_text_mask(rows[i].words, &out);
        assert_string_equal(text_or_empty(&out), rows[i].masked);
        text_free(&out);
    }
}

static void money_has_the_digits_of_its_currency(void **state)
{
    static const struct {
        int64_t minor;
        const char *currency, *text;
    } rows[] = {
        {19900, "CNY", "199.00 CNY"},
        {5,     "EUR", "0.05 EUR"  },
        {1200,  "JPY", "1200 JPY"  },
        {1234,  "KWD", "1.234 KWD" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text out = {0};
        progress_text_money(rows[i].minor, rows[i].currency, &out);
        assert_string_equal(out.data, rows[i].text);
        text_free(&out);
    }
}

/* 2026-03-08 06:30 UTC: New York is an hour before its clocks go forward. */
static void times_are_told_in_the_zone_of_the_reader(void **state)
{
    struct zone *zone = zone_open("America/New_York", NULL);
    const int64_t us = INT64_C(1772951400000000);
    char text[PROGRESS_TIME_SIZE];
    int64_t end_us;
    (void)state;
    assert_non_null(zone);
    assert_string_equal(progress_time(PROGRESS_ENGLISH, zone, us, text), "Sun 8 Mar 2026, 01:30");
    assert_string_equal(progress_time(PROGRESS_CHINESE, zone, us, text),
                        "2026年3月8日（周日）01:30");
    assert_string_equal(progress_offset(zone, us, text), "UTC-5");
    assert_string_equal(progress_date(zone, us, text), "2026-03-08");
    assert_string_equal(progress_time(PROGRESS_ENGLISH, NULL, 0, text), "Thu 1 Jan 1970, 00:00");
    assert_true(progress_day_end(zone, "2026-03-08", &end_us)); /* a day of 23 hours */
    assert_int_equal(end_us, INT64_C(1773028799999999));
    assert_false(progress_day_end(zone, "2026-02-30", &end_us));
    assert_false(progress_day_end(zone, "2026-3-8", &end_us));
    assert_false(progress_day_end(zone, "", &end_us));
    zone_free(zone);
    zone = zone_open("Asia/Kolkata", NULL);
    assert_string_equal(progress_offset(zone, us, text), "UTC+5:30");
    zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_lose_numbers_and_addresses_and_nothing_else),
        cmocka_unit_test(money_has_the_digits_of_its_currency),
        cmocka_unit_test(times_are_told_in_the_zone_of_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
