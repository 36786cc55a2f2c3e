// SPDX-License-Identifier: Apache-2.0
import { ApiError, logIn } from "./base/api";
import { fill, h } from "./base/dom";
import { setLanguage } from "./base/i18n";
import { brand, languageSwitch, themeSwitch } from "./shell_frame";
import { field, input } from "./ui/form";
import { errorText } from "./ui/state";
import { st } from "./words/shell";

/** entered: somebody is logged in now. redraw: the language changed. */
export function showLogin(app: HTMLElement, entered: () => void, redraw: () => void): void {
    const name = input("text", {
        autocomplete: "username",
        required: true,
        autocapitalize: "none",
    });
    const password = input("password", { autocomplete: "current-password", required: true });
    const message = h("p", { class: "form-error", role: "alert" });
    const button = h("button", { class: "button primary", type: "submit" }, st("logIn"));
    const form = h(
        "form",
        { class: "login-form" },
        field(st("name"), name),
        field(st("password"), password),
        message,
        button,
    );
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        button.disabled = true;
        message.textContent = "";
        logIn(name.value, password.value)
            .then(entered)
            .catch((error: unknown) => {
                message.textContent = failure(error);
                button.disabled = false;
                password.select();
                password.focus();
            });
    });
    const changeLanguage = (to: "en" | "zh-Hans"): void => {
        setLanguage(to);
        redraw();
    };
    fill(
        app,
        h(
            "main",
            { class: "login" },
            h("div", { class: "login-bar" }, languageSwitch({ changeLanguage }), themeSwitch()),
            h("div", { class: "card login-card" }, brand(), h("h1", null, st("logInTitle")), form),
        ),
    );
    name.focus();
}

function failure(error: unknown): string {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403))
        return st("logInFailed");
    if (error instanceof ApiError && error.status === 429) return st("tooMany");
    return errorText(error);
}
