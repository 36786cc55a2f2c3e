// SPDX-License-Identifier: Apache-2.0
// Writes NAME.gz beside each built file, so that the server never compresses while somebody waits.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const root = process.env.WEB_OUT ?? "dist";

function* files(folder) {
    for (const name of readdirSync(folder).sort()) {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) yield* files(path);
        else if (!name.endsWith(".gz")) yield path;
    }
}

let total = 0;
for (const path of files(root)) {
    const packed = gzipSync(readFileSync(path), { level: 9 });
    writeFileSync(`${path}.gz`, packed);
    total += packed.length;
}
console.log(`${(total / 1024).toFixed(0)} KiB compressed in all`);
