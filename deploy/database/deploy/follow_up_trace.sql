-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:follow_up_trace to pg
-- requires: followup
--
-- A follow-up keeps the trace (W3C traceparent) of the record that it follows from, so that the order to the dialer, the call's
-- events and its answers carry it on. Programs that do not know the column leave it empty.

BEGIN;

SET LOCAL lock_timeout = '5s';
SET LOCAL ROLE troth_owner;

ALTER TABLE followup.follow_up ADD COLUMN trace text;
COMMENT ON COLUMN followup.follow_up.trace IS 'W3C traceparent of the record that it follows from; null: it had none';

COMMIT;
