/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/worklist_words.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "common/base/compiler.h"
#include "services/cli/followup_reasons.h"

/* English, Chinese */
static const char *const labels[WORKLIST_LABEL_COUNT][2] = {
    [WORKLIST_LABEL_ORDER] = {"Order",              "任务"                  },
    [WORKLIST_LABEL_CUSTOMER] = {"Customer",           "客户"                  },
    [WORKLIST_LABEL_PHONE] = {"Call",               "电话"                  },
    [WORKLIST_LABEL_NO_PHONE] = {"no number",          "没有号码"            },
    [WORKLIST_LABEL_SPEAKS] = {"speaks",             "语言"                  },
    [WORKLIST_LABEL_WHY] = {"Why you",            "为何由人处理"      },
    [WORKLIST_LABEL_NO_CALL] = {"Do not call now",    "现在请勿致电"      },
    [WORKLIST_LABEL_LEASE] = {"Accept within",      "请在此时间内接受"},
    [WORKLIST_LABEL_SECONDS] = {"s",                  "秒"                     },
    [WORKLIST_LABEL_SAY] = {"What to say",        "要说的话"            },
    [WORKLIST_LABEL_ASK] = {"What to ask",        "要问的问题"         },
    [WORKLIST_LABEL_ONLY_IF] = {"only if",            "仅当"                  },
    [WORKLIST_LABEL_EXPECTED] = {"expected",           "期望"                  },
    [WORKLIST_LABEL_CLOSE] = {"How to end",         "结束语"               },
    [WORKLIST_LABEL_STORY] = {"What happened",      "客户经历"            },
    [WORKLIST_LABEL_NO_STORY] = {"nothing on record",  "没有记录"            },
    [WORKLIST_LABEL_NEXT] = {"Then",               "接下来"               },
    [WORKLIST_LABEL_NOTHING] = {"Nothing to do now.", "现在没有待办。"   },
    [WORKLIST_LABEL_TIME] = {"TIME",               "时间"                  },
    [WORKLIST_LABEL_KIND] = {"KIND",               "类型"                  },
    [WORKLIST_LABEL_NUMBER] = {"NUMBER",             "编号"                  },
    [WORKLIST_LABEL_WHAT] = {"WHAT",               "内容"                  },
    [WORKLIST_LABEL_STATE] = {"STATE",              "状态"                  },
    [WORKLIST_LABEL_DUE] = {"DUE",                "到期"                  },
};

/* word, English (NULL: as it is, or as the list of reasons has it), Chinese */
static const struct {
    const char *word, *english, *chinese;
} words[] = {
    {"case",                NULL,                                                 "个案"                           },
    {"promise",             NULL,                                                 "承诺"                           },
    {"call",                NULL,                                                 "回访"                           },
    {"answer",              NULL,                                                 "回答"                           },

    {"new",                 NULL,                                                 "新建"                           },
    {"open",                NULL,                                                 "处理中"                        },
    {"waiting_customer",    "waits for the customer",                             "等待客户"                     },
    {"waiting_third_party", "waits for somebody else",                            "等待第三方"                  },
    {"resolved",            NULL,                                                 "已解决"                        },
    {"closed",              NULL,                                                 "已关闭"                        },
    {"at_risk",             "at risk",                                            "有风险"                        },
    {"kept",                NULL,                                                 "已兑现"                        },
    {"kept_late",           "kept late",                                          "逾期兑现"                     },
    {"broken",              NULL,                                                 "未兑现"                        },
    {"withdrawn",           NULL,                                                 "已撤回"                        },
    {"waived",              NULL,                                                 "客户已放弃"                  },
    {"renegotiated",        NULL,                                                 "已重新约定"                  },
    {"renegotiated_late",   "renegotiated late",                                  "逾期后重新约定"            },

    {"first_response",      "first response",                                     "首次响应"                     },
    {"next_update",         "next update",                                        "下次进展"                     },
    {"resolution",          NULL,                                                 "解决"                           },
    {"callback",            "call back",                                          "回电"                           },

    {"answered",            NULL,                                                 "已回答"                        },
    {"partly_answered",     "partly answered",                                    "部分回答"                     },
    {"busy",                NULL,                                                 "占线"                           },
    {"no_answer",           "no answer",                                          "无人接听"                     },
    {"voicemail",           NULL,                                                 "语音信箱"                     },
    {"machine",             NULL,                                                 "机器应答"                     },
    {"refused",             NULL,                                                 "拒绝"                           },
    {"wrong_number",        "wrong number",                                       "号码有误"                     },
    {"invalid_number",      "no such number",                                     "空号"                           },
    {"failed",              NULL,                                                 "未能拨出"                     },
    {"call_back",           "asked to be called later",                           "客户约定时间"               },
    {"sent",                NULL,                                                 "已发送"                        },

    {"channel",             "people make these calls",                            "此回访由人致电"            },
    {"language",            "nobody spoke the customer's language",               "没有人会说客户的语言"   },
    {"outcome_unknown",     NULL,                                                 "已拨打，但没有结果"      },
    {"dialer_gone",         NULL,                                                 "拨号程序失联"               },
    {"journal_lost",        NULL,                                                 "拨号程序丢失了日志"      },
    {"orders_barred",       NULL,                                                 "拨号程序多次拒绝"         },
    {"number_refused",      NULL,                                                 "不允许读取号码"            },
    {"number_unavailable",  "the number could not be looked up: ask again later",
     "暂时查不到号码，请稍后再试"                                                                       },
    {"no_channel",          NULL,                                                 "没有可用的号码或地址"   },
    {"do_not_call",         NULL,                                                 "客户要求不再致电"         },
    {"consent_refused",     NULL,                                                 "客户拒绝此类联系"         },
    {"consent_missing",     NULL,                                                 "客户未同意此类联系"      },
    {"customer_erased",     NULL,                                                 "客户资料已删除"            },
    {"quiet_hours",         NULL,                                                 "客户当地的休息时间"      },
    {"day_not_permitted",   NULL,                                                 "当天不致电"                  },
    {"zone_unknown",        NULL,                                                 "客户时区未知"               },
    {"refused_lately",      NULL,                                                 "客户最近刚拒绝过"         },
    {"call_under_way",      NULL,                                                 "正在另行致电该客户"      },
    {"open_complaint",      NULL,                                                 "客户有未了结的投诉"      },
    {"broken_promise",      NULL,                                                 "有未兑现且未补救的承诺"},
    {"case_reopened",       NULL,                                                 "个案已重新打开"            },
    {"promise_settled",     NULL,                                                 "承诺已有变化"               },
    {"no_longer_true",      NULL,                                                 "原因已不成立"               },
    {"budget_day",          NULL,                                                 "今天联系次数已满"         },
    {"budget_week",         NULL,                                                 "本周联系次数已满"         },
    {"budget_month",        NULL,                                                 "本月联系次数已满"         },
    {"budget_number",       NULL,                                                 "该号码本周次数已满"      },
    {"attempts_day",        NULL,                                                 "今天尝试次数已满"         },
};

bool worklist_is_chinese(const char *language)
{
    return language && strncasecmp(language, "zh", 2) == 0 &&
           (language[2] == '\0' || language[2] == '-' || language[2] == '_');
}

const char *worklist_label(enum worklist_label label, bool is_chinese)
{
    return labels[label][is_chinese ? 1 : 0];
}

const char *worklist_word(const char *word, bool is_chinese)
{
    const char *reason = followup_reason_words(word);
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i].word, word) == 0 && (is_chinese || words[i].english)) {
            return is_chinese ? words[i].chinese : words[i].english;
        }
    }
    return !is_chinese && reason[0] ? reason : word;
}
