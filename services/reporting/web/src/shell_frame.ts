// SPDX-License-Identifier: Apache-2.0
// Navigation at the side (a drawer on a phone), and the bar with language, theme and account.

import { currentSession, logOut, may, send, type Role } from "./base/api";
import { fill, h, icon } from "./base/dom";
import { language, pick, type Language } from "./base/i18n";
import { whenLive } from "./base/live";
import { link } from "./base/router";
import { setTheme, storedTheme, type Theme } from "./base/theme";
import { pages, type PageEntry } from "./pages";
import { openDialog } from "./ui/dialog";
import { field, input, select } from "./ui/form";
import { toast } from "./ui/toast";
import { st } from "./words/shell";

export interface Frame {
    main: HTMLElement;
    nav: HTMLElement;
}

export interface FrameActions {
    changeLanguage(to: Language): void;
    loggedOut(): void;
}

const groups: PageEntry["group"][] = ["work", "figures", "improve", "settings"];

export function frameParts(app: HTMLElement, actions: FrameActions): Frame {
    const main = h("main", { id: "content", class: "content", tabindex: "-1" });
    const nav = h("nav", { id: "navigation", class: "nav", "aria-label": st("navigation") });
    for (const group of groups) nav.append(...navGroup(group));
    const menu = h(
        "button",
        {
            class: "button quiet menu-button",
            type: "button",
            "aria-expanded": "false",
            "aria-controls": "navigation",
        },
        icon("M4 7h16M4 12h16M4 17h16"),
        h("span", { class: "sr-only" }, st("menu")),
    );
    const show = (isOpen: boolean): void => {
        nav.classList.toggle("is-open", isOpen);
        menu.setAttribute("aria-expanded", String(isOpen));
    };
    menu.addEventListener("click", () => show(!nav.classList.contains("is-open")));
    nav.addEventListener("click", (event) => {
        if ((event.target as HTMLElement).closest("a")) show(false);
    });
    main.addEventListener("click", () => show(false));
    const leaveByKey = (event: KeyboardEvent): void => {
        if (event.key !== "Escape" || !nav.classList.contains("is-open")) return;
        show(false);
        menu.focus();
    };
    nav.addEventListener("keydown", leaveByKey);
    menu.addEventListener("keydown", leaveByKey);
    const skip = h("a", { class: "skip", href: "#content" }, st("skip"));
    skip.addEventListener("click", (event) => {
        // The hash is the router's.
        event.preventDefault();
        main.focus();
    });
    fill(
        app,
        skip,
        h(
            "header",
            { class: "bar" },
            menu,
            brand(),
            h("div", { class: "bar-space" }),
            liveDot(),
            languageSwitch(actions),
            themeSwitch(),
            account(actions),
        ),
        h("div", { class: "frame" }, nav, main),
    );
    return { main, nav };
}

export function brand(): HTMLElement {
    return h(
        "a",
        { class: "brand", href: "#/", "aria-label": "Troth" },
        h("span", { class: "brand-mark" }, icon("M6 12.5l4.200 4.200L18.500 8")),
        h("span", { class: "brand-name" }, "Troth"),
    );
}

function navGroup(group: PageEntry["group"]): HTMLElement[] {
    const entries = pages.filter(
        (entry) => entry.group === group && !entry.isHidden && may(entry.least),
    );
    if (entries.length === 0) return [];
    const items = entries.map((entry) =>
        h(
            "li",
            null,
            h(
                "a",
                { href: link(entry.name), "data-page": entry.name },
                icon(entry.icon),
                h("span", null, pick(entry.label)),
            ),
        ),
    );
    const heading = h("h2", { class: "nav-group" }, st(`group.${group}`));
    return [heading, h("ul", null, items)];
}

export function markCurrent(frame: Frame, name: string): void {
    for (const anchor of frame.nav.querySelectorAll("a")) {
        if (anchor.dataset["page"] === name) anchor.setAttribute("aria-current", "page");
        else anchor.removeAttribute("aria-current");
    }
}

function liveDot(): HTMLElement {
    const text = h("span", { class: "sr-only" }, st("live"));
    const dot = h("span", { class: "live", role: "status", title: st("live") }, text);
    whenLive((isLive) => {
        const words = isLive ? st("live") : st("offline");
        dot.classList.toggle("is-off", !isLive);
        if (text.textContent === words) return;
        text.textContent = words;
        dot.title = words;
    });
    return dot;
}

export function languageSwitch(actions: Pick<FrameActions, "changeLanguage">): HTMLElement {
    const to: Language = language() === "en" ? "zh-Hans" : "en";
    return h(
        "button",
        {
            class: "button quiet",
            type: "button",
            lang: to,
            "data-testid": "language",
            on: { click: () => actions.changeLanguage(to) },
        },
        to === "en" ? "English" : "中文",
    );
}

export function themeSwitch(): HTMLElement {
    const themes: Theme[] = ["auto", "light", "dark"];
    const box = select(
        themes.map((theme) => [theme, st(`theme.${theme}`)]),
        storedTheme(),
    );
    box.classList.add("quiet-select");
    box.setAttribute("aria-label", st("theme"));
    box.dataset["testid"] = "theme";
    box.addEventListener("change", () => setTheme(box.value as Theme));
    return box;
}

function account(actions: FrameActions): HTMLElement {
    const session = currentSession();
    const name = session?.name ?? "";
    const role = st(`role.${(session?.role ?? "viewer") as Role}`);
    const details = h(
        "details",
        { class: "account" },
        h(
            "summary",
            {
                class: "button quiet",
                "data-testid": "account",
                "aria-label": `${st("account")}: ${name}`,
            },
            icon(
                "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M5 20c.8-3.600 3.500-5.500 7-5.500s6.200 1.900 7 5.500",
            ),
            h("span", { class: "account-name" }, name),
        ),
        h(
            "div",
            { class: "popover" },
            h("p", { class: "popover-title" }, name, h("span", { class: "muted" }, ` · ${role}`)),
            h(
                "button",
                { class: "button", type: "button", on: { click: changePassword } },
                st("changePassword"),
            ),
            h(
                "button",
                { class: "button", type: "button", on: { click: () => void leave(actions) } },
                st("logOut"),
            ),
        ),
    );
    details.addEventListener("keydown", (event) => {
        if (event.key === "Escape") details.open = false;
    });
    details.addEventListener("focusout", (event) => {
        if (!details.contains(event.relatedTarget as Node | null)) details.open = false;
    });
    return details;
}

async function leave(actions: FrameActions): Promise<void> {
    try {
        await logOut();
        actions.loggedOut();
    } catch (error) {
        toast(error);
    }
}

function changePassword(): void {
    const old = input("password", { autocomplete: "current-password", required: true });
    const fresh = input("password", {
        autocomplete: "new-password",
        required: true,
        minlength: "12",
    });
    openDialog({
        title: st("changePassword"),
        body: [field(st("oldPassword"), old), field(st("newPassword"), fresh)],
        submit: async () => {
            await send("PUT", "/v1/session/password", { old: old.value, new: fresh.value });
            toast(st("passwordChanged"));
        },
    });
}
