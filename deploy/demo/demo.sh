#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# demo.sh - the whole system on a private PostgreSQL under var/demo, playing a month in about three minutes.
#
#   demo.sh          makes everything anew, plays, prints the report, stops
#   demo.sh stop     ends what KEEP=1 left running
#
# Variables:
#   KEEP=1                 leave it running, to look at
#   DATA=FILE MAPPING=MAP  play the rows of a CSV file instead of the garage chain (deploy/mappings)
#   SEED, DAYS, CUSTOMERS  of the garage chain; START when its story begins (2026-11-01 in Shanghai). The clock stands at the
#                          end at five in the afternoon of its last day, and what falls due later is left to you
#   TROTH_OUT              folder of the build (build)
#   TROTH_DEMO_DIR         where it lives (var/demo); a demo that is there is removed, anything else is refused
#
# Sockets are ipc:// in its folder, with paths relative to the project's root, so that no port can be taken.
set -Eeuo pipefail

cd "$(dirname "$(realpath "$0")")/../.."
readonly DIR=${TROTH_DEMO_DIR:-var/demo}
readonly OUT=${TROTH_OUT:-build}
# Without npm there is none; a page says so in its place.
WEB=$OUT/web
[ -e "$WEB/index.html" ] || WEB=""
readonly WEB
readonly BIN=$OUT/bin
readonly SERVICES=(intake followup loyalty reporting dialer)
# Longer than one step of the clock: records of a step are sent before the clock reaches its end.
readonly CLOCK_SKEW=2h
# Each time all services wait until they are computed, so that what a promise is told does not depend on the machine.
readonly FORECAST_EVERY=1d

say()
{
    printf '\n\033[1m%s\033[0m\n' "$*"
}

stop_services()
{
    local pid
    [ -f "$DIR/run.pid" ] || return 0
    pid=$(cat "$DIR/run.pid")
    if kill -0 "$pid" 2>/dev/null && [ "$(tr '\0' ' ' <"/proc/$pid/cmdline" | grep -c "$DIR/etc/run.conf")" = 1 ]; then
        kill -TERM "$pid"
        # Its services drain; the kernel tells us when it is gone.
        tail --pid="$pid" --follow /dev/null 2>/dev/null
    fi
    rm -f "$DIR/run.pid"
}

stop_all()
{
    stop_services
    if [ -d "$DIR/postgres" ]; then
        deploy/demo/postgres.sh stop "$DIR/postgres"
    fi
}

# Whoever names a folder of their own by mistake keeps it.
refuse_foreign_folder()
{
    if [ -e "$DIR/.troth-demo" ] || [ -e "$DIR/etc/run.conf" ] || [ -z "$(ls -A "$DIR" 2>/dev/null)" ]; then
        return
    fi
    echo "demo: $DIR has files that no demo made: name another folder, or empty it" >&2
    exit 2
}

remove_all()
{
    stop_services
    if [ -d "$DIR/postgres" ]; then
        deploy/demo/postgres.sh remove "$DIR/postgres"
    fi
    rm -rf "$DIR"
}

on_exit()
{
    local status=$?
    if [ "$status" != 0 ]; then
        echo "demo: failed; the logs are in $DIR/log" >&2
        tail -n 5 "$DIR"/log/* >&2 2>/dev/null || true
        stop_all || true
    elif [ -z "${KEEP:-}" ]; then
        stop_all
    fi
    exit "$status"
}

# The conninfo of a role in the demo's database.
conninfo()
{
    printf '%s' "${superuser/user=postgres dbname=postgres/user=$1 dbname=troth}"
}

make_keys()
{
    local name
    declare -A rights=(
        [intake]="events" [followup]="records,disclosure,events" [loyalty]="events"
        [reporting]="records,disclosure,worklist,scores,events" [dialer]="dial" [garage]="records,reports,scores,worklist,disclosure"
    )
    mkdir -m 700 "$DIR/keys"
    for name in "${!rights[@]}"; do
        "$BIN/troth" key new "$name" --dir "$DIR/keys" --rights "${rights[$name]}" --register \
            --database "$(conninfo troth_operator)" >/dev/null
    done
    "$BIN/troth" key master "$DIR/keys/master.keys" >/dev/null
    "$BIN/troth" audit key new "$DIR/keys/audit.key" --installation demo >/dev/null
}

# The settings of one service: what all have, then its own lines on standard input.
write_settings()
{
    local name=$1
    {
        echo "key_file = \"$DIR/keys/$name.key\";"
        [ "$name" = reporting ] || echo "http = \"unix:$DIR/run/$name.http\";"
        if [ "$name" != dialer ]; then
            echo "database = \"$(conninfo "troth_$name")\";"
            echo "requests = \"ipc://$DIR/run/$name\";"
            echo "poll = \"100ms\";"
        fi
        cat
    } >"$DIR/etc/$name.conf"
}

# Where a service hears of another one's events.
events_of()
{
    local name
    for name in "$@"; do
        echo "${name}_events = \"ipc://$DIR/run/$name.events\";"
        echo "${name}_key_file = \"$DIR/keys/$name.pub\";"
    done
}

# The first port from 8540 on that nobody has: a browser cannot come by a socket file. In a folder of its own, where others
# may start at the same moment, any port.
free_address()
{
    /usr/bin/python3 - <<'END'
import os
import socket

for port in [*([] if os.environ.get("TROTH_DEMO_DIR") else range(8540, 8600)), 0]:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            continue
        print("127.0.0.1:%d" % one.getsockname()[1])
        break
END
}

# Who may log in at the dashboard: a manager, and a person at the worklist.
make_accounts()
{
    local name
    for name in manager agent; do
        printf '%s\n' "$PASSWORD" | "$BIN/troth" user add "$name" --role "$name" --staff "G-$name" \
            --database "$(conninfo troth_operator)" >/dev/null
    done
}

write_all_settings()
{
    local name
    mkdir "$DIR/etc" "$DIR/run" "$DIR/log"
    cp deploy/config/{standards,calendars,days-china,followups,questionnaire,servqual}.conf "$DIR/etc/" # the story changes the standard
    write_settings intake <<END
events = "ipc://$DIR/run/intake.events";
standard = "$DIR/etc/standards.conf";
master_key_file = "$DIR/keys/master.keys";
records_http = "unix:$DIR/run/records";
clock_skew = "$CLOCK_SKEW";
forecast_every = "$FORECAST_EVERY";
disk_watch = "$DIR";
disk_free_min = 5;
audit_key_file = "$DIR/keys/audit.key";
audit_copy = "$DIR/heads";
END
    write_settings followup <<END
events = "ipc://$DIR/run/followup.events";
intake = "ipc://$DIR/run/intake";
rules = "$DIR/etc/followups.conf";
questionnaire = "$DIR/etc/questionnaire.conf";
$(events_of intake)
END
    write_settings loyalty <<END
events = "ipc://$DIR/run/loyalty.events";
$(events_of intake)
END
    write_settings reporting <<END
http = "$DASHBOARD";
web_root = "$WEB";
dashboard_url = "http://$DASHBOARD/";
progress_url = "http://$DASHBOARD/progress";
factors = "product: repair/again, breakdown, parts; price: price, invoice; channel: waiting, staff, booking, status; competitor: switched";
intake = "ipc://$DIR/run/intake";
followup = "ipc://$DIR/run/followup";
loyalty = "ipc://$DIR/run/loyalty";
$(events_of intake followup loyalty)
END
    write_settings dialer <<END
followup = "ipc://$DIR/run/followup";
followup_key_file = "$DIR/keys/followup.pub";
journal = "$DIR/dialer.journal";
seed = ${SEED:-7};
simulate_staff = true;
no_answer = 0.14;
busy = 0.06;
voicemail = 0.05;
refused = 0.04;
wrong_number = 0.006;
invalid_number = 0.004;
machine = 0.006;
partly_answered = 0.05;
call_back = 0.05;
other_language = 0.004;
failed = 0.02;
refused_purpose = 0.3;
refused_everything = 0.1;
new_number = 0.01;
notes = 0.15;
END
    {
        echo "key_file = \"$DIR/keys/garage.key\";"
        echo "source = \"garage\";"
        echo "database = \"$(conninfo troth_operator)\";"
        for name in intake followup loyalty reporting; do
            echo "$name = \"ipc://$DIR/run/$name\";"
            echo "${name}_key = \"$DIR/keys/$name.pub\";"
            [ "$name" = reporting ] || echo "${name}_http = \"unix:$DIR/run/$name.http\";"
        done
        echo "reporting_http = \"$DASHBOARD\";"
    } >"$DIR/etc/troth.conf"
    {
        echo "services = ("
        for name in "${SERVICES[@]}"; do
            local clock='"--demo-clock", '
            [ "$name" != dialer ] || clock=
            echo "  { name = \"$name\"; command = [\"$BIN/troth-$name\", $clock\"--config\", \"$DIR/etc/$name.conf\"]; }$(
                [ "$name" = dialer ] || echo ,)"
        done
        echo ");"
    } >"$DIR/etc/run.conf"
}

start_services()
{
    local deadline=$((SECONDS + 60))
    "$BIN/troth" run --config "$DIR/etc/run.conf" >"$DIR/log/ready" 2>"$DIR/log/services" </dev/null &
    echo $! >"$DIR/run.pid"
    until grep -q '^ready troth-run' "$DIR/log/ready"; do
        kill -0 "$(cat "$DIR/run.pid")" 2>/dev/null || return 1
        [ "$SECONDS" -lt "$deadline" ] || return 1
        read -rt 0.1 <> <(:) || true
    done
}

# What is played, as arguments of `troth demo`.
tell_story()
{
    story=(--database "$(conninfo postgres)" --forecasts-every "$FORECAST_EVERY")
    [ -z "${SEED:-}" ] || story+=(--seed "$SEED")
    [ -z "${START:-}" ] || story+=(--start "$START")
    [ -z "${DAYS:-}" ] || story+=(--days "$DAYS")
    [ -z "${CUSTOMERS:-}" ] || story+=(--customers "$CUSTOMERS")
    [ -z "${DATA:-}" ] || story+=(--mapping "${MAPPING:?DATA needs MAPPING, a file of deploy/mappings}" "$DATA")
}

play()
{
    local arguments=("${story[@]}")
    if [ -z "${DATA:-}" ]; then
        local change="deploy/demo/change-standard.sh" days=${DAYS:-30} of hour day
        of="'$DIR' '$(conninfo postgres)'"
        arguments+=(--on-day "$((days / 3))=$change stricter $of" --on-day "$((days * 2 / 3))=$change longer $of")
        arguments+=(--on-day "$((days * 13 / 30))=deploy/demo/dashboard.py http://$DASHBOARD manager improve")
        # On the day in whose afternoon the story stops: from nine o'clock on people do it; each hour one may be lost.
        change=deploy/demo/worklist.sh
        arguments+=(--on-day "$((days - 1)).375=$change hand-over $of")
        for hour in 10 11 12 13 14 15 16; do
            arguments+=(--on-day "$((days - 1)).$((hour * 100000 / 24))=$change lose-one $of")
        done
        # In the morning, now and then, and the last time on the day before.
        for day in "$((days / 4))" "$((days / 2))" "$((days * 3 / 4))" "$((days > 1 ? days - 2 : 0))"; do
            arguments+=(--on-day "$day.41666=$change clear $of")
        done
    fi
    DASHBOARD_PASSWORD=$PASSWORD "$BIN/troth" demo "${arguments[@]}" | tee "$DIR/last-line"
}

# What reporting does at night, for all days that are over: figures that are checked, effects, warnings.
wait_for_night()
{
    local deadline=$((SECONDS + 120))
    until [ "$(psql -XAtqd "$(conninfo postgres)" -c "SELECT count(*) > 0 AND min(day) >= (log.now() AT TIME ZONE 'Asia/Shanghai')::date - 1
                                                       FROM reporting.night_task")" = t ]; do
        [ "$SECONDS" -lt "$deadline" ] || { say "The night is not over yet: some figures come later"; return; }
        read -rt 0.1 <> <(:) || true
    done
}

# The facts and what reporting counted from events must agree, or the demo has failed.
check_report()
{
    "$BIN/troth" report overview --json >"$DIR/overview.json"
    /usr/bin/python3 - "$DIR/last-line" "$DIR/overview.json" <<'END'
import json
import re
import sys

line = dict(re.findall(r"(\w+)=(\d+)", open(sys.argv[1], encoding="utf-8").read()))
total = json.load(open(sys.argv[2], encoding="utf-8"))["overview"]["total"]
names = {"cases": "cases", "promises": "promises_made", "kept": "promises_kept", "broken": "promises_broken",
         "followups": "follow_ups_planned", "calls": "calls_placed", "reached": "calls_reached"}
wrong = [f"{name}: facts {line[name]}, report {total.get(figure, 0)}"
         for name, figure in names.items() if int(line[name]) != int(total.get(figure, 0))]
if wrong:
    sys.exit("demo: the report differs from the facts: " + "; ".join(wrong))
END
}

# A follow-up that another call covered, and its customer; "F-..." and "K-..." without one.
find_example()
{
    "$BIN/troth" followups --ended merged --limit 1 --json | /usr/bin/python3 -c '
import json
import sys

found = json.load(sys.stdin)["newest"]
print(*((found[0]["follow_up"], found[0]["customer"]) if found else ("F-...", "K-...")))'
}

# The customer of whom most is known, among those whose index fell: "K-..." when nobody fell.
find_told_customer()
{
    "$BIN/troth" score --fell 31d --limit 100 --json | /usr/bin/python3 -c '
import json
import sys

scores = json.load(sys.stdin)["scores"]
print(max(scores, key=lambda s: sum(c.get("points", 0) != 0 for c in s["contributions"]))["customer_number"] if scores else "K-...")'
}

# Of the case whose promise is due next.
progress_link()
{
    "$BIN/troth" report due_next --cases --limit 1 --json | /usr/bin/python3 -c '
import json
import sys

print(json.load(sys.stdin)["cases"]["cases"][0]["case_number"])' | xargs -r "$BIN/troth" case link
}

case ${1:-} in
stop)
    stop_all
    exit
    ;;
'') ;;
*)
    sed -n '3,17p' "$0"
    exit 2
    ;;
esac

refuse_foreign_folder
remove_all
mkdir -p "$DIR"
touch "$DIR/.troth-demo" # so that the next one knows whose folder this is
trap on_exit EXIT
say "A private PostgreSQL, the schema, keys"
superuser=$(deploy/demo/postgres.sh start "$DIR/postgres")
deploy/database/migrate.sh "$(conninfo postgres)"
make_keys
PASSWORD=demo-$(head -c 9 /dev/urandom | base64 | tr '+/' '-_')
DASHBOARD=$(free_address)
make_accounts
write_all_settings
export TROTH_CONFIG=$DIR/etc/troth.conf
tell_story
# The services refuse a clock that is not real unless told; they begin where the story does.
"$BIN/troth" demo --only-clock "${story[@]}"

say "Services: ${SERVICES[*]}"
start_services
say "Playing ${DATA:-${DAYS:-30} days of a garage chain}: each step of the clock ends when nothing is left to do"
play
wait_for_night
say "The report: troth report overview"
check_report
"$BIN/troth" report overview
say "Which branch is late, and since when: troth report promises --by branch --compare"
"$BIN/troth" report promises --by branch --compare
"$BIN/troth" report promises --by week --branch harbour
say "Did the fix help: troth report improvements"
"$BIN/troth" report improvements
say "What needs a person now: troth today"
"$BIN/troth" today
say "Whom we called and whom we did not, and why: troth followups --by-rule"
"$BIN/troth" followups --by-rule
say "The standard was changed twice; how far the forecasts given with the promises came true: troth forecast"
"$BIN/troth" forecast
say "Whose loyalty fell most, and why: troth score --fell 31d --limit 5"
"$BIN/troth" score --fell 31d --limit 5
told=$(find_told_customer)
if [ "$told" != "K-..." ]; then
    say "One of them, every point explained: troth score $told"
    "$BIN/troth" score "$told"
    say "The same in Chinese 同一客户: troth score $told --language zh"
    "$BIN/troth" score "$told" --language zh
fi
say "Whose promises can be believed: troth score --by branch"
"$BIN/troth" score --by branch
say "What was learned from the company's own history, and what counts until then: troth model show"
"$BIN/troth" model show
read -r follow_up customer < <(find_example)
DASHBOARD_PASSWORD=$PASSWORD deploy/demo/dashboard.py "http://$DASHBOARD" manager weekly "$DIR/weekly.html"
say "Where to look next"
if [ -n "${KEEP:-}" ]; then
    cat <<END
The dashboard: http://$DASHBOARD/    log in as manager or agent, password $PASSWORD
A customer's own page about a case: $(progress_link)
The report of the last week: $DIR/weekly.html
It is still running; \`${TROTH_DEMO_DIR:+TROTH_DEMO_DIR=$DIR }make demo-stop\` ends it. In this folder:
  export TROTH_CONFIG=$TROTH_CONFIG
END
else
    cat <<END
It has been stopped; \`make demo KEEP=1\` leaves it running. Then, in this folder:
  export TROTH_CONFIG=$TROTH_CONFIG
END
fi
cat <<END
  $BIN/troth score $told --evidence   with the events behind each point; --replay computes it again from them
  $BIN/troth score --lowest 20      whom we are about to lose
  $BIN/troth survey --by branch     CSAT, NPS, CES, SERVQUAL and the fuzzy evaluation 模糊综合评价 of each branch
  $BIN/troth customer CAR-00017     cases, promises, follow-ups of one customer
  $BIN/troth followups --limit 20   whom to call, when and why
  $BIN/troth followups --explain $follow_up   what happened to one of them: deferred, ordered, merged
  $BIN/troth rules explain $customer   which rules would call this customer, which not, and why
  $BIN/troth --help                 everything else
The log of all services: $DIR/log/services

END
cat "$DIR/last-line"
