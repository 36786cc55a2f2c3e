// SPDX-License-Identifier: Apache-2.0
// How a conversation ended: the outcome, what belongs to it, and what the customer answered.

import { nowUs } from "../base/api";
import { h, newId } from "../base/dom";
import { field, input, select, textArea } from "../ui/form";
import { codeWords } from "../words/codes";
import { followUpWords as t } from "../words/follow_ups";
import { questionForm } from "./agenda_questions";
import { dayUs, fromInput, toInput } from "./time";
import type { DialItem, DialResult } from "./types";

/** In the order in which they happen most. */
const outcomes = [
    "answered",
    "no_answer",
    "busy",
    "voicemail",
    "call_back",
    "partly_answered",
    "refused",
    "wrong_number",
    "invalid_number",
    "machine",
    "language",
    "failed",
] as const;

const refusals = ["this_time", "this_purpose", "everything"] as const;
const talked = new Set(["answered", "partly_answered"]);

export interface OutcomeForm {
    element: HTMLElement;
    /** What to send; a text: what is missing. */
    result(): DialResult | string;
}

interface Extras {
    callBack: HTMLInputElement;
    refusal: HTMLSelectElement;
    note: HTMLTextAreaElement;
    phone: HTMLInputElement;
    language: HTMLInputElement;
}

function extras(): Extras {
    return {
        callBack: input("datetime-local", { value: toInput(nowUs() + dayUs) }),
        refusal: select(
            refusals.map((one) => [one, t(`refusal.${one}`)]),
            "this_time",
        ),
        note: textArea({ maxlength: 4000 }),
        phone: input("tel", { maxlength: 64, autocomplete: "off" }),
        language: input("text", { maxlength: 35, autocomplete: "off", placeholder: "en, zh" }),
    };
}

function resultOf(outcome: string, x: Extras): DialResult | string {
    const result: DialResult = { outcome };
    if (outcome === "call_back") {
        const at = fromInput(x.callBack.value);
        if (at === null) return t("time_needed");
        result.call_back_us = at;
    }
    if (outcome === "refused") result.refusal = x.refusal.value;
    if (x.note.value.trim()) result.note = x.note.value.trim();
    if (x.phone.value.trim()) result.new_phone = x.phone.value.trim();
    if (x.language.value.trim()) result.language = x.language.value.trim();
    return result;
}

export function outcomeForm(items: DialItem[]): OutcomeForm {
    const x = extras();
    const questions = questionForm(items);
    const name = newId("outcome");
    const boxes = outcomes.map((one) => h("input", { type: "radio", name, value: one }));
    const chosen = (): string => boxes.find((box) => box.checked)?.value ?? "";
    const callBack = field(t("call_back"), x.callBack);
    const refusal = field(t("refusal"), x.refusal);
    const asked = h("div", null, h("h3", null, t("ask")), questions.element);
    const arrange = (): void => {
        callBack.hidden = chosen() !== "call_back";
        refusal.hidden = chosen() !== "refused";
        // Before an outcome is chosen the questions are there: they are read out during the call.
        asked.hidden = items.length === 0 || (chosen() !== "" && !talked.has(chosen()));
    };
    const choice = h(
        "fieldset",
        { class: "question" },
        h("legend", null, t("outcome_label")),
        h(
            "div",
            { class: "scale" },
            boxes.map((box) =>
                h("label", { class: "scale-option" }, box, h("span", null, codeWords(box.value))),
            ),
        ),
    );
    choice.addEventListener("change", arrange);
    questions.element.addEventListener("change", () => {
        // Who answers was reached; another outcome can still be chosen.
        const usual = boxes.find((box) => box.value === "answered");
        if (usual && chosen() === "" && questions.answers().length > 0) usual.checked = true;
    });
    arrange();
    const details = h(
        "details",
        { class: "work-more" },
        h("summary", null, t("details")),
        field(t("new_phone"), x.phone),
        field(t("other_language"), x.language),
    );
    return {
        element: h(
            "div",
            { class: "work-stack" },
            asked,
            choice,
            callBack,
            refusal,
            field(t("note"), x.note, t("note_hint")),
            details,
        ),
        result: () => {
            const outcome = chosen();
            if (!outcome) return t("outcome_needed");
            const result = resultOf(outcome, x);
            if (typeof result === "string" || !talked.has(outcome)) return result;
            return { ...result, answers: questions.answers() };
        },
    };
}
