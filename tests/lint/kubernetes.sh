#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each overlay of deploy/kubernetes keeps the rules of deploy/kubernetes/check: probes, rights, networks, settings, all
# that can be known without a cluster. Where kubectl is installed, it also has to be able to build it.
set -Eeuo pipefail
cd "$(dirname "$0")/../.."
. tests/lint/lint_files.sh

PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 deploy/kubernetes/check/check_manifests.py || findings=1

if command -v kubectl >/dev/null && kubectl version --client 2>/dev/null | grep -q '^Kustomize Version: v5'; then
    for overlay in deploy/kubernetes/overlays/*/; do
        kubectl kustomize "$overlay" >/dev/null || finding "$overlay: kubectl cannot build it"
    done
fi
finish
