// SPDX-License-Identifier: Apache-2.0
// pg_boss.mjs CONNECTION COUNT - processes COUNT jobs that stand ready and prints the seconds from the first to the last.
//
// Its best setting for a flood of short jobs: four loops that fetch a thousand and complete them in one statement.
import { performance } from "node:perf_hooks";
import PgBoss from "pg-boss";

const [connectionString, countText] = process.argv.slice(2);
const count = Number(countText);
const BATCH = 1000;
const LOOPS = 4;

const boss = new PgBoss({ connectionString, max: 10, supervise: false, schedule: false });
boss.on("error", (error) => { console.error(error); process.exit(1); });
await boss.start();
await boss.createQueue("call");
for (let done = 0; done < count; done += BATCH) {
  const size = Math.min(BATCH, count - done);
  await boss.insert(Array.from({ length: size }, (_, i) => ({
    name: "call",
    data: { customer: done + i, number: "+8613800138000" },
  })));
}

const begin = performance.now();
let seen = 0;
async function loop() {
  while (seen < count) {
    const jobs = await boss.fetch("call", { batchSize: BATCH });
    if (jobs.length > 0) {
      await boss.complete("call", jobs.map((job) => job.id));
      seen += jobs.length;
    }
  }
}
await Promise.all(Array.from({ length: LOOPS }, loop));
console.log(((performance.now() - begin) / 1000).toFixed(6));
process.exit(0);
