// SPDX-License-Identifier: Apache-2.0
// What most of the work comes from, what rises, what is done about it, and whether that helped.
import { drawPareto } from "../chart/draw_special";
import { figurePage } from "../chart/figure_page";
import { panel } from "../chart/panel";
import { improvementSection } from "../improve/improvement_section";
import { warningCases, warningSection } from "../improve/warning_section";

const columns = ["cases", "complaints", "broken", "reopenings", "low_answers"];

export default figurePage({
    title: ["Causes and improvements", "原因与改进"],
    report: "causes",
    isWithoutGroups: true,
    rows: (desk) => {
        const improvements = improvementSection(desk, "action");
        return [
            [warningSection(desk, () => void improvements.refresh())],
            [
                panel(desk, {
                    id: "category",
                    title: ["What most of it comes from", "主要原因（帕累托）"],
                    report: "causes",
                    group: "category",
                    columns,
                    draw: drawPareto,
                }),
                panel(desk, {
                    id: "product",
                    title: ["By product", "按产品"],
                    report: "causes",
                    group: "product",
                    columns,
                    draw: drawPareto,
                }),
            ],
            [
                panel(desk, {
                    id: "factors",
                    title: ["Product, price, channel, competitor", "产品、价格、渠道、竞争对手"],
                    report: "factors",
                    cases: "opened",
                    columns,
                }),
                panel(desk, {
                    id: "words",
                    title: ["Words that rise", "上升的词"],
                    report: "words",
                    group: "none",
                    columns: ["ratio", "contacts", "surprise"],
                    cases: "opened",
                    isTableFirst: true,
                }),
            ],
            [improvements],
            [improvementSection(desk, "training")],
            [
                panel(desk, {
                    id: "complaints",
                    title: ["Complaints per 1,000 purchases", "每千次购买投诉数"],
                    report: "complaints",
                    group: "week",
                    columns: ["rate", "complaints", "share", "cases", "purchases"],
                }),
            ],
            [
                panel(desk, {
                    id: "warned",
                    title: ["Early warnings of the period", "时段内的预警"],
                    report: "warnings",
                    group: "none",
                    cases: "opened",
                    caseParams: warningCases,
                    draw: null,
                }),
            ],
        ];
    },
});
