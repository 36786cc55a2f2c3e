// SPDX-License-Identifier: Apache-2.0
// FigureTable and Catalogue as the API sends them (proto/report.proto). Unset fields are absent.
import { get, type Query } from "./api";
import type { Unit } from "./format";
import { language } from "./i18n";

export interface FigureColumn {
    name: string;
    label?: string;
    unit?: Unit;
    help?: string;
    is_less_better?: boolean;
    target?: number;
}

export interface FigureCell {
    value?: number;
    low?: number;
    high?: number;
    count?: number;
    before?: number;
    text?: string;
}

export interface FigureRow {
    key?: string;
    label?: string;
    cells?: FigureCell[];
}

export interface FigureTable {
    name: string;
    title?: string;
    from_day?: string;
    to_day?: string;
    time_zone?: string;
    group_by?: string;
    columns: FigureColumn[];
    rows: FigureRow[];
    total?: FigureRow;
    before_from_day?: string;
    before_to_day?: string;
    notes: string[];
    events_behind?: number;
    cases?: string;
    /** Of a page: what a row's key says about its cases, where it is no value of a dimension. */
    caseParams?: (key: string) => Record<string, string> | null;
}

export interface ReportEntry {
    name: string;
    title?: string;
    summary?: string;
    groups?: string[];
    filters?: string[];
    columns?: FigureColumn[];
}

export interface Catalogue {
    reports: ReportEntry[];
    time_zone?: string;
    first_day?: string;
    last_day?: string;
}

export async function readReport(
    name: string,
    query: Query,
    signal?: AbortSignal,
): Promise<FigureTable> {
    const path = `/v1/reports/${encodeURIComponent(name)}`;
    const answer = await get<Partial<FigureTable>>(path, query, signal);
    return {
        name,
        ...answer,
        columns: answer.columns ?? [],
        rows: answer.rows ?? [],
        notes: answer.notes ?? [],
    };
}

const catalogues = new Map<string, Promise<Catalogue>>();

/** Read once for each language. */
export function readCatalogue(): Promise<Catalogue> {
    const known = catalogues.get(language());
    if (known) return known;
    const asked = get<Partial<Catalogue>>("/v1/reports").then((answer) => ({
        ...answer,
        reports: answer.reports ?? [],
    }));
    catalogues.set(language(), asked);
    asked.catch(() => catalogues.delete(language()));
    return asked;
}

export const timeGroups = ["day", "week", "month"];

export function isTimeGroup(group: string | undefined): boolean {
    return group !== undefined && timeGroups.includes(group);
}

export function cellOf(table: FigureTable, row: FigureRow | undefined, name: string): FigureCell {
    const at = table.columns.findIndex((column) => column.name === name);
    return (at >= 0 && row?.cells?.[at]) || {};
}
