/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/standard_thanks.h"

#include <stdint.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/standard_words.h"

/* Nods are among them: who answers "OK" asks for nothing either. */
static const char *const usual_words[] = {
    "谢谢",
    "谢谢你",
    "谢谢您",
    "谢谢你们",
    "谢谢您们",
    "谢谢了",
    "谢谢啦",
    "多谢",
    "多谢了",
    "感谢",
    "非常感谢",
    "十分感谢",
    "太感谢了",
    "感谢你",
    "感谢您",
    "感谢你们",
    "谢了",
    "辛苦了",
    "你们辛苦了",
    "您辛苦了",
    "麻烦了",
    "麻烦你们了",
    "麻烦您了",
    "好",
    "好的",
    "好吧",
    "好滴",
    "好嘞",
    "行",
    "可以",
    "嗯",
    "嗯嗯",
    "收到",
    "收到了",
    "知道了",
    "明白",
    "明白了",
    "了解",
    "没问题",
    "没问题了",
    "thanks",
    "thank you",
    "thank u",
    "thx",
    "thanx",
    "tks",
    "ty",
    "cheers",
    "a lot",
    "so much",
    "very much",
    "many",
    "again",
    "for your help",
    "for the help",
    "for your time",
    "for your support",
    "ok",
    "okay",
    "k",
    "alright",
    "all right",
    "great",
    "perfect",
    "got it",
    "understood",
    "noted",
    "will do",
    "much appreciated",
    "appreciated",
    "i appreciate it",
    "🙏",
    "👍",
    "👌",
    "❤",
    "😊",
    "🙂",
    "😀",
    "🌹",
    "🤝",
};

/* ---- characters between words */

/* Decodes one character of well-formed UTF-8. */
static uint32_t decode(const char *text, size_t *ret_len)
{
    static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const uint8_t first = (uint8_t)text[0];
    const size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    uint32_t point = first & masks[len];

    for (size_t i = 1; i < len; i++) {
        point = point << 6 | ((uint8_t)text[i] & 0x3fU);
    }
    *ret_len = len;
    return point;
}

/* Blanks and marks. No question marks, no signs of numbers and money, no other symbols. */
static bool is_between(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x09,    0x0d   },
        {0xa0,    0xa0   },
        {0xb7,    0xb7   },
        {0x2000,  0x2027 }, /* blanks, dashes, quotes, ellipsis */
        {0x3000,  0x3003 }, /* full-width blank, comma, full stop */
        {0x3008,  0x3011 }, /* brackets */
        {0x301c,  0x301c }, /* wave dash */
        {0xfe0e,  0xfe0f }, /* how an emoji is drawn */
        {0xff01,  0xff01 }, /* ！ */
        {0xff08,  0xff09 }, /* （） */
        {0xff0c,  0xff0e }, /* ，－． */
        {0xff1a,  0xff1b }, /* ：； */
        {0xff5e,  0xff5e }, /* ～ */
        {0x1f3fb, 0x1f3ff}, /* the skin of an emoji */
    };

    if (point > 0 && point < 0x80 && strchr(" !\"'(),-.:;~", (int)point)) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        if (point >= ranges[i].first && point <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* ---- words */

/* The longest word that stands there; 0: none does. */
static size_t longest_at(const char *place, const char *const *words, size_t count)
{
    size_t longest = 0;

    for (size_t i = 0; i < count; i++) {
        const size_t len = standard_words_length_at(place, words[i]);

        longest = len > longest ? len : longest;
    }
    return longest;
}

/* Returns false at the first thing that is neither thanks nor a mark. */
static bool count_words(const char *text, const char *const *words, size_t count, size_t *ret_found)
{
    const char *at = text;

    while (*at) {
        size_t len = longest_at(at, words, count);

        if (len > 0) {
            (*ret_found)++;
        } else if (!is_between(decode(at, &len))) {
            return false;
        }
        at += len;
    }
    return true;
}

bool standard_thanks_is_all(const struct standard_list *words, const char *const *texts,
                            size_t count)
{
    const char *const *known = words->count > 0 ? words->texts : usual_words;
    const size_t known_count = words->count > 0 ? words->count : ARRAY_LEN(usual_words);
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (texts[i] && !count_words(texts[i], known, known_count, &found)) {
            return false;
        }
    }
    return found > 0;
}
