#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# make-cluster-secrets.sh [DIR] - makes passwords and keys for a cluster, and what brings them there.
#
# Into DIR (usual: var/kubernetes/secrets, which git does not see): the database passwords, a key pair per program, the
# keys that seal personal data, the key of the tamper-evident record, and a kustomization that makes the Secrets of
# them, and a ConfigMap of what is public. What is there is kept, so it may be run again, and a password or a key that
# comes from elsewhere may be put there first. TROTH names the command line, when it is not build/bin/troth.
#
#   kubectl apply --server-side -k var/kubernetes/secrets
#
# DIR holds everything that opens the data: keep it where such things are kept, not on this machine. The namespace is
# 'troth'; for another one change it in DIR/kustomization.yaml, once.
set -Eeuo pipefail
umask 077

programs=(intake followup loyalty reporting dialer client)

here=$(dirname -- "$(realpath -- "$0")")
cd -- "$here/../.."
dir=${1:-var/kubernetes/secrets}
troth=${TROTH:-build/bin/troth}
mkdir -p -- "$dir/passwords" "$dir/keys"
chmod 0700 -- "$dir"

deploy/container/make-secrets.sh "$dir/passwords"

for name in "${programs[@]}"; do
    [ -e "$dir/keys/$name.key" ] || "$troth" key new "$name" --dir "$dir/keys" >/dev/null
done
[ -e "$dir/keys/master.keys" ] || "$troth" key master "$dir/keys/master.keys" >/dev/null
[ -e "$dir/keys/audit.key" ] || "$troth" audit key new "$dir/keys/audit.key" --installation troth >/dev/null

[ -e "$dir/kustomization.yaml" ] || cp -- "$here/secrets.yaml" "$dir/kustomization.yaml"
echo "secrets for the cluster are in $dir"
