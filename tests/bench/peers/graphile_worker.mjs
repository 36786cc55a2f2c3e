// SPDX-License-Identifier: Apache-2.0
// graphile_worker.mjs CONNECTION COUNT - processes COUNT jobs that stand ready and prints the seconds from the first to the last.
//
// Its best setting for a flood of short jobs: a local queue that takes jobs in batches, and completions in batches, too.
import { performance } from "node:perf_hooks";
import { Logger, makeWorkerUtils, run } from "graphile-worker";

const [connectionString, countText] = process.argv.slice(2);
const count = Number(countText);
const BATCH = 1000;

const logger = new Logger(() => () => {}); // a line per job would be what is measured
const utils = await makeWorkerUtils({ connectionString, logger });
await utils.migrate();
for (let done = 0; done < count; done += BATCH) {
  const size = Math.min(BATCH, count - done);
  await utils.addJobs(Array.from({ length: size }, (_, i) => ({
    identifier: "call",
    payload: { customer: done + i, number: "+8613800138000" },
  })));
}
await utils.release();

let first = 0;
let seen = 0;
let finish;
const all = new Promise((resolve) => { finish = resolve; });
const runner = await run({
  connectionString,
  logger,
  noHandleSignals: true,
  taskList: {
    call: async () => {
      first ||= performance.now();
      if (++seen === count) {
        finish();
      }
    },
  },
  preset: {
    worker: {
      concurrentJobs: 24,
      maxPoolSize: 24,
      pollInterval: 100,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});
await all;
await runner.stop(); // waits until the last batch of completions is committed
console.log(((performance.now() - first) / 1000).toFixed(6));
process.exit(0);
