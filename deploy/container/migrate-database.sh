#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# migrate-database.sh - the one-shot before every start: newest schema, then the passwords of the roles.
#
# 1. sqitch deploys what is missing, as troth_migrator
# 2. each login role gets the password of its secret file, so that a changed file is a changed password
#
# May be run again at any time. PGHOST and PGDATABASE say where; passwords are read from /run/secrets.
set -Eeuo pipefail

secrets=/run/secrets
roles=(operator intake followup loyalty reporting)

PGPASSWORD=$(cat "$secrets/database_migrator")
export PGPASSWORD PGUSER=troth_migrator HOME=/tmp

# A password as PostgreSQL stores it (SCRAM-SHA-256, RFC 5802). Made here, the password itself reaches
# neither the server nor its log.
scram_verifier()
{
    perl -MDigest::SHA=sha256,hmac_sha256 -MMIME::Base64=encode_base64 -e '
        use strict;
        use warnings;
        local $/;
        (my $password = <STDIN>) =~ s/\s+\z//;
        $password =~ /\A[\x21-\x7e]+\z/ or die "a password is printable ASCII without blanks\n";
        open my $random, "<:raw", "/dev/urandom" or die "no /dev/urandom: $!\n";
        local $/ = \16;
        my $salt = <$random>;
        my $rounds = 4096;
        my $round = hmac_sha256($salt . pack("N", 1), $password);
        my $salted = $round;
        for (2 .. $rounds) {
            $round = hmac_sha256($round, $password);
            $salted ^= $round;
        }
        my $stored = sha256(hmac_sha256("Client Key", $salted));
        my $server = hmac_sha256("Server Key", $salted);
        my ($s, $k, $v) = map { encode_base64($_, "") } $salt, $stored, $server;
        print "SCRAM-SHA-256\$$rounds:$s\$$k:$v";
    ' <"$1"
}

/usr/share/troth/database/migrate.sh \
    "host=${PGHOST:?} port=${PGPORT:-5432} user=$PGUSER dbname=${PGDATABASE:?}"

for role in "${roles[@]}"; do
    verifier=$(scram_verifier "$secrets/database_$role")
    printf "ALTER ROLE troth_%s PASSWORD '%s';\n" "$role" "$verifier"
done | psql -X -q -v ON_ERROR_STOP=1 --single-transaction -f -
echo "migrated $PGDATABASE on $PGHOST, ${#roles[@]} roles have their passwords"
