// SPDX-License-Identifier: Apache-2.0
// Words in both languages. A dictionary holds [English, 简体中文] for each key, side by side, so that
// neither can miss one. Each page has a dictionary of its own in src/words, loaded with the page.
// {name} in a text is filled from the second argument.

export type Language = "en" | "zh-Hans";
export type Pair = readonly [english: string, chinese: string];
export type Dictionary = Record<string, Pair>;
export type Fill = Record<string, string | number>;

const storageKey = "troth.language";
let current: Language = "en";

export function language(): Language {
    return current;
}

/** The tag for Intl and for the lang attribute. */
export function languageTag(): string {
    return current === "en" ? "en-GB" : "zh-Hans-CN";
}

export function setLanguage(to: Language): void {
    current = to;
    document.documentElement.lang = to;
    try {
        localStorage.setItem(storageKey, to);
    } catch {
        // A browser without storage asks again next time.
    }
}

/** What was chosen before, else what the browser prefers. */
export function usualLanguage(): Language {
    try {
        const stored = localStorage.getItem(storageKey);
        if (stored === "en" || stored === "zh-Hans") return stored;
    } catch {
        // As above.
    }
    return navigator.language.toLowerCase().startsWith("zh") ? "zh-Hans" : "en";
}

export function pick(pair: Pair, fill?: Fill): string {
    const text = current === "en" ? pair[0] : pair[1];
    if (!fill) return text;
    return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(fill[key] ?? whole));
}

/** const t = words({...}); t("key", {n: 3}) */
export function words<D extends Dictionary>(
    dictionary: D,
): (key: keyof D & string, fill?: Fill) => string {
    return (key, fill) => pick(dictionary[key] as Pair, fill);
}

/** The words of a code that the server sent; the code itself when it is unknown here. */
export function wordOf(dictionary: Dictionary, code: string | undefined): string {
    if (!code) return "–";
    const pair = dictionary[code];
    return pair ? pick(pair) : code.replaceAll("_", " ");
}
