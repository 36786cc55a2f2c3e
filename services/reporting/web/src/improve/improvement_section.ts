// SPDX-License-Identifier: Apache-2.0
import { may } from "../base/api";
import { fill, h, type Child } from "../base/dom";
import { day, dayOf, nothing, number } from "../base/format";
import { wordOf } from "../base/i18n";
import { link } from "../base/router";
import { newChart, type Chart } from "../chart/chart";
import { csvAddress, type Desk } from "../chart/desk";
import type { Section } from "../chart/panel";
import { emptyState, errorState, loadingState } from "../ui/state";
import { table, type Column } from "../ui/table";
import { badge, type Tone } from "../ui/tile";
import { causeMeasureWords, causesWords, ct } from "../words/causes";
import { ut } from "../words/ui";
import { effectDrawing } from "./effect_chart";
import { isRatio, placeOf, rateText, readImprovements, type Improvement } from "./improvement";
import { announceImprovement, editImprovement } from "./improvement_form";

const tones: Record<string, Tone> = { better: "good", worse: "bad" };

/** Improvements or trainings: their effects as a chart, and all about them as a table. */
export function improvementSection(desk: Desk, kind: "action" | "training"): Section {
    const title = kind === "action" ? ct("improvements") : ct("trainings");
    const body = h("div", null, loadingState());
    const refresh = async (): Promise<void> => {
        try {
            const list = await readImprovements(desk.context.signal);
            show(list.filter((one) => one.kind === kind));
        } catch (error) {
            if (!desk.context.signal.aborted)
                fill(
                    body,
                    errorState(error, () => void refresh()),
                );
        }
    };
    let chart: Chart | null = null;
    const show = (list: Improvement[]): void => {
        if (list.length === 0) {
            fill(body, emptyState(ct("none"), ct("noneHint")));
            return;
        }
        const drawing = effectDrawing(list);
        if (drawing) {
            chart ??= newChart(desk.context.signal);
            fill(
                body,
                h("h3", null, ct("effectChart")),
                chart.element,
                listTable(list, title, refresh),
            );
            chart.draw(drawing);
        } else fill(body, listTable(list, title, refresh));
    };
    const start = h("button", { class: "button small", type: "button" });
    start.textContent = kind === "action" ? ct("newAction") : ct("newTraining");
    start.addEventListener("click", () => editImprovement(kind, {}, () => void refresh()));
    const report = kind === "action" ? "improvements" : "trainings";
    const csv = h(
        "a",
        {
            href: csvAddress(report, {}),
            download: `${report}.csv`,
            "aria-label": ut("csvOf", { what: title }),
        },
        ut("csv"),
    );
    const element = h(
        "section",
        { class: "card", "aria-label": title, "data-testid": `improvements-${kind}` },
        h(
            "div",
            { class: "card-head" },
            h("h2", null, title),
            h("div", { class: "panel-links" }, may("manager") ? start : null, csv),
        ),
        kind === "action" ? h("p", { class: "muted hint" }, ct("improvementsHint")) : null,
        body,
    );
    return { element, refresh };
}

function casesOf(one: Improvement): string {
    return link("cases", {
        list: "opened",
        from: one.starts_on,
        to: one.ends_on ?? undefined,
        category: one.category,
        product: one.product,
        branch: one.branch,
        team: one.team,
        staff: one.staff,
    });
}

function listTable(list: Improvement[], title: string, refresh: () => Promise<void>): HTMLElement {
    const again = (): void => void refresh();
    const columns: Column<Improvement>[] = [
        { label: ct("title"), cell: (one) => [one.title, note(placeOf(one))] },
        {
            label: ct("causeShort"),
            cell: (one) => [wordOf(causeMeasureWords, one.cause_measure), note(one.owner ?? "")],
        },
        {
            label: ct("starts"),
            cell: (one) => [day(one.starts_on), one.ends_on ? note(`– ${day(one.ends_on)}`) : null],
        },
        {
            label: ct("before"),
            isNumber: true,
            cell: (one) => [
                rateText(one.effect, one.effect?.before_rate),
                one.effect?.before_rate === undefined
                    ? null
                    : note(wordOf(causesWords, one.effect.unit)),
            ],
        },
        {
            label: ct("after"),
            isNumber: true,
            cell: (one) => rateText(one.effect, one.effect?.after_rate),
        },
        { label: ct("change"), isNumber: true, cell: changeCell },
        { label: ct("verdict"), cell: verdictCell },
        { label: ct("actions"), cell: (one) => actionsOf(one, again) },
    ];
    return table({ caption: title, columns, rows: list, testid: "improvements" });
}

function note(text: string): HTMLElement | null {
    return text ? h("span", { class: "cell-note" }, text) : null;
}

/** A ratio, or of means a difference. */
function changeCell(one: Improvement): Child {
    const { effect } = one;
    if (effect?.ratio === undefined) return nothing;
    const text = (value: number): string =>
        isRatio(effect) ? number(value, 2) : (value > 0 ? "+" : "") + rateText(effect, value);
    const hasInterval = effect.low !== undefined && effect.high !== undefined;
    return [
        isRatio(effect) ? ct("times", { n: text(effect.ratio) }) : text(effect.ratio),
        hasInterval ? note(`${text(effect.low ?? 0)} – ${text(effect.high ?? 0)}`) : null,
        effect.others_ratio === undefined
            ? null
            : note(`${ct("others")} ${text(effect.others_ratio)}`),
        one.expectation === undefined || !isRatio(effect)
            ? null
            : note(`${ct("hoped")} ${number(one.expectation, 2)}`),
        effect.events_before === undefined || effect.events_after === undefined
            ? null
            : note(
                  ut("n", {
                      n: `${number(effect.events_before)} / ${number(effect.events_after)}`,
                  }),
              ),
    ];
}

function verdictCell(one: Improvement): Child {
    const verdict = one.effect?.verdict ?? "too_early";
    const words = one.effect?.words;
    return [
        badge(wordOf(causesWords, verdict), tones[verdict] ?? "plain"),
        words ? h("span", { class: "cell-words" }, words) : null,
        one.announced_us ? note(ct("announced", { day: day(dayOf(one.announced_us)) })) : null,
    ];
}

function actionsOf(one: Improvement, again: () => void): Child {
    const cases = h(
        "a",
        {
            class: "button small",
            href: casesOf(one),
            "aria-label": ut("casesOf", { what: one.title }),
        },
        ut("casesShort"),
    );
    if (!may("manager")) return cases;
    const button = (text: string, label: string, click: () => void): HTMLElement =>
        h(
            "button",
            { class: "button small", type: "button", "aria-label": label, on: { click } },
            text,
        );
    return h(
        "span",
        { class: "row-actions" },
        cases,
        button(ct("edit"), ct("editOf", { what: one.title }), () =>
            editImprovement(one.kind, one, again),
        ),
        one.kind === "action" && !one.announced_us
            ? button(ct("announce"), ct("announceOf", { what: one.title }), () =>
                  announceImprovement(one, again),
              )
            : null,
    );
}
