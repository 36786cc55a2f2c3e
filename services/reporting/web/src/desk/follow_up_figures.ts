// SPDX-License-Identifier: Apache-2.0
// Due, called, reached, merged, suppressed, missed; by reason and by rule.

import { link } from "../base/router";
import { figurePage } from "../chart/figure_page";
import { panel } from "../chart/panel";
import { tileRow } from "../chart/tile_row";

/** Each of them tells its case. */
const behind = {
    href: link("follow-ups", { state: "all" }),
    label: ["Follow-ups behind this", "查看相关回访"],
} as const;

export const followUpFigures = figurePage({
    title: ["Follow-ups", "回访"],
    report: "follow_ups",
    rows: (desk) => [
        [
            tileRow(desk, [
                {
                    report: "follow_ups",
                    columns: ["due", "placed", "reached", "merged", "suppressed", "missed"],
                },
            ]),
        ],
        [
            panel(desk, {
                id: "course",
                behind,
                title: ["Over time and by group", "走势与分组"],
                report: "follow_ups",
                columns: [
                    "due",
                    "placed",
                    "reached",
                    "done",
                    "merged",
                    "suppressed",
                    "missed",
                    "failed",
                    "listed",
                    "done_share",
                    "reached_share",
                    "lateness_median",
                    "answers",
                ],
            }),
        ],
        [
            panel(desk, {
                id: "reason",
                behind,
                title: ["How they ended, by reason", "按原因看结果"],
                hint: [
                    "Why they were done, merged, suppressed or missed.",
                    "回访完成、合并、抑制或错过的原因。",
                ],
                report: "reasons",
                group: "reason",
                isTableFirst: true,
            }),
        ],
        [
            panel(desk, {
                id: "rule",
                behind,
                title: ["By rule", "按规则"],
                report: "follow_ups",
                group: "rule",
                isTableFirst: true,
            }),
        ],
    ],
});
