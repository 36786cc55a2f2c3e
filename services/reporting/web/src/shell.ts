// SPDX-License-Identifier: Apache-2.0
// The frame around the pages: who is logged in, navigation, language, theme, and the router's loop.

import { may, readSession, send, whenLoggedOut } from "./base/api";
import { fill, h } from "./base/dom";
import { language, pick, setLanguage, type Language } from "./base/i18n";
import { startLive, stopLive } from "./base/live";
import { link, parsePlace, type Page, type PageContext } from "./base/router";
import { showLogin } from "./login";
import { pages, startPage, type PageEntry } from "./pages";
import { frameParts, markCurrent, type Frame } from "./shell_frame";
import { emptyState, errorState, loadingState } from "./ui/state";
import { st } from "./words/shell";

interface Open {
    entry: PageEntry;
    page: Page;
    path: string;
    abort: AbortController;
}

let app: HTMLElement;
let frame: Frame | null = null;
let open: Open | null = null;
let navigation = 0;

export async function startShell(root: HTMLElement): Promise<void> {
    app = root;
    whenLoggedOut(logInAgain);
    window.addEventListener("hashchange", () => void showPlace());
    await enter();
}

async function enter(): Promise<void> {
    try {
        const session = await readSession();
        if (session) showFrame();
        else logInAgain();
    } catch (error) {
        fill(
            app,
            h(
                "main",
                { class: "alone" },
                errorState(error, () => void enter()),
            ),
        );
    }
}

function logInAgain(): void {
    stopLive();
    leave();
    frame = null;
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    document.title = `${st("logIn")} · Troth`;
    showLogin(app, showFrame, logInAgain);
}

function showFrame(): void {
    frame = frameParts(app, { changeLanguage, loggedOut: logInAgain });
    startLive();
    void showPlace();
}

function changeLanguage(to: Language): void {
    setLanguage(to);
    void send("PUT", "/v1/session/language", { language: to }).catch(() => undefined);
    leave();
    showFrame();
}

function leave(): void {
    open?.abort.abort();
    open?.page.unmount?.();
    open = null;
}

/** Brings what the address says onto the screen. */
async function showPlace(): Promise<void> {
    if (!frame) return;
    navigation += 1;
    const mine = navigation;
    const place = parsePlace(location.hash);
    const name = place.name || defaultPage();
    const entry = pages.find((one) => one.name === name);
    const path = [name, ...place.rest].join("/");
    markCurrent(frame, name);

    if (open && open.path === path && open.page.update) {
        const context = contextOf(place, name, open.abort.signal);
        await open.page.update(context);
        return;
    }
    leave();
    const main = frame.main;
    if (!entry || !may(entry.least)) {
        document.title = "Troth";
        const text = entry ? st("notAllowed") : st("unknownPage");
        fill(main, emptyState(text, st("unknownPageHint")));
        return;
    }
    fill(main, loadingState());
    let page: Page;
    try {
        page = (await entry.load()).default;
    } catch (error) {
        if (mine === navigation)
            fill(
                main,
                errorState(error, () => void showPlace()),
            );
        return;
    }
    if (mine !== navigation) return;
    const abort = new AbortController();
    open = { entry, page, path, abort };
    const context = contextOf(place, name, abort.signal);
    const title = page.title(context);
    document.title = `${title} · Troth`;
    const body = h("div", { class: "page-body" });
    fill(main, h("h1", { class: "page-title", tabindex: "-1" }, title), body);
    main.setAttribute("lang", language());
    main.scrollTop = 0;
    if (mine > 1) main.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    await page.mount(body, context);
}

function contextOf(
    place: { rest: string[]; params: Record<string, string> },
    name: string,
    signal: AbortSignal,
): PageContext {
    return {
        name,
        rest: place.rest,
        params: place.params,
        signal,
        change: (params) => {
            const now = parsePlace(location.hash);
            location.hash = link([name, ...now.rest], { ...now.params, ...params });
        },
    };
}

function defaultPage(): string {
    return pages.some((one) => one.name === startPage) ? startPage : (pages[0] as PageEntry).name;
}

export function pageLabel(name: string): string {
    const entry = pages.find((one) => one.name === name);
    return entry ? pick(entry.label) : name;
}
