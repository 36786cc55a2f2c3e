// SPDX-License-Identifier: Apache-2.0
import { words } from "../base/i18n";

export const todayWords = words({
    title: ["Today", "今日"],
    intro: [
        "What needs a person now. Every line leads to its case.",
        "现在需要人处理的事项，点击任一行即可打开个案。",
    ],
    branch: ["Branch", "门店"],
    all_branches: ["All branches", "全部门店"],
    as_of: ["As of {time}, {zone}", "截至 {time}（{zone}）"],
    behind: ["{n} events are not counted yet.", "还有 {n} 个事件尚未计入。"],

    tile_due: ["due within 24 hours", "24 小时内到期"],
    tile_overdue: ["overdue", "已逾期"],
    tile_waiting: ["cases: our turn", "轮到我方的个案"],
    tile_unknown: ["unknown calls", "结果不明的回访"],
    tile_listed: ["wait for a person", "待人工处理"],
    tile_missed: ["missed in 7 days", "7 天内错过"],
    tile_warnings: ["early warnings", "预警"],
    tile_differences: ["figures that differ", "不一致的数字"],

    due_title: ["Breaks next", "即将到期的承诺"],
    due_note: [
        "Open promises, the most urgent first; the forecast was made with the promise.",
        "未到期的承诺，最紧急的在前；预测作于承诺之时。",
    ],
    due_none: ["No open promise.", "没有未到期的承诺。"],
    due_in: ["in {time}", "还剩 {time}"],
    due_at: ["due {time}", "应于 {time}"],
    due_now: ["due now", "现在到期"],
    chance: ["forecast {n}", "预测 {n}"],

    overdue_title: ["Overdue", "已逾期"],
    overdue_note: [
        "Broken and not made good; their cases are not resolved.",
        "未兑现且尚未补救，个案也未解决。",
    ],
    overdue_none: ["Nothing is overdue.", "没有逾期的承诺。"],
    overdue_by: ["{time} late", "逾期 {time}"],

    call_title: ["Whom to call now", "现在该联系谁"],
    call_note: ["Follow-ups that only a person can go on with.", "只能由人继续的回访。"],
    call_none: ["Nobody waits for a person's call.", "没有需要人工联系的客户。"],
    call_take: ["Take the next conversation", "领取下一个回访"],
    call_all: ["All follow-ups", "全部回访"],
    call_unknown: ["call unknown", "结果不明"],

    missed_title: ["Missed follow-ups", "错过的回访"],
    missed_note: [
        "Of the last 7 days: nobody called in their window.",
        "最近 7 天内未能在时段内致电。",
    ],
    missed_none: ["No follow-up was missed.", "没有错过的回访。"],

    fallen_title: ["Scores that fell", "下降的忠诚度"],
    fallen_note: [
        "Most in the last 30 days, by what happened. The customer's page says why.",
        "最近 30 天因实际事件下降最多的客户，客户页说明原因。",
    ],
    fallen_none: ["No score fell.", "没有下降的客户。"],

    late_title: ["Branches that are late", "逾期的门店"],
    late_note: [
        "Promises kept in time in the last 7 days, against all branches over 28 days.",
        "最近 7 天按时兑现率，对比全部门店 28 天的水平。",
    ],
    late_none: ["No branch falls behind the others.", "没有门店落后。"],
    late_since: ["since {day}", "自 {day} 起"],
    late_share: ["{share} in time, all branches {all}", "按时 {share}，全部门店 {all}"],
    late_counts: ["{broken} of {all} broken", "{all} 项中 {broken} 项未按时"],

    fix_title: ["Did the fix help?", "改进有效吗？"],
    fix_note: [
        "Improvements in force since that day: the rate of the cause before and after.",
        "自该日起生效的改进措施：实施前后的问题发生率。",
    ],
    fix_none: ["No improvement is in force.", "没有生效中的改进措施。"],
    fix_all: ["Causes and improvements", "原因与改进"],
    verdict_better: ["better", "有改善"],
    verdict_worse: ["worse", "变差"],
    verdict_no_difference: ["no difference", "无明显变化"],
    verdict_too_early: ["too early to say", "尚早，无法判断"],

    warning_title: ["Early warnings", "预警"],
    warning_note: [
        "Daily counts that stand out from the days before.",
        "明显偏离此前水平的每日数量。",
    ],
    warning_none: ["No warning that nobody has seen.", "没有未查看的预警。"],
    warning_counts: [
        "{count} {measure}; usual {mean} ± {deviation}",
        "{measure} {count}；平时 {mean} ± {deviation}",
    ],
    warning_cases: ["Cases of that day", "当天的个案"],
    warning_seen: ["I know", "已知悉"],
    warning_seen_label: [
        "I know about the warning of {value} on {day}",
        "已知悉 {day} {value} 的预警",
    ],
    warning_done: ["Noted: the warning is off the list.", "已记录，该预警不再显示。"],

    difference_title: ["Figures that differ", "不一致的数字"],
    difference_note: [
        "The nightly check counted them again from the facts and found another number.",
        "每晚核对时由原始记录重新计算，结果不同。",
    ],
    difference_counts: ["shown {counted}, facts {facts}", "显示 {counted}，实际 {facts}"],

    more: ["{n} more", "还有 {n} 项"],
    all_cases: ["All in the list of cases", "在个案列表中查看"],
});
