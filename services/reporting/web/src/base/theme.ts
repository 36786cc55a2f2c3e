// SPDX-License-Identifier: Apache-2.0
// Light, dark, or as the system has it. Colours are variables of theme.css; charts read them here.

export type Theme = "auto" | "light" | "dark";

const storageKey = "troth.theme";
const listeners = new Set<() => void>();

export function storedTheme(): Theme {
    try {
        const stored = localStorage.getItem(storageKey);
        if (stored === "light" || stored === "dark") return stored;
    } catch {
        // A browser without storage has the system's theme.
    }
    return "auto";
}

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

export function setTheme(theme: Theme): void {
    try {
        localStorage.setItem(storageKey, theme);
    } catch {
        // As above: it holds until the page is loaded again.
    }
    apply(theme);
}

function apply(theme: Theme): void {
    const isDark = theme === "dark" || (theme === "auto" && systemIsDark.matches);
    document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
    for (const listener of [...listeners]) listener();
}

export function startTheme(): void {
    apply(storedTheme());
    systemIsDark.addEventListener("change", () => apply(storedTheme()));
}

export function whenThemeChanges(signal: AbortSignal, callback: () => void): void {
    listeners.add(callback);
    signal.addEventListener("abort", () => listeners.delete(callback), { once: true });
}

/** The value of a colour variable now: color("--accent"). */
export function color(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function isMotionReduced(): boolean {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
