-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:release_0_2_0 to pg
-- requires: log
--
-- The last change of version 0.2.0: says that all the others are there. Its programs start only then; those of 0.1.0 do
-- not ask.

BEGIN;

SET LOCAL ROLE troth_owner;

-- Goes up by one with each version that adds something. Programs need theirs, and do not mind a higher one.
CREATE FUNCTION log.schema_expansion() RETURNS int4
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 2;

GRANT EXECUTE ON FUNCTION log.schema_expansion()
   TO troth_intake, troth_followup, troth_loyalty, troth_reporting, troth_operator;

COMMIT;
