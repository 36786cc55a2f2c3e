-- SPDX-License-Identifier: Apache-2.0
-- Revert troth:consent from pg

BEGIN;

DROP VIEW intake.case_reference_for_operator, intake.case_class_for_operator, intake.promise_first_terms_for_operator,
    intake.contact_point_for_operator, intake.disclosure_for_operator, intake.consent_statement_public;
DROP INDEX intake.disclosure_by_time;
ALTER TABLE intake.disclosure DROP COLUMN on_behalf_of;
DROP TABLE intake.consent_statement;

COMMIT;
