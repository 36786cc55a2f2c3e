-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:audit to pg
-- requires: intake
--
-- The tamper-evident record: every event of the streams intake.* is a leaf of one Merkle tree as in RFC 6962, which
-- troth-intake grows and whose root it signs (services/intake/README.md, "Tamper-evident record"). Hashes alone: nothing
-- here tells what an event says. What is stored is never changed, but for the last tile of each level, which grows.
--
-- The tree is one for all buckets: when the schema is distributed, these tables stay on the coordinator.

BEGIN;

CREATE SCHEMA audit AUTHORIZATION troth_owner;
SET LOCAL ROLE troth_owner;

GRANT USAGE ON SCHEMA audit TO troth_intake, troth_operator;

-- Where the events stand in the tree: a run of neighbours of one (stream, bucket). Runs follow each other without a gap,
-- in the tree and, by first_seq, in each (stream, bucket).
CREATE TABLE audit.run (
    first_position int8 PRIMARY KEY CHECK (first_position >= 0),
    stream text COLLATE "C" NOT NULL,
    bucket int2 NOT NULL CHECK (bucket BETWEEN 0 AND 255),
    first_seq int8 NOT NULL CHECK (first_seq > 0),
    last_seq int8 NOT NULL,
    UNIQUE (stream, bucket, first_seq),
    CHECK (last_seq >= first_seq)
);

-- Tile `index` of a level holds the hashes of the complete subtrees of 256^level leaves from number 256 * index on, at most
-- 256 of 32 bytes.
CREATE TABLE audit.tile (
    level int2 NOT NULL CHECK (level BETWEEN 0 AND 7),
    index int8 NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, index)
);
-- Hashes do not compress.
ALTER TABLE audit.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Signed roots, numbered from 1 without a gap.
CREATE TABLE audit.head (
    number int8 PRIMARY KEY CHECK (number > 0),
    tree_size int8 NOT NULL CHECK (tree_size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    at timestamptz NOT NULL, -- machine time
    installation text NOT NULL,
    key_id bytea NOT NULL CHECK (octet_length(key_id) = 8),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64)
);

GRANT SELECT ON audit.run, audit.tile, audit.head TO troth_intake, troth_operator;
GRANT INSERT ON audit.run, audit.tile, audit.head TO troth_intake;
GRANT UPDATE (hashes) ON audit.tile TO troth_intake;

COMMIT;
