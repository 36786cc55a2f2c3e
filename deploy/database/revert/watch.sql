-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:watch from pg
--
-- The membership belongs to the whole cluster and another database may live by it: it stays, and goes with the role.

BEGIN;
COMMIT;
