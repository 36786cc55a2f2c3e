/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/plain_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

/* Breaks as '|', letters as UTF-8. */
static void check(const char *said, const char *name, const char *want)
{
    struct plain_text t = {0};
    struct text got = {0};
    size_t from, last = 0;
    plain_text_add(&t, said);
    plain_text_mask_name(&t, name);
    for (size_t at = 0, n; (n = plain_text_run(&t, at, &from)) > 0; at = from + n) {
        text_append(&got, last > 0 ? "|" : "");
        for (size_t i = from; i < from + n; i++) {
            uint32_t c = t.letters[i];
            const char utf8[] = {(char)(c < 0x80    ? c
                                        : c < 0x800 ? 0xC0 | c >> 6
                                                    : 0xE0 | c >> 12),
                                 (char)(c < 0x800 ? 0x80 | (c & 63) : 0x80 | (c >> 6 & 63)),
                                 (char)(0x80 | (c & 63))};
            text_append_len(&got, utf8, c < 0x80 ? 1 : c < 0x800 ? 2 : 3);
        }
        last = from + n;
    }
    if (strcmp(text_or_empty(&got), want) != 0) {
        fail_msg("'%s' became '%s', not '%s'", said, text_or_empty(&got), want);
    }
    text_free(&got);
    plain_text_free(&t);
}

static void what_is_said_becomes_bare_letters(void **state)
{
    static const struct {
        const char *said, *want;
    } cases[] = {
        {"",                                 ""                                },
        {"The Brakes SQUEAL!",               "the|brakes|squeal"               },
        {"刹车异响，很吵。",         "刹车异响|很吵"             },
        {"ＡＢＣ１２３ｄｅｆ",      "abc|def"                         },
        {"I don't know; 'quoted' it’s",    "i|dont|know|quoted|its"          },
        {"买了iPhone手机",               "买了|iphone|手机"            },
        {"ÄRGER Über ÖL, été",          "ärger|über|öl|été"          },
        {"ПРИВЕТ Ёлка",            "привет|ёлка"           },
        {"ブレーキが鳴る",            "ブレ|キが鳴る"             },
        {"a\tb\n\nc--d",                     "a|b|c|d"                         },
        {"ĄBC",                             "ąbc"                            },
        {"ŹLE ŻÓŁW Žluť ĽUDIA ŘEKA", "źle|żółw|žluť|ľudia|řeka"},
        {"źle žluť ľudia",               "źle|žluť|ľudia"              },
        {"...!!! 123 456",                   ""                                },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        check(cases[i].said, NULL, cases[i].want);
    }
}

static void digits_and_addresses_go_no_further(void **state)
{
    static const struct {
        const char *said, *want;
    } cases[] = {
        {"call 13800138000 now",                           "call|now"          },
        {"电话13800138000谢谢",                        "电话|谢谢"     },
        {"沪A12345的车",                                "沪|a|的车"      },
        {"order AB-123-CD",                                "order|ab|cd"       },
        {"write to Li.Lei_7@example.org please",           "write|to|please"   },
        {"请发到li.lei@example.com.cn谢谢",           "请发到|谢谢"  },
        {"a@b@c d",                                        "d"                 },
        {"@everyone look",                                 "look"              },
        {"ｌｉ＠ｅｘａｍｐｌｅ．ｏｒｇ 好", "好"               },
        {"mail me@",                                       "mail"              },
        {"电话幺三八零零一三八零零〇请回",  "电话|请回"     },
        {"一二三四",                                   ""                  },
        {"说了一二三次",                             "说了一二三次"}, /* three are no number */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        check(cases[i].said, NULL, cases[i].want);
    }
}

static void known_names_go_no_further(void **state)
{
    static const struct {
        const char *name, *said, *want;
    } cases[] = {
        {NULL,               "Li Lei was here",                "li|lei|was|here"},
        {"",                 "Li Lei was here",                "li|lei|was|here"},
        {"Li Lei",           "LI LEI was here; Lei again",     "was|here|again" },
        {"Ma",               "the machine of Ma",              "the|machine|of" },
        {"J Smith",          "j smith said so",                "j|said|so"      },
        {"李雷",           "我是李雷，找我",          "我是|找我"  },
        {"王小明",        "我叫王小明，小明的车", "我叫|的车"  },
        {"欧阳娜娜",     "阳娜娜要求退款",          "要求退款"   },
        {"欧阳娜娜",     "欧阳小姐，娜娜的车",    "小姐|的车"  },
        {"李雷先生",     "我是李雷，李雷先生",    "我是"         },
        {"Li Lei",           "Lei's car, leis car, leist",     "car|car|leist"  },
        {"Łukasz Nguyễn", "ŁUKASZ łukasz NGUYỄN here",  "here"           },
        {"李",              "李先生在吗",                "李先生在吗"},
        {"李雷 Li Lei",    "李雷 (li lei) here",           "here"           },
        {"李雷",           "李雷李雷好",                "好"            },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        check(cases[i].said, cases[i].name, cases[i].want);
    }
}

static void texts_that_are_added_do_not_run_together(void **state)
{
    struct plain_text t = {0};
    size_t from;
    plain_text_add(&t, "刹车");
    plain_text_add(&t, NULL);
    plain_text_add(&t, "异响");
    assert_int_equal(plain_text_run(&t, 0, &from), 2);
    assert_int_equal(plain_text_run(&t, 2, &from), 2);
    assert_int_equal(from, 3);
    assert_int_equal(plain_text_run(&t, 5, &from), 0);
    plain_text_clear(&t);
    assert_int_equal(plain_text_run(&t, 0, &from), 0);
    plain_text_free(&t);
}

static void letters_have_kinds(void **state)
{
    static const struct {
        uint32_t letter;
        enum letter_kind want;
    } cases[] = {
        {'a',     LETTER_ALPHABETIC},
        {'A',     LETTER_NONE      }, /* folded before */
        {'0',     LETTER_NONE      },
        {0x4E00,  LETTER_WIDE      },
        {0x9FFF,  LETTER_WIDE      },
        {0xA000,  LETTER_NONE      },
        {0x20000, LETTER_WIDE      },
        {0x3042,  LETTER_WIDE      },
        {0xAC00,  LETTER_WIDE      },
        {0x3002,  LETTER_NONE      }, /* the ideographic full stop */
        {0xD7,    LETTER_NONE      },
        {0xF7,    LETTER_NONE      },
        {0x1F600, LETTER_NONE      },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(letter_kind_of(cases[i].letter), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_becomes_bare_letters),
        cmocka_unit_test(digits_and_addresses_go_no_further),
        cmocka_unit_test(known_names_go_no_further),
        cmocka_unit_test(texts_that_are_added_do_not_run_together),
        cmocka_unit_test(letters_have_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
