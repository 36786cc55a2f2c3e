// SPDX-License-Identifier: Apache-2.0
import { drawTogether } from "../chart/draw";
import { figurePage } from "../chart/figure_page";
import { panel } from "../chart/panel";
import { tileRow } from "../chart/tile_row";

export default figurePage({
    title: ["Timeliness", "及时性"],
    report: "timeliness",
    rows: (desk) => [
        [
            tileRow(desk, [
                {
                    report: "timeliness",
                    columns: [
                        "first_response_median",
                        "first_response_p90",
                        "first_response_in_target",
                        "next_response_median",
                        "resolution_median",
                        "resolution_p90",
                        "resolution_in_target",
                    ],
                },
                { report: "backlog", columns: ["backlog"], cases: { backlog: "open" } },
            ]),
        ],
        [
            panel(desk, {
                id: "first",
                title: ["How long until the first answer", "首次响应"],
                report: "timeliness",
                columns: [
                    "first_response_median",
                    "first_response_p90",
                    "first_response_in_target",
                    "first_response_mean",
                    "first_response_working_median",
                    "first_response_working_p90",
                    "first_responses",
                ],
            }),
            panel(desk, {
                id: "resolution",
                title: ["How long until it is solved", "解决时间"],
                report: "timeliness",
                columns: [
                    "resolution_median",
                    "resolution_p90",
                    "resolution_in_target",
                    "resolution_mean",
                    "resolution_working_median",
                    "resolution_working_p90",
                    "resolved",
                ],
                cases: "resolved",
            }),
        ],
        [
            panel(desk, {
                id: "branch",
                title: ["Which branch is late", "哪个门店慢"],
                hint: [
                    "A bar without overlap of its interval with another's is a real difference.",
                    "区间互不重叠的差异才可信。",
                ],
                report: "timeliness",
                group: "branch",
                columns: [
                    "first_response_in_target",
                    "resolution_in_target",
                    "next_response_in_target",
                    "first_response_median",
                    "first_response_p90",
                    "resolution_median",
                    "resolution_p90",
                ],
            }),
            panel(desk, {
                id: "next",
                title: ["Further answers", "后续响应"],
                report: "timeliness",
                columns: [
                    "next_response_median",
                    "next_response_p90",
                    "next_response_in_target",
                    "next_responses",
                ],
            }),
        ],
        [
            panel(desk, {
                id: "backlog",
                title: ["Open cases", "未结个案"],
                report: "backlog",
                group: "day",
                columns: ["backlog", "opened", "resolved", "reopened", "change"],
                cases: "open",
            }),
            panel(desk, {
                id: "age",
                title: ["How old the open cases are", "未结个案的账龄"],
                hint: ["As it is now, whatever period is chosen.", "为当前状况，与所选时段无关。"],
                report: "backlog_now",
                columns: ["ours", "customers", "third_parties"],
                draw: drawTogether("stack"),
                isTogether: true,
                group: "none",
                cases: "open",
            }),
        ],
        [
            panel(desk, {
                id: "waiting",
                title: ["Whose turn it was", "等待谁"],
                report: "waiting",
                columns: ["ours_mean", "customers_mean", "third_parties_mean"],
                draw: drawTogether("stack"),
                isTogether: true,
                cases: "resolved",
            }),
            panel(desk, {
                id: "solving",
                title: ["Problems solved", "问题解决"],
                report: "solving",
                columns: [
                    "first_contact",
                    "confirmed",
                    "expectations_met",
                    "reopenings",
                    "false_solved",
                    "escalations",
                    "resolved",
                ],
            }),
        ],
    ],
});
