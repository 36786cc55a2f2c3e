// SPDX-License-Identifier: Apache-2.0
// Every chart is a table and a CSV file, too, and all three say the same.
import { readFileSync } from "node:fs";

import { must, same, until } from "./office.mjs";

/** Rows of cells of a CSV file, quotes taken off. */
export function cellsOf(csv) {
    const rows = [];
    let row = [];
    for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
        row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
        if (end === ",") continue;
        if (row.length > 1 || row[0] !== "") rows.push(row);
        row = [];
        if (end === "") break;
    }
    return rows;
}

const isNear = (a, b, off) => Math.abs(a - b) <= off + 1e-6 * Math.max(1, Math.abs(a), Math.abs(b));

/** The value of a column in a row, as text; undefined: nothing. */
function valueOf(cell = {}) {
    return cell.text ?? cell.value;
}

/** What the file has instead of microseconds and of nameless minor units: [suffix of the name, divisor, tolerance]. */
function unitOf(column) {
    if (column.unit === "duration") return ["_s", 1e6, 5e-4];
    return [column.unit === "money" ? "_minor" : "", 1, 0];
}

/** The columns of the file begin with the key; each figure has one of its name. */
function compare(table, csv, what) {
    const [head, ...rows] = cellsOf(csv);
    const found = new Map(rows.map((row) => [row[0], row]));
    for (const row of table.rows ?? []) {
        const line = found.get(row.key ?? "");
        must(line, `${what}: "${row.key}" is not in ${csv.slice(0, 300)}`);
        table.columns.forEach((column, at) => {
            const [suffix, divisor, off] = unitOf(column);
            const place = head.indexOf(column.name + suffix);
            must(place > 0, `${what}: no column ${column.name} in ${head}`);
            const value = valueOf(row.cells?.[at]);
            if (typeof value === "number")
                must(isNear(value / divisor, Number(line[place]), off), `${what} ${row.key} ${column.name}: ${value}, ${line[place]}`);
            else same(line[place], value ?? "", `${what} ${row.key} ${column.name}`);
        });
    }
}

async function isTold(desk, panel) {
    const name = await panel.getAttribute("data-testid");
    const href = await panel.locator("a[download]").getAttribute("href");
    const csv = (await desk.read(href)).replace(/^\ufeff/, "");
    const table = await desk.read(href.replace(/[?&]format=csv/, "").replace(/&bom=1/, ""));
    compare(table, csv, name);
    const button = panel.locator('button[data-value="table"]');
    if (await button.count()) await button.click();
    const count = table.rows?.length ?? 0;
    if (count === 0) return 0;
    const lines = panel.locator("tbody tr");
    await until(desk.page, async () => (await lines.count()) === count, `${count} rows of ${name}`);
    return count;
}

export async function areTold(office, { hash }) {
    const desk = await office.person("viewer");
    await desk.go(hash);
    const panels = await desk.page.locator('[data-testid^="panel-"]').all();
    must(panels.length > 0, "no charts");
    let rows = 0;
    for (const panel of panels) rows += await isTold(desk, panel);
    must(rows > 0, "no chart has figures");
    await desk.settled();
    desk.check();
    return panels.length;
}

export async function areDownloaded(office) {
    const desk = await office.person("viewer");
    await desk.go("promises");
    const link = desk.page.locator('[data-testid^="panel-"] a[download]').first();
    const [file] = await Promise.all([desk.page.waitForEvent("download"), link.click()]);
    const csv = readFileSync(await file.path(), "utf8");
    same(csv.replace(/^\ufeff/, ""), (await desk.read(await link.getAttribute("href"))).replace(/^\ufeff/, ""), "the file");
    must(file.suggestedFilename().endsWith(".csv"), file.suggestedFilename());
}

/* ---- every drawing has its numbers, a file and its cases */

/** Where drawings are, and what belongs to each: run in the page. */
function drawingsOfPage() {
    const isSeen = (element) => element.getClientRects().length > 0;
    const boxes = new Set();
    for (const element of document.querySelectorAll('.chart, svg[role="img"], [data-testid^="panel-"]'))
        if (isSeen(element)) boxes.add(element.closest("section") ?? element.parentElement);
    return [...boxes].map((box) => ({
        name: box.dataset.testid ?? box.id ?? "",
        title: box.querySelector("h2")?.textContent ?? "",
        isDrawn: box.querySelector(".chart, svg[role='img']") !== null,
        hasTable: box.querySelector('table, button[data-value="table"]') !== null,
        hasFile: box.querySelector("a[download][href]") !== null,
        // Of the whole, or of each of its rows.
        hasCases:
            box.querySelector('.panel-links a:is([href^="#/cases?"], [href^="#/follow-ups?"]), td a[href^="#/cases?"]') !== null,
        isEmpty: box.querySelector(".state-title") !== null && box.querySelector(".chart, table") === null,
    }));
}

/** reasons: {name of a drawing: why it needs less than all three}. Returns the names that were seen. */
export async function areWhole(office, { user, hash, reasons }) {
    const desk = await office.person(user);
    await desk.go(hash);
    const found = await desk.page.evaluate(drawingsOfPage);
    const lacking = found
        .filter(({ name, isEmpty }) => !reasons[name] && !isEmpty)
        .filter(({ hasTable, hasFile, hasCases }) => !(hasTable && hasFile && hasCases));
    same(lacking, [], `drawings of ${hash} that lack a table, a file or their cases`);
    // What needs less is still there: a reason for nothing is taken out.
    const told = found.filter(({ name }) => reasons[name]);
    for (const one of told) must(!(one.hasTable && one.hasFile && one.hasCases), `${one.name} needs no reason`);
    // An empty one keeps its table, file and cases, too, but for the figures.
    for (const one of found.filter(({ isEmpty }) => isEmpty)) must(one.hasFile && one.hasTable, `${one.name}, empty`);
    desk.check();
    return { drawn: found.filter(({ isDrawn }) => isDrawn).length, names: found.map(({ name }) => name) };
}

/** From the first case behind each panel: the list is there, whatever is on it. */
export async function leadToCases(office, { hash }) {
    const desk = await office.person("viewer");
    await desk.go(hash);
    const links = desk.page.locator('[data-testid^="panel-"] .panel-links a:is([href^="#/cases?"], [href^="#/follow-ups?"])');
    const hrefs = [...new Set(await links.evaluateAll((all) => all.map((one) => one.getAttribute("href"))))];
    let cases = 0;
    for (const href of hrefs) {
        await desk.go(href.slice(2));
        same(await desk.page.locator(".state.is-error").count(), 0, `errors at ${href}`);
        cases += await desk.page.locator('main a[href^="#/case/"]').count();
    }
    desk.check();
    return { lists: hrefs.length, cases };
}
