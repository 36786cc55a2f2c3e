// SPDX-License-Identifier: Apache-2.0
//
// What codes of the services are called: states, kinds, outcomes, reasons. The same words as in the command line. A code that
// is not here is the company's own, such as a rule: its underscores become blanks.

import { type Dictionary, language, pick } from "../base/i18n";

const common: Dictionary = {
    // states of a case
    new: ["new", "新建"],
    open: ["open", "处理中"],
    waiting_customer: ["waiting for the customer", "等待客户"],
    waiting_third_party: ["waiting for a third party", "等待第三方"],
    resolved: ["resolved", "已解决"],
    closed: ["closed", "已关闭"],
    void: ["taken back", "已撤回"],
    // states of a promise
    at_risk: ["at risk", "有风险"],
    kept: ["kept", "已兑现"],
    kept_late: ["kept late", "逾期兑现"],
    broken: ["broken", "未兑现"],
    withdrawn: ["withdrawn", "已撤回"],
    waived: ["waived by the customer", "客户已放弃"],
    renegotiated: ["renegotiated", "已重新约定"],
    renegotiated_late: ["renegotiated late", "逾期后重新约定"],
    // kinds of promises
    first_response: ["first response", "首次响应"],
    next_update: ["next update", "下次进展"],
    resolution: ["resolution", "解决"],
    callback: ["call back", "回电"],
    custom: ["other promise", "其他约定"],
    compensation: ["compensation", "补偿"],
    // kinds of contacts
    enquiry: ["enquiry", "咨询"],
    complaint: ["complaint", "投诉"],
    request: ["service request", "服务请求"],
    praise: ["praise", "表扬"],
    // states of a follow-up
    planned: ["planned", "已计划"],
    claimed: ["being prepared", "准备中"],
    ordered: ["being called", "呼叫中"],
    done: ["done", "已完成"],
    missed: ["missed", "已错过"],
    suppressed: ["suppressed", "已抑制"],
    failed: ["failed", "未能联系"],
    listed: ["waits for a person", "待人工处理"],
    merged: ["merged", "已合并"],
    // outcomes of a call
    answered: ["answered", "已回答"],
    partly_answered: ["partly answered", "部分回答"],
    busy: ["busy", "占线"],
    no_answer: ["no answer", "无人接听"],
    voicemail: ["voicemail", "语音信箱"],
    machine: ["a machine answered", "机器应答"],
    refused: ["refused", "拒绝"],
    wrong_number: ["wrong number", "号码有误"],
    invalid_number: ["no such number", "空号"],
    call_back: ["asked to be called later", "客户约定时间"],
    language: ["nobody spoke the customer's language", "没有人会说客户的语言"],
    sent: ["sent", "已发送"],
    // channels
    phone: ["telephone", "电话"],
    web: ["web", "网站"],
    wechat: ["WeChat", "微信"],
    counter: ["counter", "柜台"],
    mail: ["e-mail", "邮件"],
    email: ["e-mail", "邮件"],
    app: ["app", "应用"],
    message: ["message", "短信"],
    call: ["call", "回访"],
    person: ["person", "人工"],
    // what a story is made of
    case: ["case", "个案"],
    promise: ["promise", "承诺"],
    answer: ["answer", "回答"],
    purchase: ["purchase", "购买"],
    refund: ["refund", "退款"],
    contact: ["the customer wrote or called", "客户来信或来电"],
    opened: ["case opened", "个案建立"],
    // loyalty
    base: ["start", "起点"],
    trust: ["trust", "承诺兑现"],
    satisfaction: ["satisfaction", "总体满意"],
    experience: ["experience", "服务体验"],
    recommendation: ["recommendation", "推荐意愿"],
    effort: ["effort", "办事省力"],
    service_gap: ["service gap", "期望差距"],
    purchases: ["purchases", "购买"],
    bronze: ["bronze", "铜卡"],
    silver: ["silver", "银卡"],
    gold: ["gold", "金卡"],
    low: ["low", "低"],
    raised: ["raised", "偏高"],
    high: ["high", "高"],
    promise_kept: ["promise kept", "承诺按时兑现"],
    promise_kept_late: ["promise kept late", "承诺逾期兑现"],
    promise_broken: ["promise broken", "承诺未兑现"],
    confirmed: ["the customer confirmed it", "客户确认兑现"],
    disputed: ["the customer disputed it", "客户否认兑现"],
    csat: ["satisfaction (CSAT)", "满意度（CSAT）"],
    nps: ["recommendation (NPS)", "推荐意愿（NPS）"],
    ces: ["effort (CES)", "省力度（CES）"],
    servqual: ["service quality (SERVQUAL)", "服务质量（SERVQUAL）"],
    own: ["own question", "自有题目"],
    solved: ["really solved?", "是否真正解决"],
    // what the history of a case says
    responded: ["answered the customer", "已答复客户"],
    note: ["note", "备注"],
    resumed: ["work goes on", "继续处理"],
    reopened: ["reopened", "重新打开"],
    reclassified: ["reclassified", "重新分类"],
    reference_marked: ["marked as a reference answer", "标为参考答案"],
    reference_unmarked: ["no reference answer any more", "不再作为参考答案"],
    promise_given: ["promise given", "作出承诺"],
    promise_made: ["promise made", "产生承诺"],
    promise_renegotiated: ["promise renegotiated", "承诺重新约定"],
    promise_waived: ["promise waived", "承诺已放弃"],
    promise_withdrawn: ["promise withdrawn", "承诺已撤回"],
    promise_explained: ["break explained", "已说明未兑现原因"],
    promise_confirmed: ["the customer says: kept", "客户确认已兑现"],
    promise_disputed: ["the customer says: not kept", "客户否认已兑现"],
    promise_corrected: ["promise corrected", "承诺已更正"],
    expectation: ["the customer said what is expected", "客户说明期望"],
    would_not: ["we could have", "本可做到"],
    could_not: ["parts, weather, illness", "确实做不到"],
    understood_differently: ["understood differently", "双方理解不同"],
    untold: ["nobody has said", "未说明"],
    positive: ["in a good mood", "情绪正面"],
    negative: ["in a bad mood", "情绪负面"],
    apology: ["apology", "道歉"],
    voucher: ["voucher", "代金券"],
    extra_service: ["extra service", "额外服务"],
    placed: ["under way", "进行中"],
    finished: ["finished", "已结束"],
    barred: ["not placed", "未拨出"],
    unknown: ["unknown", "未知"],
    // who is asked, what is counted
    branch: ["branch", "门店"],
    channel: ["channel", "渠道"],
    team: ["team", "团队"],
    staff: ["staff", "员工"],
    category: ["category", "类别"],
    product: ["product", "产品"],
    tier: ["tier", "等级"],
    priority: ["priority", "优先级"],
    cases: ["cases", "个案"],
    complaints: ["complaints", "投诉"],
    service_call: ["service calls", "服务回访"],
    service: ["service", "服务"],
    survey: ["survey", "调查"],
    greeting: ["greeting", "问候"],
    marketing: ["marketing", "营销"],
    // sealed texts
    subject: ["subject", "主题"],
    body: ["text", "正文"],
    words: ["words of the promise", "承诺内容"],
    comment: ["comment", "评语"],
    done_when: ["recognised by", "完成标准"],
    outcome: ["expected outcome", "期望结果"],
    manner: ["expected manner", "期望方式"],
    // roles
    viewer: ["viewer", "查看者"],
    agent: ["agent", "客服"],
    manager: ["manager", "主管"],
    admin: ["administrator", "管理员"],
};

/* Why a follow-up waits, ended, or must not be called. */
const reasons: Dictionary = {
    history: ["planned from an old record, which is only a fact", "来自历史记录，仅作事实"],
    customer_erased: ["the customer was erased", "客户资料已删除"],
    do_not_call: ["the customer wants no call of any kind", "客户要求不再致电"],
    consent_refused: ["the customer refused this purpose", "客户拒绝此类联系"],
    consent_missing: [
        "the purpose needs a consent, and none was given",
        "此类联系须经同意，客户未同意",
    ],
    case_reopened: ["the case was opened again", "个案已重新打开"],
    promise_settled: ["the promise is not what it was any more", "承诺已有变化"],
    open_complaint: ["the customer has an open complaint", "客户有未了结的投诉"],
    broken_promise: ["a promise is broken and not made good", "有未兑现且未补救的承诺"],
    refused_lately: ["the customer did not want to talk a short time ago", "客户最近刚拒绝过"],
    no_longer_true: ["what it was planned for does not hold any more", "原因已不成立"],
    window_passed: ["nobody could call in its window", "在时段内没能致电"],
    nothing_permitted: [
        "quiet hours and budgets left no moment of its window",
        "休息时间和联系次数限制使时段内无法致电",
    ],
    quiet_hours: ["quiet hours in the customer's zone", "客户当地的休息时间"],
    day_not_permitted: ["nobody is called on that day", "当天不致电"],
    zone_unknown: ["the customer's time zone is unknown", "客户时区未知"],
    budget_day: ["tried often enough today", "今天联系次数已满"],
    budget_week: ["tried often enough this week", "本周联系次数已满"],
    budget_month: ["tried often enough this month", "本月联系次数已满"],
    budget_number: ["the number was tried often enough this week", "该号码本周次数已满"],
    attempts_day: ["tried often enough today", "今天尝试次数已满"],
    agenda: ["another call to the customer covers it", "由另一次回访一并处理"],
    joined: ["a call to another number of the same person covers it", "由同一人的另一号码一并处理"],
    call_under_way: ["another call to the customer is under way", "正在另行致电该客户"],
    no_channel: ["no number or address is known", "没有可用的号码或地址"],
    record_void: ["its source took back what it was planned for", "来源已撤回相关记录"],
    called_back: ["the customer called us meanwhile", "客户已自行来电"],
    outcome_unknown: ["placed, and no result came", "已拨打，但没有结果"],
    dialer_gone: ["the dialer that had it cannot be asked", "拨号程序失联"],
    journal_lost: ["the dialer that had it lost its journal", "拨号程序丢失了日志"],
    orders_barred: ["dialers did not take it, again and again", "拨号程序多次拒绝"],
    number_refused: ["the number may not be read", "不允许读取号码"],
    number_unavailable: [
        "the number could not be looked up: ask again later",
        "暂时查不到号码，请稍后再试",
    ],
    channel: ["people make these calls", "此回访由人致电"],
    language: ["nobody spoke the customer's language", "没有人会说客户的语言"],
};

/* Why time did not count, as the clocks say it in English. */
const clocks: Dictionary = {
    counted: ["counted", "计时"],
    "counted, after it was due": ["counted, after it was due", "逾期后计时"],
    "waiting for the customer": ["waiting for the customer", "等待客户"],
    "the waiting is over": ["the waiting is over", "等待结束"],
    night: ["night", "夜间"],
    lunch: ["lunch", "午休"],
    break: ["break", "休息"],
    weekend: ["weekend", "周末"],
    "day off": ["day off", "休息日"],
    closed: ["closed", "休息"],
};

function find(dictionary: Dictionary, code: string): string | undefined {
    return Object.hasOwn(dictionary, code)
        ? pick(dictionary[code] as readonly [string, string])
        : undefined;
}

/** The words of a state, kind, outcome or channel; "" of none. */
export function codeWords(code: string | undefined): string {
    return code ? (find(common, code) ?? code.replaceAll("_", " ")) : "";
}

/** Why a follow-up waits, ended, or must not be called. */
export function reasonWords(code: string | undefined): string {
    return code ? (find(reasons, code) ?? codeWords(code)) : "";
}

/** Why time counted or did not; what the calendar calls a day ("Spring Festival") stays. */
export function clockWords(text: string | undefined): string {
    if (!text || language() === "en") return text ?? "";
    const [first = "", ...rest] = text.split(/(?= \d)/);
    const known = find(clocks, first);
    return known === undefined ? text : known + rest.join("");
}
