#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# migrate.sh CONNINFO [TO] - brings a database to the newest schema, or to the change TO.
#
# CONNINFO is what libpq takes: "host=/run/postgresql dbname=troth" or postgresql://user@host/troth.
# The role needs CREATEROLE and CREATE on the database; a database that is missing is created, which
# also needs CREATEDB. Deploys what is not deployed yet, change by change, and verifies each one;
# exits with 0 only when all of that worked. To look or to go back use sqitch itself in this folder.
set -Eeuo pipefail

[ $# = 1 ] || [ $# = 2 ] || {
    echo "usage: migrate.sh CONNINFO [TO]" >&2
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
    local name=${PGDATABASE:?the conninfo names no dbname}
    if psql -XAtqc 'SELECT 1' >/dev/null 2>&1; then
        return
    fi
    local create
    create=$(PGDATABASE=postgres psql -XAtq -v ON_ERROR_STOP=1 -v name="$name" <<'END'
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING ''UTF8''', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = :'name');
END
    )
    if [ -n "$create" ]; then
        PGDATABASE=postgres psql -XAtqc "$create"
    fi
}

assignments=$(read_conninfo "$1")
eval "$assignments"
export PGAPPNAME=${PGAPPNAME:-troth-migrate}
# Who migrated, as sqitch writes it down; without them it looks for a person.
export SQITCH_FULLNAME=${SQITCH_FULLNAME:-Troth} SQITCH_EMAIL=${SQITCH_EMAIL:-troth@localhost}
export TZ=UTC SQITCH_CONFIG=sqitch.conf SQITCH_USER_CONFIG=/dev/null SQITCH_SYSTEM_CONFIG=/dev/null
# Every script states what it deploys into; notices about things that were there say nothing.
export PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning"

create_database
exec sqitch --quiet deploy --verify --target db:pg: ${2:+--to "$2"}
