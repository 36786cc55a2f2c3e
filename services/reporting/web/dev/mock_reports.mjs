// SPDX-License-Identifier: Apache-2.0
// Made-up figures for every report of the book: names, words, units and groups are read from
// report_*.c beside this project, so that the pages are tried with what the service will say.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// In a copy of this folder the sources are elsewhere: WEB_BOOK says where.
const sources = process.env.WEB_BOOK ?? fileURLToPath(new URL("../..", import.meta.url));
const byCase = [
    "branch",
    "channel",
    "team",
    "staff",
    "category",
    "product",
    "tier",
    "priority",
    "contact_kind",
];
const sets = {
    BY_CASE: byCase,
    BY_PROMISE: [...byCase, "promise_kind", "standard"],
    BY_FOLLOW_UP: ["branch", "channel", "rule", "trigger"],
};
const values = {
    branch: ["Shanghai", "Hangzhou", "Suzhou", "Nanjing", "Ningbo"],
    channel: ["phone", "wechat", "web", "mail", "counter"],
    team: ["Workshop A", "Workshop B", "Parts", "Front desk"],
    staff: ["s-03", "s-07", "s-11", "s-12", "s-19", "s-24"],
    category: [
        "repair",
        "billing",
        "spare_part",
        "appointment",
        "noise",
        "warranty",
        "delivery",
        "other",
    ],
    product: ["Model S7", "Model K2", "Model V40", "Tyres", "Battery"],
    tier: ["gold", "silver", "bronze", "none"],
    priority: ["1", "2", "3", "4"],
    contact_kind: ["complaint", "request", "enquiry", "praise"],
    promise_kind: ["first_response", "next_update", "resolution", "callback", "custom"],
    cause: ["could_not", "would_not", "understood_differently", "untold"],
    servqual: ["tangibles", "reliability", "responsiveness", "assurance", "empathy"],
    chance: ["0.1", "0.3", "0.5", "0.6", "0.7", "0.8", "0.9"],
    standard: [
        "complaint/first_response",
        "complaint/resolution",
        "request/first_response",
        "any/callback",
    ],
    currency: ["CNY", "EUR"],
    move: ["silver>gold", "gold>silver", "bronze>silver", "silver>bronze"],
    reason: ["broken_promise", "low_answer", "long_absence", "refund", "complaint"],
    level: ["1", "2", "3"],
    question: ["price", "waiting_room", "item/7"],
    answer: ["1", "2", "3", "4", "5"],
    rule: ["after_repair", "birthday", "maintenance"],
    trigger: ["case_resolved", "promise_broken", "purchase"],
};

function hash(text) {
    let h = 2166136261;
    for (const c of text) h = Math.imul(h ^ c.charCodeAt(0), 16777619);
    h ^= h >>> 15;
    h = Math.imul(h, 2246822519);
    return ((h ^ (h >>> 13)) >>> 0) / 2 ** 32;
}

function readFile(name, reports) {
    const text = readFileSync(join(sources, name), "utf8").replace(/"\s*\n\s*"/g, "");
    const columns = {};
    for (const [, name, body] of text.matchAll(
        /struct report_column (\w+)\[\] = \{([\s\S]*?)\n\};/g,
    )) {
        columns[name] = [];
        const row =
            /\{"(\w+)",\s*WORDS\("([^"]*)",\s*"([^"]*)"\),\s*WORDS\("([^"]*)",\s*"([^"]*)"\),\s*UNIT\((\w+)\)(,\s*LESS_BETTER)?/g;
        for (const [, key, en, zh, helpEn, helpZh, unit, less] of body.matchAll(row))
            columns[name].push({
                name: key,
                words: [en, zh],
                help: [helpEn, helpZh],
                unit: unit.toLowerCase(),
                less: Boolean(less),
            });
    }
    for (const [, body] of text.matchAll(/struct report_kind \w+ = \{([\s\S]*?)\n\};/g)) {
        const find = (pattern) => pattern.exec(body)?.slice(1);
        const name = find(/\.name = "(\w+)"/)?.[0];
        if (!name) continue;
        const bits = (field) => {
            const value = find(new RegExp(`\\.${field} = ([^,]*),`))?.[0] ?? "";
            return value
                .split("|")
                .flatMap(
                    (part) => sets[part.trim()] ?? [/BIT\((\w+)\)/.exec(part)?.[1].toLowerCase()],
                )
                .filter(Boolean);
        };
        const usual =
            find(/\.usual_dimension = DIMENSION_(\w+)/)?.[0].toLowerCase() ??
            find(/\.usual = GROUP_(\w+)/)?.[0].toLowerCase() ??
            "none";
        const groups = [
            ...(/has_time_groups = true/.test(body) ? ["day", "week", "month"] : []),
            ...bits("groups"),
            "none",
        ];
        reports[name] = {
            name,
            title: find(/\.title = WORDS\("([^"]*)",\s*"([^"]*)"/) ?? [name, name],
            summary: find(/\.summary =\s*WORDS\("([^"]*)",\s*"([^"]*)"/) ?? ["", ""],
            columns: columns[find(/\.columns = (\w+)/)?.[0]] ?? [],
            groups: [usual, ...groups.filter((group) => group !== usual)],
            filters: bits("filters"),
            cases: find(/\.cases = "(\w+)"/)?.[0],
        };
    }
}

function readBook() {
    const reports = {};
    for (const name of readdirSync(sources).filter((file) => file.endsWith(".c")))
        readFile(name, reports);
    return reports;
}

const book = readBook();

function cell(report, column, key, n, isCompared) {
    const r = hash(`${report}/${column.name}/${key}`);
    const spread = (r - 0.5) * 2;
    const made = { count: n };
    let value;
    let half = 0;
    if (column.unit === "share") {
        value = Math.min(0.98, Math.max(0.02, (column.less ? 0.14 : 0.84) + spread * 0.1));
        half = 1.96 * Math.sqrt((value * (1 - value)) / n);
    } else if (column.unit === "duration") {
        const base = /resolution|ours|oldest/.test(column.name)
            ? 30
            : /customers|third/.test(column.name)
              ? 14
              : 2.2;
        value = base * (/p90/.test(column.name) ? 3.1 : 1) * (1 + spread * 0.4) * 3.6e9;
        half = value * (1.2 / Math.sqrt(n));
    } else if (column.unit === "score") {
        value = /gap|difference/.test(column.name)
            ? -0.4 + spread * 0.5
            : /nps/.test(column.name)
              ? 34 + spread * 20
              : /expect/.test(column.name)
                ? 6.1 + spread * 0.4
                : /percep/.test(column.name)
                  ? 5.4 + spread * 0.7
                  : 4.1 + spread * 0.4;
        half = Math.abs(value) * (0.9 / Math.sqrt(n)) + 0.02;
    } else if (column.unit === "rate") {
        value = 3 + spread * 2;
        half = value / Math.sqrt(n / 4);
    } else if (column.unit === "money") {
        return {
            value: Math.round(n * 25_000 * (1 + spread)),
            ...(isCompared ? { before: Math.round(n * 24_000) } : {}),
        };
    } else if (column.unit === "text" || column.unit === "day") {
        return {
            text: column.unit === "day" ? "2026-11-03" : `${column.name} ${Math.round(r * 100)}`,
        };
    } else {
        value = Math.round(n * (column.less ? 0.12 : 0.8) * (1 + spread * 0.5));
        return {
            value,
            ...(isCompared
                ? { before: Math.round(value * (0.8 + 0.4 * hash(`${key}b${column.name}`))) }
                : {}),
        };
    }
    const low = column.unit === "share" ? Math.max(0, value - half) : value - half;
    const high = column.unit === "share" ? Math.min(1, value + half) : value + half;
    Object.assign(made, { value, low, high });
    if (isCompared) made.before = value * (0.9 + 0.2 * hash(`${key}${column.name}before`));
    return made;
}

const dayMs = 86_400_000;

// Rows of reports that are not grouped.
const ungrouped = {
    backlog_now: ["0-1", "1-3", "3-7", "7-30", "30+"],
    loyalty: ["0", "10", "20", "30", "40", "50", "60", "70", "80", "90"].map((n) => `index/${n}`),
    value: ["low/CNY", "raised/CNY", "high/CNY"],
    recovery: ["complaint", "complaint_made_good", "broken", "broken_made_good", "none"],
    words: ["word/brake", "word/invoice", "product/Tyres"],
    warnings: ["2026-11-21/category/complaints/brakes", "2026-11-19/branch/cases/Suzhou"],
};

function keysOf(group, from, to) {
    if (values[group]) return values[group];
    if (group === "none") return [];
    const keys = [];
    for (let at = Date.parse(from); at <= Date.parse(to); at += dayMs) {
        const date = new Date(at);
        if (group === "week" && date.getUTCDay() !== 1 && keys.length > 0) continue;
        if (group === "month" && date.getUTCDate() !== 1 && keys.length > 0) continue;
        const text = date.toISOString().slice(0, 10);
        keys.push(group === "month" ? `${text.slice(0, 8)}01` : text);
    }
    return keys;
}

function figures({ query, language, match }) {
    const report = book[match[1]];
    if (!report) return [404, { code: "report_unknown", text: match[1] }];
    const at = language === "zh-Hans" ? 1 : 0;
    const to = query.get("to") ?? new Date().toISOString().slice(0, 10);
    const from =
        query.get("from") ?? new Date(Date.parse(to) - 29 * dayMs).toISOString().slice(0, 10);
    const group = query.get("group") ?? report.groups[0];
    if (!report.groups.includes(group)) return [400, { code: "group_invalid", text: group }];
    const isCompared = query.get("compare") === "1";
    const label = (key) => key.replaceAll("_", " ");
    const keys =
        group === "none" && ungrouped[report.name]
            ? ungrouped[report.name]
            : keysOf(group, from, to);
    const row = (key, n) => ({
        key,
        label: /^\d{4}-/.test(key) ? key : label(key),
        cells: report.columns.map((column) => cell(report.name, column, key, n, isCompared)),
    });
    const rows = keys.map((key, i) =>
        row(key, Math.round(60 + (340 / (1 + i * 0.4)) * (0.7 + 0.6 * hash(key)))),
    );
    const days = Math.round((Date.parse(to) - Date.parse(from)) / dayMs) + 1;
    const before = (days_) => new Date(Date.parse(from) - days_ * dayMs).toISOString().slice(0, 10);
    const table = {
        name: report.name,
        title: report.title[at],
        from_day: from,
        to_day: to,
        time_zone: "Asia/Shanghai",
        group_by: group,
        columns: report.columns.map((column) => ({
            name: column.name,
            label: column.words[at],
            unit: column.unit,
            help: column.help[at],
            ...(column.less ? { is_less_better: true } : {}),
        })),
        rows,
        total: row("", 1340),
        notes: at === 1 ? ["仅为演示数据。"] : ["These numbers are made up."],
        ...(report.cases ? { cases: report.cases } : {}),
        ...(isCompared ? { before_from_day: before(days), before_to_day: before(1) } : {}),
    };
    if (query.get("format") !== "csv") return [200, table];
    const lines = [
        ["key", ...report.columns.map((column) => column.name)],
        ...rows.map((one) => [one.key, ...one.cells.map((c) => c.value ?? c.text ?? "")]),
    ];
    return [200, `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`];
}

function catalogue({ language }) {
    const at = language === "zh-Hans" ? 1 : 0;
    const reports = Object.values(book).map(({ name, title, summary, groups, filters }) => ({
        name,
        title: title[at],
        summary: summary[at],
        groups,
        filters,
    }));
    return [
        200,
        {
            reports,
            time_zone: "Asia/Shanghai",
            first_day: "2025-01-01",
            last_day: new Date().toISOString().slice(0, 10),
        },
    ];
}

export const routes = [
    ["GET", "/v1/reports", catalogue],
    ["GET", /^\/v1\/reports\/(\w+)$/, figures],
];
