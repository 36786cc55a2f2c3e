/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/clock_translate.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

struct phrase {
    const char *english, *chinese;
};

/* The table would push its columns far apart. */
/* clang-format off */
static const struct phrase phrases[] = {
    /* why something did not count */
    {"counted", "计时"},
    {"counted, after it was due", "计时（已超过期限）"},
    {"night", "夜间"},
    {"weekend", "周末"},
    {"day off", "休息日"},
    {"closed", "不营业"},
    {"nothing was promised yet", "此时还没有承诺"},
    {"it was done", "已经完成"},
    {"nothing is owed any more", "不再有应履行的承诺"},
    {"said about the promise", "关于该承诺的说明"},
    {"a correction has made it impossible", "后来的更正使它不成立"},
    /* the table of clock_rules.c */
    {"the customer asked and waits for an answer", "客户已提出，正在等待答复"},
    {"who asks twice waits since the first time", "再次询问的客户从第一次起就在等待"},
    {"the customer's thanks changes nothing", "客户的感谢不影响计时"},
    {"a machine's message neither asks nor answers", "自动消息既不是询问也不是答复"},
    {"the customer got the first answer", "客户得到了首次答复"},
    {"the customer does not see a note", "客户看不到备注"},
    {"waiting for the customer", "等待客户"},
    {"the customer waits for us, whomever we ask", "无论我们在问谁，客户等的是我们"},
    {"the waiting is over", "等待结束"},
    {"a solution is an answer", "解决也是答复"},
    {"a closed case asks for no answer", "已关闭的个案不再需要答复"},
    {"the first answer to a case is one", "一个个案只有一次首次答复"},
    {"only the target changes, time and pauses stay", "只改变目标，已计时间和暂停保留"},
    {"the answer is owed in the case that goes on", "在继续处理的个案中答复"},
    {"the customer of an open case hears from us", "未结个案的客户应得到我们的消息"},
    {"who asks again has still not heard from us", "再次询问的客户仍未得到我们的消息"},
    {"a machine's message is no news", "自动消息不算进展通知"},
    {"the customer heard from us", "客户已得到我们的消息"},
    {"a question to the customer is news; silence after it is ours to break",
     "向客户提问也是消息；此后仍须由我们主动联系"},
    {"the customer was not told", "没有告知客户"},
    {"a solution is the last news", "解决是最后一次通知"},
    {"a closed case has no news", "已关闭的个案没有新进展"},
    {"only the target changes, time stays", "只改变目标，已计时间保留"},
    {"the news is owed in the case that goes on", "在继续处理的个案中通知"},
    {"the customer waits for a solution", "客户在等待解决"},
    {"saying more of it does not begin it anew", "补充说明不重新计时"},
    {"a machine's message solves and asks nothing", "自动消息既不解决也不提出问题"},
    {"an answer is no solution: we go on", "答复不等于解决：继续处理"},
    {"a note changes nothing", "备注不影响计时"},
    {"solved", "已解决"},
    {"a closed case waits for nothing", "已关闭的个案不再等待"},
    {"it was not solved: a clock of its own begins, the time in between does not count",
     "并未解决：重新开始计时，其间的时间不计"},
    {"the solution is owed in the case that goes on", "在继续处理的个案中解决"},
    {"the customer waits for our call", "客户在等我们的电话"},
    {"who writes still waits for our call", "来信的客户仍在等我们的电话"},
    {"a machine's message is no call", "自动消息不是回电"},
    {"the call is ours to make, whatever we asked", "无论我们问了什么，都应由我们回电"},
    {"the call is ours to make, whomever we ask", "无论我们在问谁，都应由我们回电"},
    {"the customer still waits for our call", "客户仍在等我们的电话"},
    {"a solution is not the call that we promised", "解决不等于承诺的回电"},
    {"the call was promised when the case was opened", "回电是在建立个案时承诺的"},
    {"the call is owed in the case that goes on", "在继续处理的个案中回电"},
    {"it begins when somebody promises", "从有人作出承诺时开始"},
    {"a promised date stands", "承诺的日期不变"},
    {"the customer's thanks settles nothing", "客户的感谢不代表承诺已履行"},
    {"a promised date stands, whoever waits", "无论谁在等待，承诺的日期不变"},
    {"a promised date stands, whoever waited", "无论谁等待过，承诺的日期不变"},
    {"a promised date stands until it is kept", "承诺的日期在履行之前不变"},
    {"what a person promised stays owed", "人作出的承诺仍须履行"},
    {"no standard made it, none changes it", "它不是标准规定的，标准也不改变它"},
    /* what happened */
    {"opened", "建立"},
    {"the customer wrote again", "客户再次联系"},
    {"the customer said thanks", "客户表示感谢"},
    {"automatic message", "自动消息"},
    {"responded", "已答复"},
    {"note", "备注"},
    {"asked the customer", "询问客户"},
    {"asked a third party", "询问第三方"},
    {"resumed", "继续处理"},
    {"resolved", "已解决"},
    {"reopened", "重新打开"},
    {"reclassified", "重新分类"},
    {"merged into another case", "并入另一个案"},
    {"reference answer", "参考答案"},
    {"promised", "作出承诺"},
    {"another date was agreed on", "约定了新的日期"},
    {"said to be kept", "称已履行"},
    {"waived by the customer", "客户放弃"},
    {"withdrawn", "已撤回"},
    {"the break was explained", "说明了违约原因"},
    {"the customer says that it was kept", "客户确认已履行"},
    {"the customer says that it was not kept", "客户认为未履行"},
    {"a person has looked: it was kept", "经人工核实：已履行"},
    {"said", "说明"},
};

/* What is followed by something that stays: times, a name. */
static const struct {
    const char *english, *chinese;
    const char *tail, *chinese_tail;
} beginnings[] = {
    {"lunch ",   "午休 ",     "",  ""   },
    {"break ",   "休息 ",     "",  ""   },
    {"closed (", "不营业（", ")", "）"},
};
/* clang-format on */

static bool is_chinese(const char *language)
{
    return language && strncmp(language, "zh", 2) == 0;
}

static bool translate_beginning(const char *english, char ret[CLOCK_WORDS_SIZE])
{
    for (size_t i = 0; i < ARRAY_LEN(beginnings); i++) {
        const size_t len = strlen(beginnings[i].english);
        const size_t all = strlen(english);
        const size_t tail = strlen(beginnings[i].tail);

        if (all >= len + tail && strncmp(english, beginnings[i].english, len) == 0) {
            text_format(ret, CLOCK_WORDS_SIZE, "%s%.*s%s", beginnings[i].chinese,
                        (int)(all - len - tail), english + len, beginnings[i].chinese_tail);
            return true;
        }
    }
    return false;
}

const char *clock_translate(const char *language, const char *english, char ret[CLOCK_WORDS_SIZE])
{
    if (is_chinese(language)) {
        for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
            if (strcmp(phrases[i].english, english) == 0) {
                text_copy(ret, CLOCK_WORDS_SIZE, phrases[i].chinese);
                return ret;
            }
        }
        if (translate_beginning(english, ret)) {
            return ret;
        }
    }
    text_copy(ret, CLOCK_WORDS_SIZE, english);
    return ret;
}

const char *clock_translate_step(const char *language, int step, const char *tell,
                                 char ret[CLOCK_WORDS_SIZE])
{
    const bool is_zh = is_chinese(language);
    char what[CLOCK_WORDS_SIZE];

    if (step < 100) {
        text_format(what, sizeof(what), is_zh ? "已用去 %d%% 的时间" : "%d %% of the time is used",
                    step);
    } else if (step == 100) {
        text_copy(what, sizeof(what), is_zh ? "到期" : "it is due");
    } else {
        text_format(what, sizeof(what),
                    is_zh ? "到期后第 %d 次升级" : "escalation %d after it was due", step - 100);
    }
    if (tell) {
        text_format(ret, CLOCK_WORDS_SIZE, is_zh ? "%s；通知 %s" : "%s; told: %s", what, tell);
    } else {
        text_copy(ret, CLOCK_WORDS_SIZE, what);
    }
    return ret;
}
