// SPDX-License-Identifier: Apache-2.0
// A canvas that ECharts draws into, with a description for those who do not see it. It follows the
// size of its place and the theme, and goes with the page.
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { h } from "../base/dom";
import { color, isMotionReduced, whenThemeChanges } from "../base/theme";

export interface Drawing {
    /** Made anew when the theme changes: it reads colours. */
    option: () => EChartsCoreOption;
    height: number;
    /** What is seen, in a sentence. */
    description: string;
    /** Keys of the rows in the order drawn; unset: that of the table. */
    keys?: string[];
}

export interface Chart {
    element: HTMLElement;
    draw(drawing: Drawing): void;
}

/** click: the index of the datum that was clicked. */
export function newChart(signal: AbortSignal, click?: (index: number) => void): Chart {
    const element = h("div", { class: "chart", role: "img" });
    let engine: ECharts | null = null;
    let shown: Drawing | null = null;
    let isAsked = false;

    const paint = (): void => {
        if (!engine || !shown) return;
        engine.resize();
        engine.setOption({ ...common(), ...shown.option() }, { notMerge: true });
    };
    const begin = async (): Promise<void> => {
        const { init } = await import("./engine");
        if (signal.aborted) return;
        engine = init(element, null, { renderer: "canvas" });
        if (click)
            engine.on("click", (event) => {
                if (typeof event.dataIndex === "number") click(event.dataIndex);
            });
        new ResizeObserver(() => engine?.resize()).observe(element);
        whenThemeChanges(signal, paint);
        paint();
    };
    signal.addEventListener("abort", () => engine?.dispose(), { once: true });
    return {
        element,
        draw: (drawing) => {
            shown = drawing;
            element.style.setProperty("--chart-height", `${drawing.height}px`);
            element.setAttribute("aria-label", drawing.description);
            if (isAsked) paint();
            else {
                isAsked = true;
                void begin();
            }
        },
    };
}

/** Font of the page, so that Chinese is drawn with the fonts that the page found. */
export function fontFamily(): string {
    return color("--font") || "sans-serif";
}

function common(): EChartsCoreOption {
    return {
        animation: !isMotionReduced(),
        animationDuration: 250,
        animationDurationUpdate: 250,
        backgroundColor: "transparent",
        textStyle: { fontFamily: fontFamily(), color: color("--text") },
    };
}

/** Drawn on the canvas: a tooltip of HTML would need inline styles, which the policy forbids. */
export function tooltip(
    trigger: "axis" | "item",
    formatter: (index: number, series: number) => string,
): EChartsCoreOption {
    return {
        trigger,
        renderMode: "richText",
        confine: true,
        transitionDuration: 0,
        backgroundColor: color("--surface"),
        borderColor: color("--line-strong"),
        borderWidth: 1,
        textStyle: { color: color("--text"), fontSize: 13, fontFamily: fontFamily() },
        axisPointer: { type: "shadow", shadowStyle: { color: color("--series-1"), opacity: 0.07 } },
        formatter: (given: unknown) => {
            const first = (Array.isArray(given) ? given[0] : given) as {
                dataIndex: number;
                seriesIndex: number;
            };
            return formatter(first.dataIndex, first.seriesIndex);
        },
    };
}
