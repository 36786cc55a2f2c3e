// SPDX-License-Identifier: Apache-2.0
// Accounts, for administrators: list, add, change role and staff code, disable, set a password.
// Everybody's own password is changed from the account menu of the frame.

import { currentSession, get, send, type Role } from "../base/api";
import { fill, h, type Child } from "../base/dom";
import { instant } from "../base/format";
import type { Page, PageContext } from "../base/router";
import { openDialog } from "../ui/dialog";
import { field, input, select } from "../ui/form";
import { toast } from "../ui/toast";
import { badge } from "../ui/tile";
import { accountWords as t } from "../words/accounts";
import { st } from "../words/shell";
import { cardTable, load, none, section } from "../desk/parts";
import type { UserAccount } from "../desk/types";

const roles: Role[] = ["viewer", "agent", "manager", "admin"];
const namePattern = "[a-z0-9][a-z0-9._@\\-]{0,63}";
const leastPassword = 12;

function roleBox(chosen: string): HTMLSelectElement {
    return select(
        roles.map((role) => [role, st(`role.${role}`)]),
        chosen,
    );
}

function passwordBox(): HTMLInputElement {
    return input("password", {
        required: true,
        minlength: leastPassword,
        maxlength: 1024,
        autocomplete: "new-password",
    });
}

function staffBox(value: string): HTMLInputElement {
    return input("text", { maxlength: 64, value, autocomplete: "off" });
}

/* ---- what can be done */

async function change(account: UserAccount, body: Record<string, unknown>): Promise<void> {
    await send("PATCH", `/v1/users/${encodeURIComponent(account.name)}`, body);
}

function add(done: () => void): void {
    const name = input("text", {
        required: true,
        pattern: namePattern,
        autocomplete: "off",
        autocapitalize: "none",
        spellcheck: "false",
    });
    const role = roleBox("viewer");
    const staff = staffBox("");
    const language = select(
        [
            ["", t("language_any")],
            ["en", "English"],
            ["zh-Hans", "简体中文"],
        ],
        "",
    );
    const password = passwordBox();
    openDialog({
        title: t("add"),
        action: t("add"),
        body: [
            field(t("name"), name, t("name_hint")),
            field(t("role"), role),
            field(t("staff"), staff, t("staff_hint")),
            field(t("language"), language),
            field(t("password"), password, t("password_hint")),
        ],
        submit: async () => {
            await send("POST", "/v1/users", {
                name: name.value,
                role: role.value,
                password: password.value,
                staff: staff.value.trim(),
                language: language.value,
            });
            toast(t("added", { name: name.value }));
            done();
        },
    });
}

function edit(account: UserAccount, done: () => void): void {
    const role = roleBox(account.role);
    const staff = staffBox(account.staff ?? "");
    openDialog({
        title: t("edit_title", { name: account.name }),
        body: [field(t("role"), role), field(t("staff"), staff, t("staff_hint"))],
        submit: async () => {
            await change(account, { role: role.value, staff: staff.value.trim() });
            toast(t("saved"));
            done();
        },
    });
}

function reset(account: UserAccount, done: () => void): void {
    const password = passwordBox();
    openDialog({
        title: t("reset_title", { name: account.name }),
        body: [field(t("password"), password, t("password_hint"))],
        submit: async () => {
            await change(account, { password: password.value });
            toast(t("reset_done", { name: account.name }));
            done();
        },
    });
}

function disable(account: UserAccount, done: () => void): void {
    openDialog({
        title: `${t("disable")}: ${account.name}`,
        body: [h("p", null, t("disable_sure", { name: account.name }))],
        action: t("disable"),
        submit: async () => {
            await change(account, { is_disabled: true });
            toast(t("saved"));
            done();
        },
    });
}

async function enable(account: UserAccount, done: () => void): Promise<void> {
    try {
        await change(account, { is_disabled: false });
        toast(t("saved"));
        done();
    } catch (error) {
        toast(error);
    }
}

/* ---- the list */

function stateCell(account: UserAccount): Child {
    return account.disabled_us === undefined
        ? badge(t("active"), "good")
        : badge(t("disabled", { time: instant(account.disabled_us) }), "warn");
}

function actions(account: UserAccount, done: () => void): HTMLElement {
    const button = (label: string, act: () => void): HTMLElement =>
        h(
            "button",
            {
                class: "button small",
                type: "button",
                "aria-label": `${label}: ${account.name}`,
                on: { click: act },
            },
            label,
        );
    const isOwn = account.name === currentSession()?.name;
    const isDisabled = account.disabled_us !== undefined;
    return h(
        "div",
        { class: "work-row", role: "group", "aria-label": t("actions", { name: account.name }) },
        button(t("edit"), () => edit(account, done)),
        button(t("reset"), () => reset(account, done)),
        // Nobody locks themselves out by a slip.
        isOwn
            ? null
            : isDisabled
              ? button(t("enable"), () => void enable(account, done))
              : button(t("disable"), () => disable(account, done)),
    );
}

function accountTable(accounts: UserAccount[], done: () => void): HTMLElement {
    const own = currentSession()?.name;
    return cardTable(
        t("people"),
        [
            {
                label: t("name"),
                cell: (a) => [
                    h("strong", null, a.name),
                    a.name === own ? [" ", badge(t("you"))] : null,
                ],
            },
            {
                label: t("role"),
                cell: (a) =>
                    roles.includes(a.role as Role) ? st(`role.${a.role as Role}`) : a.role,
            },
            { label: t("staff"), cell: (a) => a.staff || "–" },
            { label: t("state"), cell: stateCell },
            { label: t("created"), cell: (a) => instant(a.created_us) },
            { label: "", cell: (a) => actions(a, done) },
        ],
        accounts,
    );
}

async function mount(root: HTMLElement, context: PageContext): Promise<void> {
    const body = h("div");
    const refresh = (): Promise<void> =>
        load(body, async () => {
            const { users = [] } = await get<{ users?: UserAccount[] }>(
                "/v1/users",
                {},
                context.signal,
            );
            return users.length === 0 ? none(t("none")) : accountTable(users, () => void refresh());
        });
    const more = h("button", { class: "button primary", type: "button" }, t("add"));
    more.addEventListener("click", () => add(() => void refresh()));
    fill(root, section(t("people"), { note: t("people_note"), actions: more }, body));
    await refresh();
}

const page: Page = { title: () => t("title"), mount };
export default page;
