// SPDX-License-Identifier: Apache-2.0
// A balanced scorecard: every figure with its interval and n, and no ranking without them.
import { figurePage } from "../chart/figure_page";
import { panel } from "../chart/panel";
import { tileRow } from "../chart/tile_row";
import { improvementSection } from "../improve/improvement_section";

const columns = [
    "kept_share",
    "csat",
    "first_contact",
    "first_response_median",
    "resolution_median",
    "reopened_share",
    "complaint_share",
    "cases",
    "resolved",
];

export default figurePage({
    title: ["Teams and staff", "团队与员工"],
    report: "teams",
    groups: ["team", "staff", "branch", "day", "week", "month"],
    rows: (desk) => [
        [tileRow(desk, [{ report: "teams", columns: columns.slice(0, 7) }])],
        [
            panel(desk, {
                id: "card",
                title: ["Scorecard", "计分卡"],
                report: "teams",
                columns,
                isTableFirst: true,
            }),
        ],
        [
            panel(desk, {
                id: "compare",
                title: ["One figure compared", "单项比较"],
                hint: [
                    "Where intervals overlap, the difference may be chance: that is no ranking.",
                    "区间重叠时差异可能只是偶然，不构成排名。",
                ],
                report: "teams",
                columns,
            }),
        ],
        [
            panel(desk, {
                id: "skills",
                title: ["Skills that low answers point to", "低分指向的技能"],
                report: "skills",
                group: (group) => (group === "staff" ? "staff" : "team"),
                columns: ["low", "mean", "answers"],
                isNarrow: true,
                caseParams: (key) => ({
                    [desk.context.params["group"] === "staff" ? "staff" : "team"]:
                        key.split("/")[0] ?? "",
                }),
                isTableFirst: true,
                cases: "low_answer",
            }),
        ],
        [improvementSection(desk, "training")],
    ],
});
