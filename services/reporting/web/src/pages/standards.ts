// SPDX-License-Identifier: Apache-2.0
// Standards review: how often each is kept, and what it would have cost to be 10 % stricter.
import { drawTogether } from "../chart/draw";
import { figurePage } from "../chart/figure_page";
import { panel } from "../chart/panel";

export default figurePage({
    title: ["Standards", "服务标准"],
    report: "standards",
    isWithoutGroups: true,
    rows: (desk) => [
        [
            panel(desk, {
                id: "standards",
                title: [
                    "How often each standard is kept, and 10 % stricter",
                    "各标准的兑现率，以及收紧 10% 的代价",
                ],
                hint: [
                    "Stricter: the same promises judged by nine tenths of their time.",
                    "收紧：同样的承诺按九成时间重新判定。",
                ],
                report: "standards",
                group: "standard",
                columns: ["kept", "kept_stricter"],
                draw: drawTogether("bars"),
                isTogether: true,
                cases: "broken",
            }),
        ],
        [
            panel(desk, {
                id: "kept",
                title: ["Kept share by standard", "按标准的兑现率"],
                report: "promises",
                group: "standard",
                columns: ["kept_share", "broken", "made", "lateness_median", "target_used_median"],
            }),
            panel(desk, {
                id: "time",
                title: ["Kept share over time", "兑现率走势"],
                report: "promises",
                group: "week",
                columns: ["kept_share", "target_used_median", "broken"],
            }),
        ],
    ],
});
