#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# send-samples.sh - the one-shot of the profile 'demo': four weeks of a garage chain that does not exist, which ended yesterday.
#
# When the story began is written down in the volume, so that another start sends the same records under the same keys: they
# are duplicates. After it has been sent once it is not sent again, however often 'up' is said.
set -Eeuo pipefail

began=/var/lib/troth/samples.began
sent=/var/lib/troth/samples.sent
readonly DAYS=28

[ ! -e "$sent" ] || exit 0
if [ ! -s "$began" ]; then
    TZ=Asia/Shanghai date -d "$((DAYS + 1)) days ago 00:00" --iso-8601=seconds >"$began.part"
    mv "$began.part" "$began"
fi
troth demo --past --days "$DAYS" --customers "${TROTH_SAMPLES:-300}" --start "$(cat "$began")"
touch "$sent"
