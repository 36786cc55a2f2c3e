// SPDX-License-Identifier: Apache-2.0
import { drawColumns } from "../chart/draw";
import { figurePage } from "../chart/figure_page";
import { panel } from "../chart/panel";
import { tileRow } from "../chart/tile_row";

export default figurePage({
    title: ["Loyalty", "忠诚度"],
    report: "loyalty",
    isWithoutGroups: true,
    rows: (desk) => [
        [
            tileRow(desk, [
                {
                    report: "loyalty",
                    columns: ["customers", "index_mean", "churn_mean", "at_risk"],
                },
                {
                    report: "movements",
                    columns: ["tier_up", "tier_down", "churn_raised", "trust_broken"],
                },
            ]),
        ],
        [
            panel(desk, {
                id: "index",
                title: ["How the index is spread", "忠诚度指数分布"],
                report: "loyalty",
                cases: "opened",
                group: "none",
                columns: ["customers", "share", "churn_mean"],
                draw: drawColumns,
            }),
            panel(desk, {
                id: "tier",
                title: ["By tier", "按会员等级"],
                report: "loyalty",
                cases: "opened",
                group: "tier",
                columns: ["customers", "index_mean", "churn_mean", "at_risk", "share"],
            }),
        ],
        [
            panel(desk, {
                id: "why",
                title: ["Who fell, and why", "为什么下降"],
                hint: [
                    "Events that lowered the loyalty index of a customer.",
                    "使客户忠诚度指数下降的事件。",
                ],
                report: "movements",
                group: "reason",
                columns: ["fell", "fell_points", "rose", "rose_points"],
                cases: "broken",
            }),
            panel(desk, {
                id: "moves",
                title: ["Movements between tiers", "等级变动"],
                report: "movements",
                group: "move",
                cases: "broken",
                columns: ["tier_down", "tier_up", "churn_raised"],
            }),
        ],
        [
            panel(desk, {
                id: "value",
                title: ["Value at risk", "流失风险金额"],
                report: "value",
                cases: "low_answer",
                group: "none",
                columns: ["at_risk", "spent", "customers"],
                isTableFirst: true,
            }),
        ],
        [
            panel(desk, {
                id: "recovery",
                title: ["Does recovery pay?", "补救值得吗"],
                hint: [
                    "Before and after a complaint, a broken promise, a compensation.",
                    "投诉、未兑现承诺、补偿前后的变化。",
                ],
                report: "recovery",
                cases: "broken",
                group: "none",
                columns: [
                    "change",
                    "index_change",
                    "against_none",
                    "bought_after",
                    "bought_before",
                ],
                isTableFirst: true,
            }),
        ],
        [
            panel(desk, {
                id: "purchases",
                title: ["Purchases", "购买"],
                report: "purchases",
                cases: "opened",
                group: "week",
                columns: ["purchases", "refunds"],
            }),
            panel(desk, {
                id: "revenue",
                title: ["Revenue by currency", "各币种销售额"],
                report: "purchases",
                cases: "opened",
                group: "currency",
                draw: null,
            }),
        ],
    ],
});
