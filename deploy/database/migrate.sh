#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# migrate.sh [--dry-run] CONNINFO [TO] - brings a database to the newest schema, or to the change TO.
#
# CONNINFO is what libpq takes: "host=/run/postgresql dbname=troth" or postgresql://user@host/troth.
# The role needs CREATEROLE and CREATE on the database; a database that is missing is created, which
# also needs CREATEDB. Says which changes are not deployed yet (with --dry-run nothing more, and
# nothing is created), deploys them one by one, and verifies each one; exits with 0 only when all of
# that worked. To look or to go back use sqitch itself in this folder.
#
# Programs may run meanwhile. A change waits LOCK_TIMEOUT for a lock at most, so that nobody queues
# up behind it for long; then it is undone and tried again after a pause, TRIES times. Two
# migrations of a database at once take turns (sqitch's advisory lock). What was deployed before a
# change that failed stays: the next run goes on from there.
set -Eeuo pipefail

LOCK_TIMEOUT=${TROTH_LOCK_TIMEOUT:-2s} # as PostgreSQL reads it
TRIES=${TROTH_MIGRATE_TRIES:-30}
PAUSE=${TROTH_MIGRATE_PAUSE:-2} # seconds

dry_run=
[ "${1:-}" = --dry-run ] && {
    dry_run=1
    shift
}
[ $# = 1 ] || [ $# = 2 ] || {
    echo "usage: migrate.sh [--dry-run] CONNINFO [TO]" >&2
    exit 2
}
cd -- "$(dirname -- "$(realpath -- "$0")")"

# libpq's own variables reach sqitch, its driver and psql alike, and keep a password off the command
# line. Perl is there because sqitch is written in it.
read_conninfo()
{
    perl - "$1" <<'END'
use strict;
use warnings;
my %variable = (
    host => 'PGHOST', hostaddr => 'PGHOSTADDR', port => 'PGPORT', dbname => 'PGDATABASE', user => 'PGUSER',
    password => 'PGPASSWORD', passfile => 'PGPASSFILE', service => 'PGSERVICE', options => 'PGOPTIONS',
    application_name => 'PGAPPNAME', sslmode => 'PGSSLMODE', sslcert => 'PGSSLCERT', sslkey => 'PGSSLKEY',
    sslrootcert => 'PGSSLROOTCERT', sslcrl => 'PGSSLCRL', connect_timeout => 'PGCONNECT_TIMEOUT',
    channel_binding => 'PGCHANNELBINDING', gssencmode => 'PGGSSENCMODE', krbsrvname => 'PGKRBSRVNAME',
    target_session_attrs => 'PGTARGETSESSIONATTRS',
);
# What a client sets for its own comfort says nothing about where the database is.
my %ignored = map { $_ => 1 } qw(keepalives keepalives_idle keepalives_interval keepalives_count
    tcp_user_timeout fallback_application_name client_encoding);
my $text = shift;
my %value;
sub decoded { my $t = shift; $t =~ s/%([0-9a-fA-F]{2})/chr hex $1/ge; return $t }
if ($text =~ m{^postgres(?:ql)?://(?:([^:@/]*)(?::([^@/]*))?@)?([^/?]*)(?:/([^?]*))?(?:\?(.*))?$}) {
    my ($user, $password, $hosts, $database, $more) = ($1, $2, $3, $4, $5);
    my (@host, @port);
    for my $one (split /,/, $hosts) {
        $one =~ /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/ or die "migrate.sh: '$one' is no host\n";
        my ($host, $port) = ($1, $2);
        $host =~ s/^\[(.*)\]$/$1/;
        push @host, decoded($host);
        push @port, $port // '';
    }
    $value{host} = join ',', @host;
    $value{port} = join ',', @port if grep { length } @port;
    $value{user} = decoded($user) if defined $user;
    $value{password} = decoded($password) if defined $password;
    $value{dbname} = decoded($database) if defined $database;
    for my $pair (split /&/, $more // '') {
        my ($key, $v) = split /=/, $pair, 2;
        $value{decoded($key)} = decoded($v // '');
    }
} else {
    pos($text) = 0;
    while ($text =~ /\G\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\']|\\.)*))(?=\s|$)/gc) {
        my ($key, $v) = ($1, $2 // $3);
        $v =~ s/\\(.)/$1/gs;
        $value{$key} = $v;
    }
    $text =~ /\G\s*$/ or die "migrate.sh: this is neither key=value pairs nor a postgresql:// address\n";
}
for my $key (sort keys %value) {
    next if $ignored{$key} or $value{$key} eq '';
    my $name = $variable{$key} or die "migrate.sh: conninfo has '$key', which is not known here\n";
    (my $quoted = $value{$key}) =~ s/'/'\\''/g;
    print "export $name='$quoted'\n";
}
END
}

create_database()
{
    local name=$PGDATABASE
    if psql -XAtqc 'SELECT 1' >/dev/null 2>&1; then
        return
    fi
    local create
    create=$(PGDATABASE=postgres psql -XAtq -v ON_ERROR_STOP=1 -v name="$name" <<'END'
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING ''UTF8''', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = :'name');
END
    )
    # Another migration may have been faster; if it was not, the next step says what is wrong.
    if [ -n "$create" ] && ! PGDATABASE=postgres psql -XAtqc "$create"; then
        psql -XAtqc 'SELECT 1' >/dev/null
    fi
}

# Those of the plan that are not deployed, up to TO. A database that is not there has none of them.
pending()
{
    local deployed
    deployed=$(psql -XAtqc "SELECT change FROM sqitch.changes" 2>/dev/null || true)
    awk -v to="$1" -v deployed="$deployed" '
        BEGIN { n = split(deployed, list, "\n"); for (i = 1; i <= n; i++) there[list[i]] = 1 }
        /^[%@#]/ || !NF { next }
        !($1 in there) { why = $0; sub(/^[^#]*# ?/, "", why); printf "  %s: %s\n", $1, why }
        $1 == to { exit }' sqitch.plan
}

# Not --mode all, which would take back what came before the change that failed.
deploy()
{
    sqitch --quiet deploy --mode change --verify --lock-timeout 600 --target db:pg: ${1:+--to "$1"}
}

deploy_patiently()
{
    local try output
    for ((try = 1; ; try++)); do
        if output=$(deploy "$1" 2>&1); then
            return
        fi
        if [ "$try" -ge "$TRIES" ] || ! grep -q 'canceling statement due to lock timeout' <<<"$output"; then
            printf '%s\n' "$output" >&2
            return 1
        fi
        echo "migrate.sh: somebody holds a lock that is needed; try $((try + 1)) of $TRIES in $PAUSE s"
        sleep "$PAUSE"
    done
}

assignments=$(read_conninfo "$1")
eval "$assignments"
to=${2:-}
export PGAPPNAME=${PGAPPNAME:-troth-migrate}
# Who migrated, as sqitch writes it down; without them it looks for a person.
export SQITCH_FULLNAME=${SQITCH_FULLNAME:-Troth} SQITCH_EMAIL=${SQITCH_EMAIL:-troth@localhost}
export TZ=UTC SQITCH_CONFIG=sqitch.conf SQITCH_USER_CONFIG=/dev/null SQITCH_SYSTEM_CONFIG=/dev/null
# Every script states what it deploys into; notices about things that were there say nothing.
export PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning -c lock_timeout=$LOCK_TIMEOUT"

: "${PGDATABASE:?the conninfo names no dbname}"
waiting=$(pending "$to")
if [ -z "$waiting" ]; then
    echo "migrate.sh: every change is deployed"
else
    printf 'migrate.sh: to deploy:\n%s\n' "$waiting"
fi
[ -z "$dry_run" ] || exit 0
create_database
deploy_patiently "$to"
