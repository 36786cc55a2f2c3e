/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/points_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

static void every_kind_of_entry_has_words_in_both_languages(void **state)
{
    static const char *const entries[][2] = {
        {"earned",     "purchase"  },
        {"earned",     "answer"    },
        {"spent",      "redemption"},
        {"expired",    "purchase"  },
        {"expired",    "refund"    },
        {"taken_back", "purchase"  },
        {"taken_back", "answer"    },
        {"taken_back", "refund"    },
        {"refused",    "redemption"},
        {"given_back", "refund"    },
        {"given_back", "redemption"},
    };
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        const char *english = points_words(entries[i][0], entries[i][1], false);
        const char *chinese = points_words(entries[i][0], entries[i][1], true);
        assert_true(strlen(english) > 4);
        assert_string_not_equal(chinese, english);
        assert_true((unsigned char)chinese[0] >= 0x80);
        assert_null(strpbrk(chinese, ":,;"));
    }
}

static void what_is_not_known_is_said_as_it_is(void **state)
{
    assert_string_equal(points_words("lent", "purchase", true), "lent");
    assert_string_equal(points_words("earned", "gift", false), "earned");
    assert_string_equal(points_words("earned", NULL, false), "earned");
    assert_string_equal(points_words(NULL, "purchase", false), "-");
}

static void every_label_is_there(void **state)
{
    for (int label = 0; label < POINTS_LABEL_COUNT; label++) {
        assert_non_null(points_label((enum points_label)label, false));
        assert_non_null(points_label((enum points_label)label, true));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_entry_has_words_in_both_languages),
        cmocka_unit_test(what_is_not_known_is_said_as_it_is),
        cmocka_unit_test(every_label_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
