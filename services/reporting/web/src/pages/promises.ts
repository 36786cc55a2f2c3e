// SPDX-License-Identifier: Apache-2.0
import { drawTogether } from "../chart/draw";
import { drawCalibration } from "../chart/draw_special";
import { figurePage } from "../chart/figure_page";
import { panel } from "../chart/panel";
import { tileRow } from "../chart/tile_row";

export default figurePage({
    title: ["Promises", "承诺"],
    report: "promises",
    rows: (desk) => [
        [
            tileRow(desk, [
                {
                    report: "promises",
                    columns: [
                        "kept_share",
                        "made",
                        "broken",
                        "kept_late",
                        "renegotiated",
                        "at_risk",
                        "lateness_median",
                    ],
                },
                { report: "word", columns: ["denied_share"] },
            ]),
        ],
        [
            panel(desk, {
                id: "kept",
                title: ["How often the word was kept", "承诺兑现率"],
                report: "promises",
                columns: [
                    "kept_share",
                    "made",
                    "broken",
                    "kept_late",
                    "at_risk",
                    "lateness_median",
                    "lateness_p90",
                    "target_used_median",
                ],
            }),
            panel(desk, {
                id: "fates",
                title: ["What became of them", "承诺的结果"],
                report: "promises",
                columns: ["kept", "broken", "renegotiated", "waived"],
                draw: drawTogether("stack"),
                isTogether: true,
                isNarrow: true,
            }),
        ],
        [
            panel(desk, {
                id: "kind",
                title: ["By kind of promise", "按承诺类型"],
                report: "promises",
                group: "promise_kind",
                columns: ["kept_share", "broken", "kept_late", "lateness_median", "made"],
            }),
            panel(desk, {
                id: "cause",
                title: ["Why promises were broken", "未兑现的原因"],
                report: "promises",
                group: "cause",
                columns: ["broken", "kept_late", "renegotiated_late", "lateness_median"],
            }),
        ],
        [
            panel(desk, {
                id: "forecast",
                title: ["Were the forecasts right?", "预测准不准"],
                hint: [
                    "On the dashed line the forecast was right; below it we promised too boldly.",
                    "虚线上表示预测准确；线下表示承诺过于乐观。",
                ],
                report: "forecast",
                cases: "broken",
                group: "chance",
                columns: ["forecast", "kept_share"],
                draw: drawCalibration,
                isTogether: true,
            }),
            panel(desk, {
                id: "word",
                title: ["The customer's word against ours", "客户说法与我方记录"],
                report: "word",
                cases: "broken",
                group: "promise_kind",
                columns: ["denied_share", "against_ours", "confirmed", "denied"],
            }),
        ],
        [
            panel(desk, {
                id: "branch",
                title: ["By branch", "按门店"],
                report: "promises",
                group: "branch",
                columns: ["kept_share", "broken", "lateness_median"],
            }),
            panel(desk, {
                id: "compensation",
                title: ["Compensations", "补偿"],
                report: "compensations",
                cases: "broken",
                group: "currency",
                draw: null,
            }),
        ],
    ],
});
