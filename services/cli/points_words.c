/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/points_words.h"

#include <stddef.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

static const char *const labels[POINTS_LABEL_COUNT][2] = {
    [POINTS_LABEL_BALANCE] = {"points",                                             "积分"                },
    [POINTS_LABEL_EXPIRING] = {"of them run out within 30 days",                     "将在 30 天内过期"},
    [POINTS_LABEL_ELSEWHERE] = {"more in accounts of others who are the same person",
                              "在同一人的其他账户中"                                              },
    [POINTS_LABEL_NO_ENTRIES] = {"Nothing was booked yet.",                            "尚无记录。"       },
    [POINTS_LABEL_TIME] = {"TIME",                                               "时间"                },
    [POINTS_LABEL_POINTS] = {">POINTS",                                            ">积分"               },
    [POINTS_LABEL_BALANCE_COLUMN] = {">BALANCE",                                           ">余额"               },
    [POINTS_LABEL_LEFT] = {">LEFT",                                              ">剩余"               },
    [POINTS_LABEL_UNTIL] = {"UNTIL",                                              "有效期至"          },
    [POINTS_LABEL_WHAT] = {"WHAT",                                               "事项"                },
};

/* kind, reason (NULL: any), English, Chinese */
static const struct {
    const char *kind, *reason, *words[2];
} sentences[] = {
    {"earned",     "purchase",   {"earned with a purchase", "购买所得"}                        },
    {"earned",     "answer",     {"earned with an answer", "回答调查所得"}                   },
    {"spent",      NULL,         {"spent", "兑换"}                                               },
    {"expired",    NULL,         {"ran out", "过期"}                                             },
    {"taken_back", "purchase",   {"taken back: the purchase is void", "收回：购买已作废"}  },
    {"taken_back", "answer",     {"taken back: the answer is void", "收回：回答已作废"}    },
    {"taken_back", "refund",     {"taken back for a refund", "退款收回"}                       },
    {"refused",    NULL,         {"not spent: too few points", "未兑换：积分不足"}         },
    {"given_back", "refund",     {"given back: the refund is void", "退还：退款已作废"}    },
    {"given_back", "redemption", {"given back: the redemption is void", "退还：兑换已作废"}},
};

const char *points_label(enum points_label label, bool is_chinese)
{
    return labels[label][is_chinese ? 1 : 0];
}

const char *points_words(const char *kind, const char *reason, bool is_chinese)
{
    for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
        if (!text_is_empty(kind) && strcmp(kind, sentences[i].kind) == 0 &&
            (!sentences[i].reason ||
             (!text_is_empty(reason) && strcmp(reason, sentences[i].reason) == 0))) {
            return sentences[i].words[is_chinese ? 1 : 0];
        }
    }
    return text_is_empty(kind) ? "-" : kind;
}
