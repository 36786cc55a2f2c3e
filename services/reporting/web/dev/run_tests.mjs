// SPDX-License-Identifier: Apache-2.0
// Bundles each test/*.test.ts for Node and runs all of them by Node's own runner.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const out = mkdtempSync(join(tmpdir(), "web-test-"));
let status = 1;
try {
    const names = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
    await build({
        entryPoints: names.map((name) => join("test", name)),
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node18",
        outdir: out,
        outExtension: { ".js": ".mjs" },
        external: ["node:*"],
        // Pages bring their looks along; what is tested has none.
        loader: { ".css": "empty" },
        logLevel: "warning",
    });
    const built = readdirSync(out).map((name) => join(out, name));
    status = spawnSync(process.execPath, ["--test", ...built], { stdio: "inherit" }).status ?? 1;
} finally {
    rmSync(out, { recursive: true, force: true });
}
process.exit(status);
