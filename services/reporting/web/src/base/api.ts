// SPDX-License-Identifier: Apache-2.0
// The HTTP API of reporting: who is logged in, the CSRF token, errors as {code, text}.

import { language, setLanguage } from "./i18n";

export type Role = "viewer" | "agent" | "manager" | "admin";

export interface Session {
    name: string;
    role: Role;
    language?: string;
    staff?: string;
    csrf_token: string;
    time_zone: string;
    now_us: number;
}

export type Query = Record<string, string | number | boolean | undefined>;

export class ApiError extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        text: string,
        /** When the server wants to be asked again; 0: it does not say. */
        readonly retryAfterMs = 0,
    ) {
        super(text || code);
    }
}

let session: Session | null = null;
let clockOffsetUs = 0;
let onLoggedOut: () => void = () => undefined;

export function currentSession(): Session | null {
    return session;
}

/** Business time as the server has it; in a demonstration it is not that of this computer. */
export function nowUs(): number {
    return Date.now() * 1000 + clockOffsetUs;
}

/** Called when an answer says that nobody is logged in any more. */
export function whenLoggedOut(handler: () => void): void {
    onLoggedOut = handler;
}

const ranks: Role[] = ["viewer", "agent", "manager", "admin"];

export function may(role: Role): boolean {
    return session !== null && ranks.indexOf(session.role) >= ranks.indexOf(role);
}

/** Path and query; parameters that are undefined or "" are left out. */
export function address(path: string, query: Query = {}): string {
    const parameters = new URLSearchParams();
    for (const [key, value] of Object.entries(query))
        if (value !== undefined && value !== "" && value !== false)
            parameters.set(key, value === true ? "1" : String(value));
    const text = parameters.toString();
    return text ? `${path}?${text}` : path;
}

/** When somebody last pressed a key or pointed: what the page asks for by itself is no use of it. */
let lastInputMs = Date.now();
const idleMs = 30_000;
if (typeof window !== "undefined")
    for (const type of ["pointerdown", "keydown", "wheel"])
        window.addEventListener(type, () => (lastInputMs = Date.now()), { passive: true });

async function call(method: string, url: string, init: RequestInit): Promise<unknown> {
    let response: Response;
    const headers = new Headers(init.headers);
    if (method === "GET" && Date.now() - lastInputMs > idleMs) headers.set("X-Quiet", "1");
    try {
        response = await fetch(url, {
            method,
            credentials: "same-origin",
            cache: "no-cache",
            ...init,
            headers,
        });
    } catch (error) {
        if (error instanceof DOMException && error.name === "AbortError") throw error;
        throw new ApiError(0, "unreachable", "");
    }
    const text = await response.text();
    let body: unknown = {};
    try {
        body = text ? JSON.parse(text) : {};
    } catch {
        if (response.ok) throw new ApiError(response.status, "malformed", "");
    }
    if (response.ok) return body;
    const { code = `http_${response.status}`, text: words = "" } = body as {
        code?: string;
        text?: string;
    };
    // A wrong password is no end of the session.
    if (response.status === 401 && code !== "login_failed" && session) {
        session = null;
        onLoggedOut();
    }
    const retryAfterS = Number(response.headers.get("Retry-After") ?? 0);
    throw new ApiError(response.status, code, words, 1000 * (retryAfterS || 0));
}

/** GET; the language is added. */
export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const url = address(path, { language: language(), ...query });
    return (await call("GET", url, signal ? { signal } : {})) as T;
}

/** POST, PUT, PATCH, DELETE with the CSRF token. */
export async function send<T>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body: unknown = {},
): Promise<T> {
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    if (session) headers["X-CSRF-Token"] = session.csrf_token;
    return (await call(method, path, { headers, body: JSON.stringify(body) })) as T;
}

function adopt(answer: Session): Session {
    session = answer;
    clockOffsetUs = answer.now_us ? answer.now_us - Date.now() * 1000 : 0;
    if (answer.language === "en" || answer.language === "zh-Hans") setLanguage(answer.language);
    return answer;
}

/** Who is logged in; null: nobody. */
export async function readSession(): Promise<Session | null> {
    try {
        return adopt((await call("GET", "/v1/session", {})) as Session);
    } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
    }
}

export async function logIn(name: string, password: string): Promise<Session> {
    return adopt(await send<Session>("POST", "/v1/session", { name, password }));
}

export async function logOut(): Promise<void> {
    try {
        await send("DELETE", "/v1/session");
    } catch (error) {
        // Whose session has ended is out already.
        if (!(error instanceof ApiError && error.status === 401)) throw error;
    }
    session = null;
}
