// SPDX-License-Identifier: Apache-2.0
// The dialogs of an improvement: write it down, change it, tell those who reported the problem.
import { send } from "../base/api";
import { h, newId, type Child } from "../base/dom";
import { today } from "../base/format";
import { wordOf } from "../base/i18n";
import { readReport } from "../base/report";
import { requestKeys } from "../base/request_key";
import { openDialog } from "../ui/dialog";
import { field, input, select, textArea } from "../ui/form";
import { toast } from "../ui/toast";
import { causeMeasureWords, ct } from "../words/causes";
import type { Improvement } from "./improvement";

/** A field that offers the values that a dimension has; others may be typed. */
function offered(dimension: string, value: string | undefined): [HTMLInputElement, HTMLElement] {
    const id = newId("values");
    const list = h("datalist", { id });
    const box = input("text", {
        list: id,
        value: value ?? "",
        maxlength: "128",
        autocomplete: "off",
    });
    readReport("causes", { group: dimension, limit: 200 })
        .then((table) =>
            list.append(...table.rows.map((row) => h("option", { value: row.key ?? "" }))),
        )
        .catch(() => undefined);
    return [box, list];
}

/** Counts are of a category, product and branch; a skill of a team or somebody; all else of one of the three. */
const counts = ["complaints", "cases"];
const servqual = ["tangibles", "reliability", "responsiveness", "assurance", "empathy"];

interface Fields {
    title: HTMLInputElement;
    cause: HTMLSelectElement;
    category: HTMLInputElement;
    product: HTMLInputElement;
    branch: HTMLInputElement;
    team: HTMLInputElement;
    staff: HTMLInputElement;
    skill: HTMLInputElement;
    owner: HTMLInputElement;
    expectation: HTMLInputElement;
    starts: HTMLInputElement;
    ends: HTMLInputElement;
}

function bodyOf(f: Fields): Record<string, unknown> {
    const isCount = counts.includes(f.cause.value);
    const only = (isUsed: boolean, box: HTMLInputElement): string =>
        isUsed ? box.value.trim() : "";
    return {
        title: f.title.value.trim(),
        cause_measure: f.cause.value,
        category: only(isCount, f.category),
        product: only(isCount, f.product),
        branch: only(f.cause.value !== "skill", f.branch),
        team: only(!isCount, f.team),
        staff: only(!isCount, f.staff),
        skill: only(f.cause.value === "skill", f.skill),
        owner: f.owner.value.trim(),
        expectation: Number(f.expectation.value) / 100,
        starts_on: f.starts.value,
    };
}

export function editImprovement(
    kind: "action" | "training",
    known: Partial<Improvement>,
    done: () => void,
): void {
    const isTraining = kind === "training";
    const measures = Object.keys(causeMeasureWords).map(
        (name) => [name, wordOf(causeMeasureWords, name)] as const,
    );
    const usual = isTraining ? "skill" : "complaints";
    const [category, categories] = offered("category", known.category);
    const [product, products] = offered("product", known.product);
    const [branch, branches] = offered("branch", known.branch);
    const [team, teams] = offered("team", known.team);
    const [staff, members] = offered("staff", known.staff);
    const skills = h(
        "datalist",
        { id: newId("values") },
        servqual.map((value) => h("option", { value })),
    );
    const f: Fields = {
        title: input("text", { required: true, maxlength: "200", value: known.title ?? "" }),
        cause: select(measures, known.cause_measure ?? usual),
        category,
        product,
        branch,
        team,
        staff,
        skill: input("text", { maxlength: "128", value: known.skill ?? "", list: skills.id }),
        owner: input("text", { required: true, maxlength: "64", value: known.owner ?? "" }),
        expectation: input("number", {
            required: true,
            min: "1",
            max: "1000",
            step: "1",
            value: String(Math.round((known.expectation ?? 0.5) * 100)),
        }),
        starts: input("date", { required: true, value: known.starts_on ?? today() }),
        ends: input("date", { value: known.ends_on ?? "" }),
    };
    const row = (...children: Child[]): HTMLElement => h("div", { class: "row" }, children);
    const ofCounts = row(field(ct("category"), category), field(ct("product"), product));
    const ofPeople = row(field(ct("team"), team, ct("personHint")), field(ct("staff"), staff));
    const ofSkill = field(ct("skill"), f.skill, ct("skillHint"));
    const ofBranch = field(ct("branch"), branch, ct("branchHint"));
    const follow = (): void => {
        const isCount = counts.includes(f.cause.value);
        ofCounts.hidden = !isCount;
        ofPeople.hidden = isCount;
        ofBranch.hidden = f.cause.value === "skill";
        ofSkill.hidden = f.cause.value !== "skill";
        f.skill.required = !ofSkill.hidden;
    };
    f.cause.addEventListener("change", follow);
    follow();
    const keyOf = requestKeys();
    openDialog({
        title: known.id
            ? ct("editOf", { what: known.title ?? "" })
            : ct(isTraining ? "newTraining" : "newAction"),
        isWide: true,
        body: [
            field(ct("title"), f.title),
            field(ct("cause"), f.cause),
            ofCounts,
            ofPeople,
            ofSkill,
            row(ofBranch, field(ct("owner"), f.owner)),
            field(ct("expectation"), f.expectation),
            row(
                field(ct("starts"), f.starts),
                known.id ? field(ct("ends"), f.ends, ct("endsHint")) : null,
            ),
            [categories, products, branches, teams, members, skills],
        ],
        submit: async () => {
            const body = bodyOf(f);
            if (known.id)
                await send("PATCH", `/v1/improvements/${known.id}`, {
                    ...body,
                    ends_on: f.ends.value || null,
                    version: known.version,
                });
            else
                await send("POST", "/v1/improvements", {
                    kind,
                    ...body,
                    key: keyOf(body),
                });
            toast(ct("saved"));
            done();
        },
    });
}

export function announceImprovement(one: Improvement, done: () => void): void {
    const words = textArea({ required: true, maxlength: "500", rows: "4" });
    openDialog({
        title: ct("announceOf", { what: one.title }),
        action: ct("announce"),
        body: [h("p", { class: "muted" }, ct("announceHint")), field(ct("words"), words)],
        submit: async () => {
            await send("POST", `/v1/improvements/${one.id}/announce`, {
                words: words.value.trim(),
            });
            toast(ct("announcedDone"));
            done();
        },
    });
}
