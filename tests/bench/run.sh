#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [NAME ...] - measures Troth beside what the machine could do; 'make bench' builds and calls it.
# QUICK=1 ends within 15 minutes. Names: intake latency two http curve memory stored loyalty scores followup report calendar similar triage standard value audit retention
# tracker brokers queues growth; side: those beside other products and limits;
# data only builds what stored needs. See
# tests/bench/README.md.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."

export TROTH_OUT=${TROTH_OUT:-build} PYTHONDONTWRITEBYTECODE=1
gen=${TROTH_GEN:-build/gen}
if [ ! -d "$gen/python" ]; then
    echo "run.sh: $gen/python is not there: run 'make gen'" >&2
    exit 1
fi
PYTHONPATH=$PWD:$gen/python exec /usr/bin/python3 -m tests.bench.bench "$@"
