/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status_store.c - each question is answered from indexes, a few rows of each bucket, or the
 * server's statistics.
 */
#include "services/cli/status_store.h"

#include <string.h>

#include "common/base/text.h"
#include "services/cli/status_server_store.h"
#include "services/cli/status_sql.h"

/* A process says each second that it is alive. */
#define ALIVE "interval '15 seconds'"

/* Formatted by hand: clang-format takes an AGE(..) between strings for the end of a line. */
/* clang-format off */
/* A holder is host/pid/start, and start is microseconds since 1970. */
static const struct db_query processes = {
    "status_store_processes",
    "SELECT m.service, count(*) FILTER (WHERE m.is_alive), count(*) FILTER (WHERE NOT m.is_alive),"
    " coalesce(max(CASE WHEN m.is_alive AND m.start ~ '^[0-9]{1,17}$' THEN m.start::int8 END), 0),"
    " " AGE(MACHINE, "max(m.at) FILTER (WHERE NOT m.is_alive)")
    " FROM (SELECT DISTINCT split_part(l.resource, '/', 3) AS service, l.holder, a.at,"
    "  a.at > " MACHINE " - " ALIVE " AS is_alive, split_part(l.holder, '/', -1) AS start"
    "  FROM log.lease AS l JOIN log.alive AS a ON a.holder = l.holder"
    "  WHERE l.resource LIKE 'member/%') AS m"
    " GROUP BY m.service ORDER BY m.service",
    DB_ROWS,
};

static const struct db_query seen = {
    "status_store_seen",
    "SELECT DISTINCT split_part(consumer, '.', 1) FROM (SELECT consumer FROM log.consumer_cursor"
    " UNION ALL SELECT split_part(stream, '.', 1) FROM log.head) AS c (consumer)",
    DB_ROWS,
};

/* The programs name their version where they connect. */
static const struct db_query versions = {
    "status_store_versions",
    "SELECT split_part(substr(application_name, 7), '/', 1), split_part(application_name, '/', 2)"
    " FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name LIKE 'troth-%/_%' GROUP BY 1, 2 ORDER BY 1, 2",
    DB_ROWS,
};

/* Who reads which services' events; a reader that never read is not there (yet). One row of the log
 * for each place where a reader is behind. */
static const struct db_query consumers = {
    "status_store_consumers",
    "WITH reads (consumer, service) AS (VALUES"
    "  ('followup', 'intake'), ('followup', 'loyalty'),"
    "  ('followup.delivery', 'intake'), ('followup.delivery', 'followup'),"
    "  ('followup.delivery', 'loyalty'), ('intake.audit', 'intake'), ('loyalty', 'intake'),"
    "  ('reporting', 'intake'), ('reporting', 'followup'), ('reporting', 'loyalty')),"
    " places AS (SELECT r.consumer, h.stream, h.bucket, coalesce(c.seq, 0) AS seq,"
    "   h.seq - coalesce(c.seq, 0) AS unread"
    "  FROM reads AS r JOIN log.head AS h ON split_part(h.stream, '.', 1) = r.service"
    "  LEFT JOIN log.consumer_cursor AS c"
    "   ON c.consumer = r.consumer AND c.stream = h.stream AND c.bucket = h.bucket"
    "  WHERE EXISTS (SELECT FROM log.consumer_cursor AS k WHERE k.consumer = r.consumer))"
    " SELECT p.consumer, sum(p.unread)::int8, " AGE(BUSINESS, "min(e.at)")
    " FROM places AS p LEFT JOIN LATERAL (SELECT at FROM log.event"
    "  WHERE p.unread > 0 AND stream = p.stream AND bucket = p.bucket AND seq > p.seq"
    "  ORDER BY seq LIMIT 1) AS e ON true GROUP BY p.consumer ORDER BY p.consumer",
    DB_ROWS,
};

/* The last hundred of each place: what is faster than that a minute is estimated from them. */
static const struct db_query rate = {
    "status_store_rate",
    "SELECT coalesce(round(sum(r.rate)), 0)::int8 FROM (SELECT CASE WHEN count(*) < 100"
    "  THEN count(*) ELSE 100 * 60 / greatest(0.001, extract(epoch FROM " BUSINESS " - min(e.at)))"
    "  END AS rate"
    " FROM log.head AS h, LATERAL (SELECT at FROM log.event WHERE stream = h.stream"
    "  AND bucket = h.bucket AND seq > h.seq - 100 AND at > " BUSINESS
    " - interval '1 minute') AS e"
    " WHERE starts_with(h.stream, 'intake.') GROUP BY h.stream, h.bucket) AS r",
    DB_ONE,
};

/* The first rows of each bucket by promise_by_step. A record that tells of an older happening makes
 * steps that are due at once: they wait since it was received. */
static const struct db_query steps = {
    "status_store_steps",
    "SELECT " AGE(BUSINESS, "min(greatest(p.next_step_at, e.received_at))")
    " FROM generate_series(0, 255) AS b (bucket),"
    " LATERAL (SELECT case_number, next_step_at FROM intake.promise_public"
    "  WHERE bucket = b.bucket::int2 AND next_step_at IS NOT NULL AND next_step_at <= " BUSINESS
    "  ORDER BY next_step_at LIMIT 4) AS p,"
    " LATERAL (SELECT max(received_at) AS received_at FROM"
    "  (SELECT received_at FROM intake.case_event_public"
    "   WHERE (bucket, case_number) = (b.bucket::int2, p.case_number)"
    "   UNION ALL SELECT o.received_at FROM intake.service_case_public AS c"
    "   JOIN intake.contact_public AS o ON (o.bucket, o.number) = (c.bucket, c.opened_by)"
    "   WHERE (c.bucket, c.number) = (b.bucket::int2, p.case_number)) AS said) AS e",
    DB_ONE,
};

/* The first rows of each channel and priority; what a person calls about waits for the person. One
 * that was planned late waits since then. */
static const struct db_query due = {
    "status_store_due",
    "SELECT c.channel::int8, " AGE(BUSINESS, "min(f.since)")
    " FROM (VALUES (1::int2), (2::int2), (3::int2)) AS c (channel)"
    " CROSS JOIN generate_series(1, 4) AS p (priority)"
    " LEFT JOIN LATERAL (SELECT greatest(next_attempt_at, planned_at) AS since"
    "  FROM followup.follow_up_public"
    "  WHERE state = 1 AND channel = c.channel AND priority = p.priority::int2"
    "  AND next_attempt_at <= " BUSINESS " ORDER BY next_attempt_at LIMIT 4) AS f ON true"
    " GROUP BY c.channel ORDER BY min(f.since) NULLS LAST LIMIT 1",
    DB_ONE,
};

static const struct db_query orders = {
    "status_store_orders",
    "SELECT count(*), " AGE(BUSINESS, "min(a.ordered_at)")
    " FROM (SELECT ordered_at FROM followup.follow_up_attempt_public"
    "  WHERE state IN (1, 2) AND NOT starts_with(dialer, 'person/') LIMIT 10000) AS a",
    DB_ONE,
};

static const struct db_query outbox = {
    "status_store_outbox",
    "SELECT count(*), " AGE(BUSINESS, "min(o.added_at)") ","
    " (SELECT count(*) FROM (SELECT FROM followup.record_outbox_public WHERE state = 3"
    "  AND settled_at > " BUSINESS " - interval '7 days' LIMIT 1000) AS r)"
    " FROM (SELECT added_at FROM followup.record_outbox_public WHERE state = 1 LIMIT 10000) AS o",
    DB_ONE,
};

/* Machine time. What waits for its next attempt is not late before it. */
static const struct db_query deliveries = {
    "status_store_deliveries",
    "SELECT " AGE(MACHINE, "min(d.next_attempt_at) FILTER (WHERE d.next_attempt_at <= " MACHINE ")")
    ", coalesce(sum(g.dead), 0)::int8"
    " FROM followup.subscription_public AS s"
    " LEFT JOIN LATERAL (SELECT next_attempt_at FROM followup.delivery_public"
    "  WHERE subscription_id = s.id AND state = 1 ORDER BY next_attempt_at LIMIT 1) AS d ON true"
    " LEFT JOIN LATERAL (SELECT count(*) AS dead FROM (SELECT FROM followup.delivery_public"
    "  WHERE subscription_id = s.id AND state = 3 LIMIT 1000) AS n) AS g ON true"
    " WHERE s.ended_at IS NULL",
    DB_ONE,
};

static const struct db_query listed = {
    "status_store_listed",
    "SELECT count(*), " AGE(BUSINESS, "min(l.due_at)")
    " FROM (SELECT due_at FROM followup.follow_up_public WHERE state = 8 LIMIT 10000) AS l",
    DB_ONE,
};

static const struct db_query dialers = {
    "status_store_dialers",
    "SELECT dialer, " AGE(MACHINE, "last_seen") ", free_lines::int8, channels::int8"
    " FROM followup.dialer_session_public ORDER BY last_seen DESC LIMIT 16",
    DB_ROWS,
};

static const struct db_query audit = {
    "status_store_audit",
    "SELECT coalesce(max(h.number), 0), " AGE(MACHINE, "max(h.at)") ","
    " (SELECT coalesce(sum(seq), 0)::int8 FROM log.head WHERE starts_with(stream, 'intake.'))"
    "  - coalesce(max(h.tree_size), 0)"
    " FROM (SELECT number, at, tree_size FROM audit.head ORDER BY number DESC LIMIT 1) AS h",
    DB_ONE,
};

static const struct db_query rules = {
    "status_store_rules",
    "SELECT coalesce((SELECT hash FROM intake.standard_version_public ORDER BY id DESC LIMIT 1), "
    "''),"
    " (SELECT first_used_at FROM intake.standard_version_public ORDER BY id DESC LIMIT 1),"
    " coalesce((SELECT hash FROM followup.rule_version_public ORDER BY last_used_at DESC LIMIT 1),"
    "  ''), (SELECT first_used_at FROM followup.rule_version_public ORDER BY last_used_at DESC"
    "  LIMIT 1)",
    DB_ONE,
};

/* Business time. Overdue: a day that was missed, with some time to do it in; a fit each week. One
 * that never ran is as old as the first standard, where the service that does it is used; with a
 * demo clock it is left out. */
static const struct db_query jobs = {
    "status_store_jobs",
    "SELECT j.name, " AGE(BUSINESS, "coalesce(j.at, b.began_at)") ","
    " (extract(epoch FROM j.overdue) * 1000000)::int8, j.at IS NOT NULL"
    " FROM (SELECT name, began_at AS at, interval '30 hours' AS overdue, '' AS service"
    "   FROM intake.upkeep_public"
    "  UNION ALL SELECT 'upkeep', NULL, interval '30 hours', 'intake'"
    "   WHERE NOT EXISTS (SELECT FROM intake.upkeep_public)"
    "  UNION ALL SELECT 'night', min(done_at), interval '30 hours', 'reporting'"
    "   FROM reporting.night_task"
    "  UNION ALL SELECT 'check', max(checked_at), interval '54 hours', 'reporting'"
    "   FROM reporting.figure_check"
    "  UNION ALL SELECT 'fit', max(fitted_at), interval '15 days', 'loyalty'"
    "   FROM loyalty.model_fit_public) AS j,"
    " (SELECT min(first_used_at) AS began_at FROM intake.standard_version_public"
    "   WHERE NOT EXISTS (SELECT FROM log.clock WHERE demo_now IS NOT NULL)) AS b"
    " WHERE j.at IS NOT NULL OR b.began_at IS NOT NULL AND (j.service = 'intake'"
    "  OR EXISTS (SELECT FROM log.consumer_cursor AS c WHERE c.consumer = j.service))"
    " ORDER BY j.name",
    DB_ROWS,
};

static const struct db_query differences = {
    "status_store_differences",
    "SELECT count(*) FROM (SELECT FROM reporting.figure_difference LIMIT 1000) AS d",
    DB_ONE,
};
/* clang-format on */

/* ---- what came of each */

static struct status_service *find_service(struct status_facts *f, const char *name)
{
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        if (strcmp(cli_service_name((enum cli_service)i), name) == 0) {
            return &f->services[i];
        }
    }
    return NULL;
}

static void take_processes(const struct db_rows *r, struct status_facts *f)
{
    for (size_t i = 0; i < db_row_count(r); i++) {
        struct status_service *s = find_service(f, db_get_text(r, i, 0));
        if (s) {
            s->was_seen = true;
            s->live = db_get_int(r, i, 1);
            s->silent = db_get_int(r, i, 2);
            s->since_us = db_get_int(r, i, 3);
            s->silent_age_us = db_get_int(r, i, 4);
        }
    }
}

static void take_seen(const struct db_rows *r, struct status_facts *f)
{
    for (size_t i = 0; i < db_row_count(r); i++) {
        struct status_service *s = find_service(f, db_get_text(r, i, 0));
        if (s) {
            s->was_seen = true;
        }
    }
}

static void take_versions(const struct db_rows *r, struct status_facts *f)
{
    for (size_t i = 0; i < db_row_count(r); i++) {
        struct status_service *s = find_service(f, db_get_text(r, i, 0));
        if (s) {
            char all[STATUS_WORD_SIZE];
            (void)text_format(all, sizeof(all), "%s%s%s", s->versions, s->versions[0] ? ", " : "",
                              db_get_text(r, i, 1));
            (void)text_copy(s->versions, sizeof(s->versions), all);
            s->version_count++;
        }
    }
}

static void take_consumers(const struct db_rows *r, struct status_facts *f)
{
    for (size_t i = 0; i < db_row_count(r) && i < STATUS_LIST_MAX; i++) {
        struct status_consumer *c = &f->consumers[f->consumer_count++];
        (void)text_copy(c->name, sizeof(c->name), db_get_text(r, i, 0));
        c->events = db_get_int(r, i, 1);
        c->age_us = db_get_int(r, i, 2);
    }
}

static void take_rate(const struct db_rows *r, struct status_facts *f)
{
    f->events_a_minute = db_get_int(r, 0, 0);
}

static void take_steps(const struct db_rows *r, struct status_facts *f)
{
    f->due.steps_age_us = db_get_int(r, 0, 0);
}

static void take_due(const struct db_rows *r, struct status_facts *f)
{
    f->due.follow_up_channel = db_get_int(r, 0, 0);
    f->due.follow_up_age_us = db_get_int(r, 0, 1);
}

static void take_orders(const struct db_rows *r, struct status_facts *f)
{
    f->due.orders = db_get_int(r, 0, 0);
    f->due.orders_age_us = db_get_int(r, 0, 1);
}

static void take_outbox(const struct db_rows *r, struct status_facts *f)
{
    f->due.outbox = db_get_int(r, 0, 0);
    f->due.outbox_age_us = db_get_int(r, 0, 1);
    f->due.outbox_rejected = db_get_int(r, 0, 2);
}

static void take_deliveries(const struct db_rows *r, struct status_facts *f)
{
    f->due.deliveries_age_us = db_get_int(r, 0, 0);
    f->due.deliveries_dead = db_get_int(r, 0, 1);
}

static void take_listed(const struct db_rows *r, struct status_facts *f)
{
    f->due.listed = db_get_int(r, 0, 0);
    f->due.listed_age_us = db_get_int(r, 0, 1);
}

static void take_dialers(const struct db_rows *r, struct status_facts *f)
{
    for (size_t i = 0; i < db_row_count(r) && i < STATUS_LIST_MAX; i++) {
        struct status_dialer *d = &f->dialers[f->dialer_count++];
        (void)text_copy(d->name, sizeof(d->name), db_get_text(r, i, 0));
        d->seen_age_us = db_get_int(r, i, 1);
        d->free_lines = db_get_int(r, i, 2);
        d->channels = db_get_int(r, i, 3);
    }
}

static void take_audit(const struct db_rows *r, struct status_facts *f)
{
    f->audit_head = db_get_int(r, 0, 0);
    f->audit_age_us = db_get_int(r, 0, 1);
    f->audit_unsigned = db_get_int(r, 0, 2);
}

static void take_rules(const struct db_rows *r, struct status_facts *f)
{
    (void)text_format(f->standard, sizeof(f->standard), "%.12s", db_get_text(r, 0, 0));
    f->standard_us = db_is_null(r, 0, 1) ? 0 : db_get_time(r, 0, 1);
    (void)text_format(f->rules, sizeof(f->rules), "%.12s", db_get_text(r, 0, 2));
    f->rules_us = db_is_null(r, 0, 3) ? 0 : db_get_time(r, 0, 3);
}

static void take_jobs(const struct db_rows *r, struct status_facts *f)
{
    for (size_t i = 0; i < db_row_count(r) && i < STATUS_LIST_MAX; i++) {
        struct status_job *j = &f->jobs[f->job_count++];
        (void)text_copy(j->name, sizeof(j->name), db_get_text(r, i, 0));
        j->age_us = db_get_int(r, i, 1);
        j->overdue_us = db_get_int(r, i, 2);
        j->has_run = db_get_bool(r, i, 3);
    }
}

static void take_differences(const struct db_rows *r, struct status_facts *f)
{
    f->figures_different = db_get_int(r, 0, 0);
}

/* ---- asking */

static void set_nothing(struct status_facts *f)
{
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        f->services[i].silent_age_us = STATUS_NEVER;
    }
    f->server.oldest_us = STATUS_NEVER;
    f->server.archive_age_us = f->server.archive_failed_age_us = STATUS_NEVER;
    f->due.steps_age_us = f->due.follow_up_age_us = f->due.deliveries_age_us = STATUS_NEVER;
    f->audit_age_us = STATUS_NEVER;
}

void status_store_read(struct db *db, struct status_facts *f)
{
    static const struct status_question questions[] = {
        {"services",   &processes,   take_processes  },
        {"services",   &seen,        take_seen       },
        {"versions",   &versions,    take_versions   },
        {"events",     &consumers,   take_consumers  },
        {"events",     &rate,        take_rate       },
        {"promises",   &steps,       take_steps      },
        {"follow-ups", &due,         take_due        },
        {"orders",     &orders,      take_orders     },
        {"answers",    &outbox,      take_outbox     },
        {"deliveries", &deliveries,  take_deliveries },
        {"follow-ups", &listed,      take_listed     },
        {"dialers",    &dialers,     take_dialers    },
        {"audit",      &audit,       take_audit      },
        {"standards",  &rules,       take_rules      },
        {"jobs",       &jobs,        take_jobs       },
        {"figures",    &differences, take_differences},
    };
    set_nothing(f);
    status_server_store_read(db, f);
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        status_server_store_ask(db, &questions[i], f);
    }
}
