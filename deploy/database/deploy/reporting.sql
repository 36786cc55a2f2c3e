-- SPDX-License-Identifier: Apache-2.0
-- Deploy troth:reporting to pg
-- requires: followup loyalty
--
-- Figures folded from events, who may look at them, and what was done about them. Written by troth_reporting alone. The
-- figures are made from events and views alone: reporting.start_over() empties them, and the same events give the same
-- figures again.
--
-- A figure belongs to the calendar day on which it happened, in the time zone of fold_zone.

BEGIN;

CREATE SCHEMA reporting AUTHORIZATION troth_owner;
SET LOCAL ROLE troth_owner;

GRANT USAGE ON SCHEMA reporting TO troth_reporting, troth_operator;

-- ---- figures

-- The zone in which the days below were told apart, and how long after a resolution another case is a return; one row,
-- written with the first fold. A process with others does not start: days of two zones cannot be added up.
CREATE TABLE reporting.fold_zone (
    is_only          boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    time_zone        text NOT NULL,
    return_window_us bigint NOT NULL
);

-- The figures of one day. A row has all measures of a sheet (figure.h) for all values of the dimensions of a part: those of
-- few values (1), those of many (2). Over all branches (branch '') or in one. lane is that of the customer's bucket
-- (bucket % 8): who has leased it reads a row, adds and writes it back, so two processes never write the same one. figures
-- is a FigureRow (figure_sheet.proto): counts, sums and histograms of log buckets, each with 1 % relative error. One row
-- instead of one for each value: a case is counted by forty of them, and a row costs the same whatever is in it. A row that
-- has grown large is split (is_split): the cells of a dimension then stand in parts from 1024 times its number on.
CREATE TABLE reporting.daily_fact (
    lane      smallint NOT NULL CHECK (lane BETWEEN 0 AND 7),
    sheet     smallint NOT NULL,
    part      smallint NOT NULL,
    branch    text COLLATE "C" NOT NULL,
    day       date NOT NULL,
    figures   bytea COMPRESSION lz4 NOT NULL,
    is_split  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (lane, sheet, branch, day, part)
) WITH (fillfactor = 70);

-- The same per month (day: its first), written with it: a year costs twelve rows of each lane.
CREATE TABLE reporting.monthly_fact (
    lane      smallint NOT NULL CHECK (lane BETWEEN 0 AND 7),
    sheet     smallint NOT NULL,
    part      smallint NOT NULL,
    branch    text COLLATE "C" NOT NULL,
    day       date NOT NULL CHECK (date_trunc('month', day) = day),
    figures   bytea COMPRESSION lz4 NOT NULL,
    is_split  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (lane, sheet, branch, day, part)
) WITH (fillfactor = 70);

-- A case as it was counted last: what it added to the figures (bundle), so that a change takes back exactly that; and what
-- the cases behind a figure are found by.
CREATE TABLE reporting.case_fact (
    bucket            smallint NOT NULL,
    case_number       bigint NOT NULL,
    customer_number   bigint NOT NULL,
    version           bigint NOT NULL,      -- of the case when it was read
    state             smallint NOT NULL,
    kind              smallint NOT NULL,
    channel           text NOT NULL,        -- '': none; of the following too
    branch            text NOT NULL,
    team              text NOT NULL,
    staff             text NOT NULL,        -- who gave the first answer, else resolved it
    category          text NOT NULL,
    product           text NOT NULL,
    tier              text NOT NULL,        -- of the customer when it was opened
    priority          smallint NOT NULL,
    opened_at         timestamptz NOT NULL,
    first_response_at timestamptz,
    resolved_at       timestamptz,          -- null while it is open
    reopened_at       timestamptz,          -- the last time
    broken_at         timestamptz,          -- when the newest of its broken promises was due
    low_answer_at     timestamptz,          -- the newest answer that is low: CSAT 2, NPS 6, CES 3 or less
    next_due_at       timestamptz,          -- the next due time of an open promise; null: none, or paused
    bundle            bytea NOT NULL,       -- FigureBundle (figure_sheet.proto)
    overdue_at        timestamptz,          -- of an open case: when the first of the promises was due that are broken and not
                                            -- made good; null: there is none
    overdue           smallint NOT NULL DEFAULT 0, -- how many these are
    running           smallint NOT NULL DEFAULT 0, -- open promises with a due time
    asks              boolean NOT NULL DEFAULT true, -- somebody waits for something: false for a praise about which nothing was
                                            -- promised, and which is no backlog
    PRIMARY KEY (bucket, case_number)
) WITH (fillfactor = 80);
CREATE INDEX case_fact_by_opening ON reporting.case_fact (opened_at);
CREATE INDEX case_fact_by_response ON reporting.case_fact (first_response_at) WHERE first_response_at IS NOT NULL;
CREATE INDEX case_fact_by_resolution ON reporting.case_fact (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX case_fact_by_reopening ON reporting.case_fact (reopened_at) WHERE reopened_at IS NOT NULL;
CREATE INDEX case_fact_by_break ON reporting.case_fact (broken_at) WHERE broken_at IS NOT NULL;
CREATE INDEX case_fact_by_low_answer ON reporting.case_fact (low_answer_at) WHERE low_answer_at IS NOT NULL;
-- The backlog is counted from this alone, whatever it is filtered by.
CREATE INDEX case_fact_open ON reporting.case_fact (opened_at, case_number) INCLUDE (state, overdue_at, kind, channel, branch, team,
    staff, category, product, tier, priority) WHERE resolved_at IS NULL AND state BETWEEN 1 AND 4 AND asks;
CREATE INDEX case_fact_next_due ON reporting.case_fact (next_due_at, case_number) INCLUDE (bucket, branch, running)
    WHERE next_due_at IS NOT NULL;
CREATE INDEX case_fact_overdue ON reporting.case_fact (priority, overdue_at) INCLUDE (bucket, case_number, branch, overdue)
    WHERE overdue_at IS NOT NULL;
CREATE INDEX case_fact_by_customer ON reporting.case_fact (bucket, customer_number);

-- The same of what belongs to no case: follow-ups ('F'), and answers that were given without one ('A'). Of a customer ('S')
-- bundle says which versions of moves of index, tier, risk and trust were counted: loyalty may tell them again.
CREATE TABLE reporting.other_fact (
    bucket  smallint NOT NULL,
    subject "char" NOT NULL CHECK (subject IN ('F', 'A', 'S')),
    number  bigint NOT NULL,
    version bigint NOT NULL,
    bundle  bytea NOT NULL,
    PRIMARY KEY (bucket, subject, number)
) WITH (fillfactor = 80);

-- How the customers stand at the end of a day: taken once a day, bucket by bucket, from loyalty's scores; with the last
-- bucket all of them are added up to bucket -1, which alone stays and is read. Not made of events: start_over() keeps it.
CREATE TABLE reporting.standing_day (
    day          date NOT NULL,
    bucket       smallint NOT NULL,
    tier         smallint NOT NULL,
    churn_level  smallint NOT NULL,
    index_tenth  smallint NOT NULL CHECK (index_tenth BETWEEN 0 AND 9), -- 0: an index below 10
    customers    bigint NOT NULL,
    index_sum    bigint NOT NULL,          -- hundredths
    churn_sum    double precision NOT NULL,
    PRIMARY KEY (day, bucket, tier, churn_level, index_tenth)
);

-- What customers bought in the year before a day, by how likely they are to leave. bucket: of the customers.
CREATE TABLE reporting.value_day (
    day         date NOT NULL,
    bucket      smallint NOT NULL,
    churn_level smallint NOT NULL,
    currency    text NOT NULL,
    customers   bigint NOT NULL,            -- that bought something
    spent       bigint NOT NULL,            -- minor units, refunds taken off
    at_risk     double precision NOT NULL,  -- spent, each customer's times the chance that they leave
    PRIMARY KEY (day, bucket, churn_level, currency)
);

-- What answers say about a skill of a team or of somebody: a dimension of SERVQUAL, or a question of the company's own.
CREATE TABLE reporting.skill_day (
    day      date NOT NULL,
    bucket   smallint NOT NULL,
    grouping text NOT NULL CHECK (grouping IN ('team', 'staff')),
    name     text NOT NULL,
    skill    text NOT NULL,
    answers  bigint NOT NULL,
    low      bigint NOT NULL,               -- gap below 0; of a question: under half of the scale
    sum      bigint NOT NULL,               -- of gaps; of a question: of answers
    squares  bigint NOT NULL,
    PRIMARY KEY (day, bucket, grouping, name, skill)
);

-- How customers went on after something had gone wrong, beside those with whom nothing had: sums of a bucket.
CREATE TABLE reporting.recovery_sum (
    bucket           smallint NOT NULL,
    cohort           text NOT NULL,         -- services/reporting/recovery_task_store.h
    made_at          timestamptz NOT NULL,
    customers        bigint NOT NULL,
    bought_before    bigint NOT NULL,       -- purchases in the 90 days before; its sum
    bought_after     bigint NOT NULL,
    change_sum       bigint NOT NULL,       -- after - before
    change_squares   bigint NOT NULL,
    index_customers  bigint NOT NULL,       -- of whom an index before it is known
    index_sum        double precision NOT NULL, -- of its change
    index_squares    double precision NOT NULL,
    PRIMARY KEY (bucket, cohort)
);

-- Up to which day the tasks are done that follow on the end of a day (services/reporting/night_task.h).
CREATE TABLE reporting.night_task (
    task    text PRIMARY KEY,
    day     date NOT NULL,
    done_at timestamptz NOT NULL
);

-- ---- are the figures right?

-- Computed again from the facts of the services, by another way, and found different. A row stays until the same day and
-- figure are found equal.
CREATE TABLE reporting.figure_difference (
    day      date NOT NULL,
    figure   text NOT NULL,
    branch   text NOT NULL,
    counted  bigint NOT NULL,       -- what the figures say
    facts    bigint NOT NULL,       -- what the facts say
    found_at timestamptz NOT NULL,
    PRIMARY KEY (day, figure, branch)
);

-- Days that were compared, and what came of it.
CREATE TABLE reporting.figure_check (
    day        date PRIMARY KEY,
    checked_at timestamptz NOT NULL,
    figures    integer NOT NULL,
    different  integer NOT NULL
);

-- ---- early warning

-- A day on which a daily count stood out. One row for each series and detector, with the baseline it was judged by.
CREATE TABLE reporting.early_warning (
    day        date NOT NULL,
    dimension  smallint NOT NULL,       -- all, category, product, branch (figure.h)
    value      text NOT NULL,
    measure    smallint NOT NULL,       -- what is counted: cases, complaints
    detector   text NOT NULL CHECK (detector IN ('C1', 'C2', 'C3', 'CUSUM')),
    count      bigint NOT NULL,
    mean       double precision NOT NULL,     -- of the baseline
    deviation  double precision NOT NULL,     -- its standard deviation, as the detector uses it
    statistic  double precision NOT NULL,
    threshold  double precision NOT NULL,
    raised_at  timestamptz NOT NULL,
    seen_at    timestamptz,             -- somebody said that they know
    seen_by    bigint,                  -- user_account.id
    is_for_person boolean NOT NULL DEFAULT true, -- a person is asked (services/reporting/warning_series.h); else for the record
    PRIMARY KEY (day, dimension, value, measure, detector)
);
CREATE INDEX early_warning_open ON reporting.early_warning (day) WHERE seen_at IS NULL AND is_for_person;
CREATE INDEX early_warning_by_value ON reporting.early_warning (dimension, value, day) WHERE is_for_person;

-- ---- improvement 预防措施, training 培训

-- Something is done about a cause; what is expected of it, and what became of that. kind training: a skill of a team or staff.
CREATE TABLE reporting.improvement_action (
    id            bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('action', 'training')),
    title         text NOT NULL,
    cause_measure text NOT NULL,            -- the figure it is to change: its name
    category      text NOT NULL,            -- of what: '' is all, of the four
    product       text NOT NULL,
    branch        text NOT NULL,            -- where it is done; '' is everywhere
    team          text NOT NULL,
    staff         text NOT NULL DEFAULT '', -- of a training: whose
    skill         text NOT NULL,            -- of a training; '' of an action
    owner         text NOT NULL,
    expectation   double precision NOT NULL CHECK (expectation > 0), -- rate after / rate before that is hoped for: 0.5 is half
    starts_on     date NOT NULL,
    ends_on       date,                     -- given up or undone; null: in force
    announced_at  timestamptz,              -- the customers who reported the problem are told
    created_at    timestamptz NOT NULL,
    created_by    text NOT NULL,
    create_key    text UNIQUE,              -- of the request that made it: sent again, it makes no second one; null: it had none
    version       integer NOT NULL DEFAULT 1
);

-- What became of it: made each night, and when an action is written. Not made of events.
CREATE TABLE reporting.improvement_effect (
    id           bigint PRIMARY KEY REFERENCES reporting.improvement_action,
    judged_at    timestamptz NOT NULL,
    days_before  integer NOT NULL,
    days_after   integer NOT NULL,
    events_before bigint NOT NULL,
    events_after bigint NOT NULL,
    unit         text NOT NULL CHECK (unit IN ('per_1000_purchases', 'per_day', 'mean', 'share', 'duration')),
    before_rate  double precision,          -- null: there is nothing to say it from; of the following too
    after_rate   double precision,
    ratio        double precision,          -- after / before; of means: after - before
    low          double precision,          -- 95 %
    high         double precision,
    others_ratio double precision,          -- the same ratio where it was not done
    others_low   double precision,          -- 95 % of the ratio of both ratios; of the difference of both
    others_high  double precision,
    verdict      text NOT NULL CHECK (verdict IN ('better', 'worse', 'no_difference', 'too_early'))
);

-- Weekly reports that are written, by the week's Monday, and whose mail is settled: taken by the mail server, or refused for
-- ever (weekly_address_key).
CREATE TABLE reporting.weekly_report (
    week       date PRIMARY KEY CHECK (extract(isodow FROM week) = 1),
    written_at timestamptz NOT NULL,
    settled    text[] NOT NULL DEFAULT '{}'
);

-- ---- who may look

CREATE TABLE reporting.user_account (
    id            bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'),
    role          smallint NOT NULL CHECK (role BETWEEN 1 AND 4), -- viewer, agent, manager, admin
    password_hash text,                 -- Argon2id; null: comes by the trusted proxy alone
    has_password  boolean GENERATED ALWAYS AS (password_hash IS NOT NULL) STORED, -- what the operator may know of it
    staff         text NOT NULL,        -- staff code at the worklist; '': none
    language      text NOT NULL CHECK (language IN ('en', 'zh-Hans', '')),
    created_at    timestamptz NOT NULL, -- machine time, as the following
    disabled_at   timestamptz,
    sessions_from timestamptz NOT NULL  -- the password was set: sessions that began before are over
);

-- Machine time. A session is its token's hash; the token itself is the browser's alone.
CREATE TABLE reporting.user_session (
    token_hash  bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id     bigint NOT NULL REFERENCES reporting.user_account,
    csrf_token  bytea NOT NULL CHECK (octet_length(csrf_token) = 16),
    created_at  timestamptz NOT NULL,
    used_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX user_session_by_user ON reporting.user_session (user_id);
CREATE INDEX user_session_ending ON reporting.user_session (expires_at);

-- Logins that failed, to slow down who guesses: by name and by address (hashed). Machine time.
CREATE TABLE reporting.login_failure (
    subject  bytea PRIMARY KEY,
    failures integer NOT NULL,
    first_at timestamptz NOT NULL,      -- of these failures; a day later they are forgotten
    last_at  timestamptz NOT NULL,
    succeeded_at timestamptz            -- of a name from an address: it logged in from there
) WITH (fillfactor = 70);

-- Every view of personal data, before it is shown; what was read is in intake.disclosure too. Rows are never changed.
CREATE TABLE reporting.personal_view (
    at              timestamptz NOT NULL,
    user_name       text NOT NULL,
    what            text NOT NULL,      -- "phone", "texts", ...
    customer_number bigint NOT NULL,
    case_number     bigint,
    purpose         text NOT NULL
);
CREATE INDEX personal_view_by_time ON reporting.personal_view (at);
CREATE INDEX personal_view_by_customer ON reporting.personal_view (customer_number, at);

-- ---- the customer's own page

-- bucket is that of its own key, the first byte of token_hash: a token is all that a customer brings.
CREATE TABLE reporting.progress_link (
    bucket      smallint NOT NULL,
    token_hash  bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    case_number bigint NOT NULL,
    created_at  timestamptz NOT NULL,   -- business time; of the following too
    created_by  text NOT NULL,
    expires_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    PRIMARY KEY (bucket, token_hash)
);
CREATE INDEX progress_link_by_case ON reporting.progress_link (case_number);

-- How right the finish dates are that such pages show: what the page would have said of a case when it was opened. A row
-- is written once, soon after the opening, and never changed; when its second date is past, it is judged by the case as it
-- is then. Rows of 120 days ago are deleted.
CREATE TABLE reporting.finish_forecast (
    bucket      smallint NOT NULL,
    case_number bigint NOT NULL,
    half_at     timestamptz,            -- 50 % of such cases are done by then; null: too few to say so
    most_at     timestamptz,            -- 90 %
    made_at     timestamptz NOT NULL,   -- business time
    PRIMARY KEY (bucket, case_number)
);
CREATE INDEX finish_forecast_by_date ON reporting.finish_forecast (most_at) INCLUDE (bucket, case_number, half_at)
    WHERE most_at IS NOT NULL;
CREATE INDEX finish_forecast_by_making ON reporting.finish_forecast (made_at);

-- ---- the operator's verb

-- Forgets all figures and the zone; running processes then read the events from the first one and make the figures again.
-- A batch that was being applied fails when it moves its cursors, so nothing is counted twice. To change the zone, stop
-- reporting, start over, and start it with the new zone. The tables are locked in the order in which a batch takes them: in
-- another order the two would wait for each other.
CREATE FUNCTION reporting.start_over() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    TRUNCATE reporting.case_fact, reporting.other_fact, reporting.fold_zone, reporting.daily_fact, reporting.monthly_fact;
    TRUNCATE reporting.figure_difference, reporting.figure_check;
    DELETE FROM log.consumer_cursor WHERE consumer = 'reporting';
$$;

-- ---- reporting itself

GRANT SELECT, INSERT, UPDATE ON reporting.fold_zone TO troth_reporting;
GRANT SELECT, INSERT, UPDATE, DELETE ON reporting.daily_fact, reporting.monthly_fact, reporting.case_fact, reporting.other_fact,
    reporting.standing_day, reporting.value_day, reporting.skill_day, reporting.recovery_sum, reporting.night_task,
    reporting.improvement_effect, reporting.figure_difference, reporting.figure_check, reporting.early_warning,
    reporting.weekly_report, reporting.improvement_action, reporting.user_account, reporting.user_session, reporting.login_failure,
    reporting.progress_link, reporting.finish_forecast TO troth_reporting;
GRANT SELECT, INSERT ON reporting.personal_view TO troth_reporting;
GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO troth_operator;
REVOKE SELECT ON reporting.user_session, reporting.user_account FROM troth_operator;
-- The operator makes the first account (troth user add), and reads no password's hash.
GRANT SELECT (id, name, role, has_password, staff, language, created_at, disabled_at, sessions_from), INSERT, UPDATE
    ON reporting.user_account TO troth_operator;
REVOKE ALL ON FUNCTION reporting.start_over() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reporting.start_over() TO troth_operator;

COMMIT;
