// SPDX-License-Identifier: Apache-2.0
import { drawQuadrant, drawRadar } from "../chart/draw_special";
import { figurePage } from "../chart/figure_page";
import { panel } from "../chart/panel";
import { tileRow } from "../chart/tile_row";
import { ft } from "../words/figures";

const corners = (): { act: string; keep: string; low: string; over: string } => ({
    act: ft("act"),
    keep: ft("keep"),
    low: ft("low"),
    over: ft("over"),
});

export default figurePage({
    title: ["Satisfaction", "满意度"],
    report: "satisfaction",
    rows: (desk) => [
        [
            tileRow(desk, [
                {
                    report: "satisfaction",
                    columns: [
                        "csat",
                        "csat_satisfied",
                        "nps",
                        "ces",
                        "ces_easy",
                        "peak_end",
                        "low_share",
                    ],
                },
                { report: "servqual", columns: ["gap"] },
            ]),
        ],
        [
            panel(desk, {
                id: "answers",
                title: ["What customers answer", "客户评价"],
                report: "satisfaction",
                columns: [
                    "csat_satisfied",
                    "csat",
                    "nps",
                    "ces",
                    "ces_easy",
                    "peak_end",
                    "low_share",
                    "low_answers",
                    "csat_count",
                    "nps_count",
                    "ces_count",
                ],
            }),
            panel(desk, {
                id: "branch",
                title: ["By branch", "按门店"],
                report: "satisfaction",
                group: "branch",
                columns: ["csat", "csat_satisfied", "nps", "ces", "low_share"],
            }),
        ],
        [
            panel(desk, {
                id: "servqual",
                title: ["Expected and perceived (SERVQUAL)", "期望与感受（SERVQUAL）"],
                report: "servqual",
                group: "servqual",
                columns: ["expectation", "perception"],
                draw: drawRadar,
                isTogether: true,
                cases: "low_answer",
            }),
            panel(desk, {
                id: "gap",
                title: ["The gaps", "差距"],
                hint: ["Below 0: worse than expected.", "小于 0 表示不如期望。"],
                report: "servqual",
                group: "servqual",
                columns: ["gap", "spread", "answers"],
                cases: "low_answer",
            }),
        ],
        [
            panel(desk, {
                id: "quadrant",
                title: ["What to work on first", "重要性与绩效"],
                report: "quadrant",
                group: "servqual",
                columns: ["performance", "importance"],
                draw: drawQuadrant(corners),
                isTogether: true,
                cases: "low_answer",
            }),
            panel(desk, {
                id: "evaluation",
                title: ["Overall grade (fuzzy evaluation)", "模糊综合评价"],
                report: "evaluation",
                group: "servqual",
                columns: ["score", "membership", "weight", "grade"],
                cases: "low_answer",
            }),
        ],
        [
            panel(desk, {
                id: "questions",
                title: ["By question", "按题目"],
                report: "questions",
                group: "question",
                columns: ["mean", "answers", "gap", "items"],
                isTableFirst: true,
                cases: "low_answer",
            }),
        ],
    ],
});
