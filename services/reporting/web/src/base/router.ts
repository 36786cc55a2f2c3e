// SPDX-License-Identifier: Apache-2.0
// Hash routes: "#/timeliness?group=channel&branch=north" is the page "timeliness" with two
// parameters; "#/case/C-123-4" has "C-123-4" in rest. All state that is worth a link is in there.

export type Params = Record<string, string>;

export interface Place {
    name: string;
    rest: string[];
    params: Params;
}

export interface PageContext extends Place {
    /** Aborted when the page is left: give it to fetches and listeners. */
    signal: AbortSignal;
    /** Goes to the same page with parameters changed; "" or undefined takes one away. */
    change(params: Record<string, string | undefined>): void;
}

/** What a page's module exports as default. */
export interface Page {
    title(context: PageContext): string;
    mount(root: HTMLElement, context: PageContext): void | Promise<void>;
    /** Only parameters changed; without it the page is mounted anew. */
    update?(context: PageContext): void | Promise<void>;
    unmount?(): void;
}

export function parsePlace(hash: string): Place {
    const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
    const parts = path.split("/").filter(Boolean).map(decode);
    return {
        name: parts[0] ?? "",
        rest: parts.slice(1),
        params: Object.fromEntries(new URLSearchParams(query)),
    };
}

function decode(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

/** The link to a page. Parameters that are undefined or "" are left out. */
export function link(
    path: string | string[],
    params: Record<string, string | number | undefined> = {},
): string {
    const parts = Array.isArray(path) ? path : [path];
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(params))
        if (value !== undefined && value !== "") query.set(key, String(value));
    const text = query.toString();
    return `#/${parts.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

export function go(hash: string): void {
    if (location.hash === hash) window.dispatchEvent(new HashChangeEvent("hashchange"));
    else location.hash = hash;
}
