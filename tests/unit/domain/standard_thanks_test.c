/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/standard_thanks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/text.h"

static void thanks_are_told_from_what_asks_for_more(void **state)
{
    static const struct {
        const char *texts[2];
        bool want;
    } cases[] = {
        {{"谢谢"},                             true },
        {{"谢谢！"},                          true },
        {{"好的，谢谢你们。"},           true },
        {{"非常感谢～辛苦了🙏🏻"},   true },
        {{"嗯嗯 收到"},                      true },
        {{"OK, thanks!"},                        true },
        {{"Thank you very much for your help."}, true },
        {{"THX :)"},                             true },
        {{"👍👍"},                           true },
        {{"thanks", "谢谢"},                   true },
        {{"", "ok"},                             true },
        {{NULL, "ok"},                           true },
        {{"谢谢", "车又坏了"},             false},
        {{"谢谢，但是车又坏了"},        false},
        {{"谢谢你的刹车"},                 false},
        {{"thanks for nothing"},                 false},
        {{"thanksgiving"},                       false},
        {{"no thanks"},                          false},
        {{"OK?"},                                false},
        {{"好的？"},                          false},
        {{"谢谢 13800000000"},                 false},
        {{"thanks 😡"},                        false},
        {{"不谢谢"},                          false},
        {{""},                                   false},
        {{"!!!"},                                false},
        {{" \n"},                                false},
        {{"okay", "  "},                         true },
        {{"okok"},                               false},
        {{"thanks\302\240"},                     true },
        {{"謝謝"},                             false},
        {{"¥"},                                 false},
    };
    static const struct standard_list usual = {.count = 0};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (standard_thanks_is_all(&usual, cases[i].texts, 2) != cases[i].want) {
            fail_msg("%s", cases[i].texts[0]);
        }
    }
    assert_false(standard_thanks_is_all(&usual, NULL, 0));
}

static void words_of_ones_own_replace_the_usual_ones(void **state)
{
    const char *words[] = {"謝謝", "謝", "danke schön"};
    const struct standard_list own = {.texts = words, .count = ARRAY_LEN(words)};
    static const struct {
        const char *text;
        bool want;
    } cases[] = {
        {"謝謝",        true },
        {"謝",           true },
        {"謝謝謝",     true },
        {"Danke schön!", true },
        {"danke",         false},
        {"thanks",        false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(standard_thanks_is_all(&own, &cases[i].text, 1), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thanks_are_told_from_what_asks_for_more),
        cmocka_unit_test(words_of_ones_own_replace_the_usual_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
