// SPDX-License-Identifier: Apache-2.0
// Elements by one function. Children that are strings become text nodes: no text of a customer is
// ever read as HTML. There is no innerHTML anywhere in this project.

export type Child = Node | string | number | null | undefined | false | Child[];

type Handler<K extends keyof HTMLElementEventMap> = (event: HTMLElementEventMap[K]) => void;
type Handlers = { [K in keyof HTMLElementEventMap]?: Handler<K> };

export interface Props {
    on?: Handlers;
    /** CSS custom properties ("--share": "40%"): set by script, which the policy allows. */
    vars?: Record<string, string>;
    [attribute: string]: unknown;
}

export function h<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    props: Props | null = null,
    ...children: Child[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    if (props) applyProps(element, props);
    append(element, children);
    return element;
}

function applyProps(element: HTMLElement, props: Props): void {
    for (const [name, value] of Object.entries(props)) {
        if (value === undefined || value === null || value === false) continue;
        if (name === "on") {
            for (const [event, handler] of Object.entries(value as Handlers))
                element.addEventListener(event, handler as EventListener);
        } else if (name === "vars") {
            for (const [key, text] of Object.entries(value as Record<string, string>))
                element.style.setProperty(key, text);
        } else {
            element.setAttribute(name, value === true ? "" : String(value));
        }
    }
}

export function append(parent: Node, children: Child[]): void {
    for (const child of children) {
        if (child === null || child === undefined || child === false) continue;
        if (Array.isArray(child)) append(parent, child);
        else
            parent.appendChild(
                child instanceof Node ? child : document.createTextNode(String(child)),
            );
    }
}

/** Empties parent and fills it anew. */
export function fill(parent: Element, ...children: Child[]): void {
    parent.replaceChildren();
    append(parent, children);
}

const svgSpace = "http://www.w3.org/2000/svg";

/** An icon of one path on a 24 grid; decoration, so hidden from screen readers. */
export function icon(path: string): SVGSVGElement {
    const svg = document.createElementNS(svgSpace, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(svgSpace, "path");
    line.setAttribute("d", path);
    svg.appendChild(line);
    return svg;
}

let lastId = 0;
/** An id that is unique in the page, for labels and descriptions. */
export function newId(prefix: string): string {
    lastId += 1;
    return `${prefix}-${lastId}`;
}
