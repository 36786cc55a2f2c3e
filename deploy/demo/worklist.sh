#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# worklist.sh - what people do at the worklist in the demo, beside those whom its dialer simulates.
#
#   deploy/demo/worklist.sh clear DIR CONNINFO       whoever has no number that anybody knows is given up
#   deploy/demo/worklist.sh hand-over DIR CONNINFO   nobody simulates people any more: what is for a person waits for you
#   deploy/demo/worklist.sh lose-one DIR CONNINFO    somebody takes a conversation, calls, and never says how it went; nobody, if there is none
#
# All wait until the services have it: the same seed gives the same result.
set -Eeuo pipefail

cd "$(dirname "$(realpath "$0")")/../.."
action=$1
dir=$2
conninfo=$3
troth=${TROTH_OUT:-build}/bin/troth

ask()
{
    psql -XAtqd "$conninfo" -c "$1"
}

# Until the answer is what is named.
wait_for()
{
    local deadline=$((SECONDS + 30))
    until [ "$(ask "$2")" = "$1" ]; do
        [ "$SECONDS" -lt "$deadline" ] || { echo "worklist: not $1 after 30 s: $2" >&2; exit 1; }
        read -rt 0.1 <> <(:) || true
    done
}

# What is held back, for all to see. The clock stands and nothing is left to do: letting go of all changes nothing by itself.
hold()
{
    ask "UPDATE log.clock SET demo_holds = $1"
    wait_for 0 "SELECT count(*) FROM log.alive, log.clock WHERE at > clock_timestamp() - interval '30 s' AND alive.demo_holds <> clock.demo_holds"
}

# The next conversation: sets agenda and order; false: there is none.
take()
{
    agenda=$("$troth" worklist next --staff "$staff" --json) || return 1
    order=$(grep -om 1 'F-[0-9]*-[0-9]/[0-9]*' <<<"$agenda")
}

clear_list()
{
    local agenda order staff=south-01 left=200
    while [ "$((left--))" -gt 0 ] && take; do
        if ! grep -q '"why_person": *"no_channel"' <<<"$agenda"; then
            "$troth" worklist return "$order" --staff "$staff" >/dev/null
            continue
        fi
        "$troth" worklist outcome "$order" failed --staff "$staff" >/dev/null
    done
}

hand_over()
{
    local pid
    pid=$(sed -n 's/^ready service=dialer pid=\([0-9]*\).*/\1/p' "$dir/log/ready" | tail -n 1)
    sed -i 's/^simulate_staff = true;$/simulate_staff = false;/' "$dir/etc/dialer.conf"
    kill -TERM "$pid" # 'troth run' starts it again
    wait_for 0 "SELECT count(*) FROM followup.dialer_session WHERE channels & (1 << 4) <> 0"
}

# One alone, and only what was planned for a person: what is listed stays listed for its own reason. Nobody waits until the time to say
# how it went is over by the clock on the wall.
lose_one()
{
    local agenda order staff=north-02
    [ "$(ask "SELECT count(*) FROM followup.follow_up WHERE reason = 'outcome_unknown'")" = 0 ] || return 0
    [ "$(ask "SELECT count(*) FROM followup.follow_up
               WHERE state = 1 AND channel = 4 AND next_attempt_at <= log.now() AND window_end_at > log.now()")" != 0 ] || return 0
    take || return 0
    if ! grep -q '"why_person": *"channel"' <<<"$agenda" || ! "$troth" worklist accept "$order" --staff "$staff" >/dev/null; then
        "$troth" worklist return "$order" --staff "$staff" >/dev/null
        return 0
    fi
    ask "UPDATE followup.worklist_lease SET lease_until = clock_timestamp() WHERE staff = '$staff'"
    wait_for 0 "SELECT count(*) FROM followup.follow_up_attempt WHERE state IN (1, 2) AND dialer = 'person/$staff'"
}

held=$(ask "SELECT demo_holds FROM log.clock")
hold 0 # whoever asks for a conversation is served by what is held back otherwise
case $action in
clear) clear_list ;;
hand-over) hand_over ;;
lose-one) lose_one ;;
*) sed -n '5,7p' "$0" >&2; exit 2 ;;
esac
hold "$held"
