/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/word_stop.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"

/* In the order of their bytes: searched by halves. None of less than three letters of an alphabet,
 * and none that begins or ends with a particle: those are no words to begin with. */
static const char *const words[] = {
    "about",     "after",   "again",    "all",        "also",    "always", "and",      "another",
    "any",       "anybody", "anyone",   "anything",   "are",     "arent",  "around",   "ask",
    "asked",     "because", "been",     "before",     "being",   "below",  "between",  "both",
    "but",       "call",    "called",   "came",       "can",     "cannot", "cant",     "com",
    "come",      "could",   "couldnt",  "dear",       "did",     "didnt",  "does",     "doesnt",
    "doing",     "done",    "dont",     "down",       "during",  "each",   "either",   "else",
    "even",      "ever",    "every",    "everything", "few",     "for",    "from",     "further",
    "get",       "gets",    "getting",  "give",       "given",   "goes",   "going",    "gone",
    "got",       "had",     "hadnt",    "has",        "hasnt",   "have",   "havent",   "having",
    "hello",     "her",     "here",     "hers",       "him",     "his",    "how",      "however",
    "http",      "https",   "ill",      "into",       "isnt",    "its",    "ive",      "just",
    "know",      "last",    "less",     "let",        "like",    "made",   "make",     "many",
    "may",       "maybe",   "might",    "more",       "most",    "much",   "must",     "myself",
    "need",      "needed",  "never",    "new",        "next",    "nobody", "not",      "nothing",
    "now",       "off",     "often",    "once",       "one",     "only",   "onto",     "other",
    "our",       "ours",    "out",      "over",       "own",     "please", "put",      "quite",
    "rather",    "really",  "regards",  "said",       "same",    "say",    "see",      "seem",
    "seems",     "she",     "should",   "shouldnt",   "since",   "some",   "somebody", "someone",
    "something", "still",   "such",     "sure",       "take",    "taken",  "than",     "thank",
    "thanks",    "that",    "thats",    "the",        "their",   "theirs", "them",     "then",
    "there",     "these",   "they",     "theyre",     "thing",   "things", "think",    "this",
    "those",     "though",  "three",    "through",    "told",    "too",    "took",     "toward",
    "two",       "under",   "until",    "upon",       "use",     "used",   "very",     "want",
    "wanted",    "was",     "wasnt",    "way",        "well",    "went",   "were",     "werent",
    "what",      "whats",   "when",     "where",      "whether", "which",  "while",    "who",
    "whole",     "whom",    "whose",    "why",        "will",    "with",   "within",   "without",
    "wont",      "would",   "wouldnt",  "www",        "yes",     "yet",    "you",      "your",
    "youre",     "yours",   "yourself", "东西",       "任何",    "先生",   "刚刚",     "别人",
    "另外",      "同样",    "告诉",     "咨询",       "大家",    "女士",   "如果",     "客服",
    "希望",      "开始",    "当时",     "怎么样",     "怎样",    "感觉",   "打电话",   "投诉",
    "按照",      "方面",    "时候",     "时间",       "明天",    "昨天",   "本人",     "根本",
    "横竖",      "比较",    "电话",     "直接",       "知道",    "结果",   "自己",     "请问",
    "谢谢",      "进行",    "里面",     "问题",       "非常",    "首先",   "麻烦",
};

static const uint32_t particles[] = {
    0x4E00, /* 一 */ 0x4E09, /* 三 */ 0x4E0A, /* 上 */ 0x4E0B, /* 下 */ 0x4E0D, /* 不 */
    0x4E0E, /* 与 */ 0x4E14, /* 且 */ 0x4E24, /* 两 */ 0x4E2A, /* 个 */ 0x4E2D, /* 中 */
    0x4E3A, /* 为 */ 0x4E48, /* 么 */ 0x4E4B, /* 之 */ 0x4E5F, /* 也 */ 0x4E86, /* 了 */
    0x4E8C, /* 二 */ 0x4E8E, /* 于 */ 0x4ECE, /* 从 */ 0x4ED6, /* 他 */ 0x4EE5, /* 以 */
    0x4EEC, /* 们 */ 0x4F1A, /* 会 */ 0x4F46, /* 但 */ 0x4F60, /* 你 */ 0x5176, /* 其 */
    0x518D, /* 再 */ 0x51E0, /* 几 */ 0x5219, /* 则 */ 0x5230, /* 到 */ 0x524D, /* 前 */
    0x5373, /* 即 */ 0x53BB, /* 去 */ 0x53C8, /* 又 */ 0x53CA, /* 及 */ 0x53EA, /* 只 */
    0x53EF, /* 可 */ 0x5404, /* 各 */ 0x540E, /* 后 */ 0x5411, /* 向 */ 0x5417, /* 吗 */
    0x5427, /* 吧 */ 0x5440, /* 呀 */ 0x5462, /* 呢 */ 0x548C, /* 和 */ 0x54C8, /* 哈 */
    0x54E6, /* 哦 */ 0x54EA, /* 哪 */ 0x554A, /* 啊 */ 0x5566, /* 啦 */ 0x55EF, /* 嗯 */
    0x561B, /* 嘛 */ 0x56E0, /* 因 */ 0x5728, /* 在 */ 0x5730, /* 地 */ 0x591A, /* 多 */
    0x592A, /* 太 */ 0x5979, /* 她 */ 0x5B83, /* 它 */ 0x5BF9, /* 对 */ 0x5C06, /* 将 */
    0x5C11, /* 少 */ 0x5C31, /* 就 */ 0x5DF2, /* 已 */ 0x5F88, /* 很 */ 0x5F97, /* 得 */
    0x60A8, /* 您 */ 0x60F3, /* 想 */ 0x6211, /* 我 */ 0x6216, /* 或 */ 0x6240, /* 所 */
    0x624D, /* 才 */ 0x628A, /* 把 */ 0x662F, /* 是 */ 0x66F4, /* 更 */ 0x6700, /* 最 */
    0x6709, /* 有 */ 0x6765, /* 来 */ 0x67D0, /* 某 */ 0x6B64, /* 此 */ 0x6BCF, /* 每 */
    0x6CA1, /* 没 */ 0x7684, /* 的 */ 0x7740, /* 着 */ 0x7B49, /* 等 */ 0x7ED9, /* 给 */
    0x800C, /* 而 */ 0x80FD, /* 能 */ 0x82E5, /* 若 */ 0x867D, /* 虽 */ 0x88AB, /* 被 */
    0x8981, /* 要 */ 0x8BA9, /* 让 */ 0x8BE5, /* 该 */ 0x8BF4, /* 说 */ 0x8DDF, /* 跟 */
    0x8FC7, /* 过 */ 0x8FD8, /* 还 */ 0x8FD9, /* 这 */ 0x90A3, /* 那 */ 0x90FD, /* 都 */
    0x91CC,                                                                     /* 里 */
};

static int compare(const void *key, const void *element)
{
    const char *word = key;
    const char *const *listed = element;
    return strcmp(word, *listed);
}

bool word_is_stopped(const char *word)
{
    return bsearch(word, words, ARRAY_LEN(words), sizeof(words[0]), compare) != NULL;
}

bool word_is_particle(uint32_t letter)
{
    for (size_t i = 0; i < ARRAY_LEN(particles); i++) {
        if (particles[i] == letter) {
            return true;
        }
    }
    return false;
}
