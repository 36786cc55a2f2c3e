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

const isNear = (a, b) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b));

/** The value of a column in a row, as text; undefined: nothing. */
function valueOf(cell = {}) {
    return cell.text ?? cell.value;
}

/** The columns of the file begin with the key; each figure has one of its name. */
function compare(table, csv, what) {
    const [head, ...rows] = cellsOf(csv);
    const found = new Map(rows.map((row) => [row[0], row]));
    for (const row of table.rows ?? []) {
        const line = found.get(row.key ?? "");
        must(line, `${what}: "${row.key}" is not in ${csv.slice(0, 300)}`);
        table.columns.forEach((column, at) => {
            const place = head.indexOf(column.name);
            must(place > 0, `${what}: no column ${column.name} in ${head}`);
            const value = valueOf(row.cells?.[at]);
            if (typeof value === "number")
                must(isNear(value, Number(line[place])), `${what} ${row.key} ${column.name}: ${value}, ${line[place]}`);
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
