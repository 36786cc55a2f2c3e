// SPDX-License-Identifier: Apache-2.0
// Answers the API with made-up figures and serves dist/, with the headers that reporting sends:
//   node dev/mock_server.mjs [PORT]    default 5174; any name logs in, the password is "troth";
//                                      the name decides the role: viewer, agent, manager, admin
// Each dev/mock_*.mjs file but this one exports "routes": [method, path or RegExp, handler].
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = process.env.WEB_OUT ?? join(here, "..", "dist");
const types = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
};
const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const roles = ["viewer", "agent", "manager", "admin"];

const routes = [];
for (const name of readdirSync(here).filter(
    (file) => /^mock_.*\.mjs$/.test(file) && file !== "mock_server.mjs",
))
    routes.push(...(await import(join(here, name))).routes);

function sessionOf(request) {
    const name = /troth=([a-z0-9]+)/.exec(request.headers.cookie ?? "")?.[1];
    if (!name) return null;
    const role = roles.includes(name) ? name : "manager";
    const language = /troth_language=([A-Za-z-]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
    return {
        name,
        role,
        language,
        staff: "s-07",
        csrf_token: "mock",
        time_zone: "Asia/Shanghai",
        now_us: Date.now() * 1000,
    };
}

function answer(response, status, body, headers = {}) {
    const isText = typeof body === "string";
    response.writeHead(status, {
        "Content-Type": isText ? "text/csv; charset=utf-8" : "application/json",
        "Cache-Control": "no-store",
        ...headers,
    });
    response.end(isText ? body : JSON.stringify(body));
}

async function bodyOf(request) {
    const parts = [];
    for await (const part of request) parts.push(part);
    try {
        return JSON.parse(Buffer.concat(parts).toString() || "{}");
    } catch {
        return {};
    }
}

async function api(request, response, url) {
    const { method } = request;
    const path = url.pathname;
    const body = method === "GET" ? {} : await bodyOf(request);
    if (path === "/v1/session" && method === "POST") {
        if (body.password !== "troth")
            return answer(response, 401, { code: "not_permitted", text: "" });
        request.headers.cookie = `troth=${body.name}`;
        return answer(response, 200, sessionOf(request), {
            "Set-Cookie": `troth=${body.name}; HttpOnly; SameSite=Strict; Path=/`,
        });
    }
    const session = sessionOf(request);
    if (!session) return answer(response, 401, { code: "no_session", text: "Log in." });
    if (method !== "GET" && request.headers["x-csrf-token"] !== "mock")
        return answer(response, 403, { code: "not_permitted", text: "csrf" });
    if (path === "/v1/session/language")
        return answer(
            response,
            200,
            {},
            { "Set-Cookie": `troth_language=${body.language}; Path=/` },
        );
    if (path === "/v1/session/password") return answer(response, 200, {});
    if (path === "/v1/session" && method === "DELETE")
        return answer(response, 200, {}, { "Set-Cookie": "troth=; Max-Age=0; Path=/" });
    if (path === "/v1/session") return answer(response, 200, session);
    if (path === "/v1/changes") {
        const wait = url.searchParams.get("since") ? 25_000 : 0;
        return setTimeout(
            () =>
                answer(response, 200, {
                    token: String(Date.now()),
                    changed: wait ? ["figures", "today"] : [],
                }),
            wait,
        );
    }
    for (const [wanted, pattern, handler] of routes) {
        const match = typeof pattern === "string" ? path === pattern && [path] : pattern.exec(path);
        if (wanted !== method || !match) continue;
        const context = {
            query: url.searchParams,
            language: url.searchParams.get("language") ?? session.language,
            body,
            session,
            match,
        };
        const [status, result] = await handler(context);
        return answer(response, status, result);
    }
    return answer(response, 404, { code: "route_unknown", text: `${method} ${path}` });
}

function file(request, response, url) {
    const path = normalize(join(dist, url.pathname === "/" ? "index.html" : url.pathname));
    if (!path.startsWith(normalize(dist)) || !existsSync(path))
        return answer(response, 404, { code: "route_unknown", text: "" });
    const isPacked =
        existsSync(`${path}.gz`) && /gzip/.test(request.headers["accept-encoding"] ?? "");
    response.writeHead(200, {
        "Content-Type": types[extname(path)] ?? "application/octet-stream",
        "Cache-Control": url.pathname.startsWith("/assets/")
            ? "public, max-age=31536000, immutable"
            : "no-cache",
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        ...(isPacked ? { "Content-Encoding": "gzip" } : {}),
    });
    response.end(readFileSync(isPacked ? `${path}.gz` : path));
}

const port = Number(process.argv[2] ?? 5174);
createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (url.pathname.startsWith("/v1/")) {
        api(request, response, url).catch((error) =>
            answer(response, 500, { code: "bug", text: String(error) }),
        );
    } else file(request, response, url);
}).listen(port, "127.0.0.1", function () {
    console.log(`http://127.0.0.1:${this.address().port}`);
});
