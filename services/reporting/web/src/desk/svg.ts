// SPDX-License-Identifier: Apache-2.0
// Drawings to scale without inline styles: geometry in attributes, colours by class.

const space = "http://www.w3.org/2000/svg";

export type Geometry = Record<string, string | number>;

export function shape(name: string, attributes: Geometry, ...children: Node[]): SVGElement {
    const element = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.append(...children);
    return element;
}

/** A drawing that fills its width; label: what it shows, in words. */
export function drawing(width: number, height: number, label: string, parts: Node[]): SVGElement {
    return shape(
        "svg",
        {
            viewBox: `0 0 ${width} ${height}`,
            preserveAspectRatio: "none",
            class: "work-drawing",
            role: "img",
            "aria-label": label,
        },
        ...parts,
    );
}
