// SPDX-License-Identifier: Apache-2.0
// The questions of a conversation as a form. A question that depends on another one's answer is there
// only while that answer is.

import { h, newId } from "../base/dom";
import { field, input, textArea } from "../ui/form";
import { followUpWords as t } from "../words/follow_ups";
import type { DialItem, DialedAnswer } from "./types";

/** More choices than this are typed. */
const mostButtons = 11;

export interface QuestionForm {
    element: HTMLElement;
    answers(): DialedAnswer[];
}

interface Question {
    item: DialItem;
    element: HTMLElement;
    /** What was answered; null: nothing. */
    value(): DialedAnswer | null;
}

function answerOf(code: string, text: string): DialedAnswer | null {
    const value = Number(text);
    return text.trim() !== "" && Number.isInteger(value) ? { code, value } : null;
}

function choiceLabel(item: DialItem, value: number): string {
    if (item.code === "solved") return value === 1 ? t("yes") : t("no");
    return String(value);
}

function values(item: DialItem): number[] {
    const { low = 0, high = 0 } = item;
    const all: number[] = [];
    for (let value = low; value <= high; value++) all.push(value);
    return item.code === "solved" ? all.reverse() : all;
}

function legend(item: DialItem, number: number): HTMLElement {
    return h(
        "legend",
        null,
        `${number}. ${item.question ?? item.code ?? ""}`,
        item.is_expectation ? h("span", { class: "muted" }, ` (${t("expected")})`) : null,
    );
}

/** Buttons of a scale; the first says that it was not asked. */
function scaleQuestion(item: DialItem, number: number): Question {
    const code = item.code ?? "";
    const name = newId("answer");
    const boxes: HTMLInputElement[] = [];
    const option = (value: string, label: string): HTMLElement => {
        const box = h("input", { type: "radio", name, value });
        boxes.push(box);
        return h("label", { class: "scale-option" }, box, h("span", null, label));
    };
    const options = [
        ...values(item).map((value) => option(String(value), choiceLabel(item, value))),
        option("", t("not_asked")),
    ];
    const last = boxes[boxes.length - 1];
    if (last) last.checked = true;
    return {
        item,
        element: h(
            "fieldset",
            { class: "question" },
            legend(item, number),
            h("div", { class: "scale" }, options),
        ),
        value: () => answerOf(code, boxes.find((box) => box.checked)?.value ?? ""),
    };
}

function numberQuestion(item: DialItem, number: number): Question {
    const code = item.code ?? "";
    const { low = 0, high = 100 } = item;
    const box = input("number", { min: low, max: high, step: 1 });
    return {
        item,
        element: h(
            "fieldset",
            { class: "question" },
            legend(item, number),
            field(t("scale", { low, high }), box),
        ),
        value: () => answerOf(code, box.value),
    };
}

function wordQuestion(item: DialItem, number: number): Question {
    const code = item.code ?? "";
    const box = textArea({ "aria-label": item.question ?? code, rows: 2 });
    return {
        item,
        element: h("fieldset", { class: "question" }, legend(item, number), box),
        value: () => (box.value.trim() === "" ? null : { code, comment: box.value.trim() }),
    };
}

function question(item: DialItem, number: number): Question {
    if (item.low === undefined || item.high === undefined) return wordQuestion(item, number);
    return item.high - item.low < mostButtons
        ? scaleQuestion(item, number)
        : numberQuestion(item, number);
}

export function questionForm(items: DialItem[]): QuestionForm {
    const questions = items.map((item, at) => question(item, at + 1));
    const byCode = new Map(questions.map((one) => [one.item.code ?? "", one]));
    const isAsked = (one: Question): boolean => {
        const { only_if: code, only_min: least = 0, only_max: most = 0 } = one.item;
        if (!code) return true;
        const depended = byCode.get(code);
        if (!depended || !isAsked(depended)) return false;
        const value = depended.value()?.value;
        return value !== undefined && value >= least && value <= most;
    };
    const arrange = (): void => {
        for (const one of questions) one.element.hidden = !isAsked(one);
    };
    const element = h(
        "div",
        { class: "questions" },
        questions.map((one) => one.element),
    );
    element.addEventListener("change", arrange);
    element.addEventListener("input", arrange);
    arrange();
    return {
        element,
        answers: () =>
            questions.flatMap((one) => {
                const answer = isAsked(one) ? one.value() : null;
                return answer ? [answer] : [];
            }),
    };
}
