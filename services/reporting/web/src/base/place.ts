// SPDX-License-Identifier: Apache-2.0
// Whoever works on a page stays where they are when a part of it is made anew: at the same control,
// and at the same place of a table that scrolls sideways.

/** What makes a control the same as one that was made before it. */
function identity(element: Element): string {
    const names = ["id", "href", "data-testid", "data-value", "aria-label", "name", "type"];
    // Ids that are counted up differ each time.
    const values = names.map((name) => (element.getAttribute(name) ?? "").replace(/-\d+$/, ""));
    return [element.tagName, ...values].join("\n");
}

function alike(root: Element, element: Element): HTMLElement[] {
    const wanted = identity(element);
    return [...root.querySelectorAll<HTMLElement>(element.tagName)].filter(
        (other) => identity(other) === wanted,
    );
}

function focusKeeper(root: Element): () => void {
    const had = document.activeElement;
    if (!(had instanceof HTMLElement) || !root.contains(had)) return () => undefined;
    const at = alike(root, had).indexOf(had);
    return () => {
        const now = root.contains(had) ? had : alike(root, had)[at];
        if (now && now !== document.activeElement) now.focus({ preventScroll: true });
    };
}

function scrollKeeper(root: Element): () => void {
    const boxes = (): HTMLElement[] => [...root.querySelectorAll<HTMLElement>(".table-box")];
    const before = boxes().map((box) => box.scrollLeft);
    return () =>
        boxes().forEach((box, at) => {
            const left = before[at] ?? 0;
            if (left > 0) box.scrollLeft = left;
        });
}

/** Makes root anew by change. */
export function keepPlace(root: Element, change: () => void): void {
    const giveBack = [scrollKeeper(root), focusKeeper(root)];
    change();
    for (const one of giveBack) one();
}
