-- SPDX-License-Identifier: Apache-2.0
-- Two keys of a name, for a time. Run by pg_prove in a database that sqitch deployed.
\set ON_ERROR_STOP 1
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

CREATE FUNCTION pg_temp.key(p_byte text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(repeat(p_byte, 32), 'hex') $$;
CREATE FUNCTION pg_temp.keys() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT left(encode(public_key, 'hex'), 2) || coalesce('/' || left(encode(token_digest, 'hex'), 2), '')
      FROM intake.source_entry_public WHERE name = 'shop' ORDER BY 1
$$;
CREATE FUNCTION pg_temp.revision() RETURNS bigint LANGUAGE sql AS $$ SELECT revision FROM intake.source_entry_revision_public $$;

SELECT intake.source_register('shop', pg_temp.key('aa'), '{records}', false, now());
SELECT results_eq('SELECT pg_temp.keys()', ARRAY['aa'], 'one key enters');

SELECT ok(intake.source_rotate_beside('shop', pg_temp.key('bb'), now() + interval '1 hour'), 'a new one beside it');
SELECT results_eq('SELECT pg_temp.keys()', ARRAY['aa', 'bb'], 'both enter');
SELECT ok(intake.source_rotate_beside('shop', pg_temp.key('bb'), now() + interval '1 hour'), 'once more');
SELECT results_eq('SELECT pg_temp.keys()', ARRAY['aa', 'bb'], 'changes nothing');
SELECT throws_ok($$SELECT intake.source_register('thief', pg_temp.key('aa'), '{records}', false, now())$$, '23505', NULL,
                 'a key that may still enter belongs to nobody else');

CREATE TEMPORARY TABLE seen AS SELECT pg_temp.revision() AS revision;
UPDATE intake.source SET former_key_until = clock_timestamp();
SELECT results_eq('SELECT pg_temp.keys()', ARRAY['bb'], 'until its time is over');
SELECT isnt(pg_temp.revision(), (SELECT revision FROM seen), 'which whoever keeps a copy sees');

SELECT ok(NOT intake.source_rotate_beside('shop', pg_temp.key('bb'), now() + interval '1 hour'), 'there is no other beside it');
SELECT ok(intake.source_rotate_beside('shop', pg_temp.key('cc'), now() + interval '1 hour'), 'a third one');
SELECT ok(intake.source_rotate_beside('shop', pg_temp.key('cc'), now() + interval '2 hours'), 'once more, for longer');
SELECT is((SELECT former_key_until FROM intake.source WHERE name = 'shop'), now() + interval '2 hours', 'sets its time anew');
SELECT ok(intake.source_end_overlap('shop'), 'moved: the end of the second');
SELECT results_eq('SELECT pg_temp.keys()', ARRAY['cc'], 'the newest enters');

SELECT ok(intake.source_set_token('shop', pg_temp.key('01')), 'a token');
SELECT ok(intake.source_set_token_beside('shop', pg_temp.key('02'), now() + interval '1 hour'), 'another beside it');
SELECT results_eq('SELECT pg_temp.keys()', ARRAY['cc/01', 'cc/02'], 'both enter');
SELECT ok(intake.source_set_token('shop', pg_temp.key('03')), 'at once');
SELECT results_eq('SELECT pg_temp.keys()', ARRAY['cc/03'], 'ends both');

SELECT ok(intake.source_rotate_beside('shop', pg_temp.key('dd'), now() + interval '1 hour'), 'two keys');
SELECT ok(intake.source_revoke('shop', now()), 'revoked');
SELECT is_empty('SELECT pg_temp.keys()', 'are both locked out');
SELECT intake.source_register('shop', pg_temp.key('ee'), '{records}', false, now());
SELECT results_eq('SELECT pg_temp.keys()', ARRAY['ee'], 'and stay out');
SELECT is(intake.source_rotate_beside('nobody', pg_temp.key('ff'), now()), NULL, 'an unknown name');
SELECT ok(NOT intake.source_end_overlap('nobody'), 'has none');

-- ---- secrets of webhooks

SELECT followup.subscription_add('crm', NULL, NULL, NULL, 'https://a.example', NULL, 'whsec_a', now());
SELECT followup.subscription_add('team', NULL, NULL, NULL, NULL, 'a@b.example', NULL, now());
CREATE FUNCTION pg_temp.secrets() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', secret, next_secret) FROM followup.subscription WHERE name = 'crm'
$$;
SELECT is(pg_temp.secrets(), 'whsec_a', 'one secret signs');
SELECT ok(followup.subscription_rotate('crm', 'whsec_b', now() + interval '1 hour'), 'a new one beside it');
SELECT is(pg_temp.secrets(), 'whsec_a whsec_b', 'programs of 0.1.0 go on with the old one');
SELECT is(followup.subscription_settle(), 0::int8, 'its time is not over');
UPDATE followup.subscription SET secret_until = clock_timestamp() WHERE name = 'crm';
SELECT is(followup.subscription_settle(), 1::int8, 'it is');
SELECT is(pg_temp.secrets(), 'whsec_b', 'then the new one signs alone');
SELECT ok(followup.subscription_rotate('crm', 'whsec_c', now() + interval '1 hour'), 'a third');
SELECT ok(followup.subscription_rotate('crm', 'whsec_d', now() + interval '1 hour'), 'a fourth');
SELECT is(pg_temp.secrets(), 'whsec_c whsec_d', 'ends the second');
SELECT ok(followup.subscription_end_overlap('crm'), 'the receiver has it');
SELECT is(pg_temp.secrets(), 'whsec_d', 'the newest signs alone');
SELECT ok(followup.subscription_end_overlap('crm'), 'once more');
SELECT is(pg_temp.secrets(), 'whsec_d', 'changes nothing');
SELECT ok(followup.subscription_rotate('crm', 'whsec_e', NULL), 'at once');
SELECT is(pg_temp.secrets(), 'whsec_e', 'ends the one before');
SELECT ok(NOT followup.subscription_rotate('team', 'whsec_f', NULL), 'mails are not signed');
SELECT ok(NOT followup.subscription_end_overlap('nobody'), 'an unknown subscription');

-- ---- master keys

INSERT INTO intake.master_key (generation, fingerprint, first_used_at)
VALUES (0, '', to_timestamp(1)), (1, '', to_timestamp(1)), (2, '', to_timestamp(100));
INSERT INTO log.lease (resource, holder, term, until)
SELECT 'member/stream/intake/' || h, h, 1, clock_timestamp() + i
  FROM (VALUES ('a/1/50000000', interval '1 hour'), ('b/1/150000000', '1 hour'), ('c/1/50000000', '1 hour'), ('d/1/50000000', '-1 s'))
    AS n (h, i);
INSERT INTO intake.master_key_use VALUES ('c/1/50000000', 2, 1, now()), ('d/1/50000000', 1, 1, now());
SELECT is((SELECT string_agg(format('%s %s %s', left(holder, 1), known, sealing), ', ' ORDER BY holder) FROM intake.master_key_process),
          'a 1 1, b 2 2, c 2 1', 'of 0.1.0 by when they started, others by what they say; none that is gone');

SELECT * FROM finish();
ROLLBACK;
