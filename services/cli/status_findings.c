/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status_findings.c - one function for each part, in the order in which their findings stand when
 * they are as bad. The limits are where people had to be told, not where machines notice: alerts
 * (Prometheus) have their own.
 */
#include "services/cli/status_findings.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/runtime/service.h"

/* From here on it is late, and from there on it is broken. */
#define BEHIND_US       (1 * DURATION_MIN)
#define FAR_BEHIND_US   (10 * DURATION_MIN)
#define STEP_LATE_US    (30 * DURATION_S)
#define STEP_STUCK_US   (5 * DURATION_MIN)
#define DUE_LATE_US     (10 * DURATION_MIN)
#define ORDER_LONG_US   (2 * DURATION_H) /* a long call, and what is asked after it */
#define OUTBOX_LATE_US  (1 * DURATION_MIN)
#define OUTBOX_STUCK_US (10 * DURATION_MIN)
#define DELIVERY_US     (5 * DURATION_MIN)
#define LISTED_US       (1 * DURATION_DAY)
#define DIALER_GONE_US  (1 * DURATION_MIN)
#define DIALER_PAST_US  (7 * DURATION_DAY) /* taken away on purpose */
#define AUDIT_LATE_US   (10 * DURATION_MIN)
#define SKEW_US         (1 * DURATION_S)
#define SKEW_BROKEN_US  (10 * DURATION_S)
#define OLD_US          (10 * DURATION_MIN)
#define STANDBY_LATE_US (1 * DURATION_MIN)
#define ARCHIVE_LATE_US (1 * DURATION_H)

#define DISK_LOW   10 /* percent free */
#define DISK_EMPTY 2

#define CONNECTIONS_FULL 90 /* percent */
#define WRAP_SOON        INT64_C(1000000000)
#define WRAP_NOW         INT64_C(1800000000) /* at 2^31 less 3 million PostgreSQL takes no writes */
#define SLOT_BYTES       (INT64_C(10) * 1024 * 1024 * 1024)

enum {
    CALL = 1,
    MESSAGE,
    MAIL,
    PERSON
};

#define BROKEN    FINDING_BROKEN
#define ATTENTION FINDING_ATTENTION

struct ages {
    char a[DURATION_TEXT_SIZE], b[DURATION_TEXT_SIZE];
};

static const char *age(int64_t us, char ret[DURATION_TEXT_SIZE])
{
    return duration_for_people(us, ret);
}

static enum finding_state worse(int64_t us, int64_t broken_us)
{
    return us > broken_us ? BROKEN : ATTENTION;
}

/* ---- PostgreSQL as a whole */

static void look_at_connection(const struct status_facts *f, struct finding_list *l)
{
    if (f->is_configured && !f->is_connected) {
        finding_add(l, BROKEN, "postgresql", "no connection: %s", f->why);
        finding_mend(l,
                     "systemctl status postgresql; nothing is accepted and nothing is lost until "
                     "it is back");
    }
    for (size_t i = 0; i < f->unread_count; i++) {
        finding_add(l, ATTENTION, f->unread[i].part, "cannot be read: %s", f->unread[i].why);
        finding_mend(l, "deploy/database/migrate.sh, if the schema is older than this program");
    }
}

static void look_at_schema(const struct status_facts *f, struct finding_list *l)
{
    const char *wrong = f->schema_version > SCHEMA_VERSION       ? "newer"
                        : f->schema_version < SCHEMA_VERSION     ? "older"
                        : f->schema_expansion < SCHEMA_EXPANSION ? "older"
                                                                 : NULL;
    if (wrong) {
        finding_add(
            l, BROKEN, "schema", "version %" PRId64 ".%" PRId64 " is %s than this program's, %d.%d",
            f->schema_version, f->schema_expansion, wrong, SCHEMA_VERSION, SCHEMA_EXPANSION);
        finding_mend(l, wrong[0] == 'n' ? "install the newer programs"
                                        : "deploy/database/migrate.sh, then start the services");
    }
}

static void look_at_standbys(const struct status_server *s, struct finding_list *l)
{
    struct ages t;
    if (s->waits_for_standby && s->sees_all && s->standbys_sync == 0) {
        finding_add(l, BROKEN, "standby",
                    "every commit waits: no synchronous standby is connected");
        finding_mend(l, "start the standby, or take it out of synchronous_standby_names");
    } else if (s->standby_lag_us > STANDBY_LATE_US) {
        finding_add(l, ATTENTION, "standby", "%s behind", age(s->standby_lag_us, t.a));
        finding_mend(l, "look at the standby's disk and network: pg_stat_replication has it");
    }
    if (s->slot_bytes > SLOT_BYTES) {
        finding_add(l, ATTENTION, "standby", "a slot that nobody reads keeps %" PRId64 " GB of log",
                    s->slot_bytes >> 30);
        finding_mend(l, "psql: pg_drop_replication_slot() of one that is not needed: "
                        "pg_replication_slots");
    }
}

static void look_at_archive(const struct status_server *s, struct finding_list *l)
{
    struct ages t;
    if (s->archive_failed_age_us != STATUS_NEVER &&
        (s->archive_age_us == STATUS_NEVER || s->archive_failed_age_us < s->archive_age_us)) {
        finding_add(l, BROKEN, "backup", "the log is not archived: it failed %s ago",
                    age(s->archive_failed_age_us, t.a));
        finding_mend(l, "pgbackrest --stanza=troth check; the disk fills up with log meanwhile");
    } else if (s->is_archived && s->up_us > ARCHIVE_LATE_US &&
               (s->archive_age_us == STATUS_NEVER || s->archive_age_us > ARCHIVE_LATE_US)) {
        finding_add(l, ATTENTION, "backup", "no log was archived for %s",
                    age(s->archive_age_us == STATUS_NEVER ? s->up_us : s->archive_age_us, t.a));
        finding_mend(l, "what is newer dies with the disk: archive_timeout = 60s in "
                        "postgresql.conf; pgbackrest --stanza=troth check");
    }
}

static void look_at_server(const struct status_facts *f, struct finding_list *l)
{
    const struct status_server *s = &f->server;
    struct ages t;
    if (s->is_standby) {
        finding_add(l, BROKEN, "postgresql", "this server is a standby and takes no writes");
        finding_mend(l, "name all servers, with target_session_attrs=read-write; or promote one");
    }
    if (s->checksum_failures > 0) {
        finding_add(l, BROKEN, "postgresql", "%" PRId64 " pages had a wrong checksum",
                    s->checksum_failures);
        finding_mend(l, "the disk loses data: fail over or restore (deploy/README.md)");
    }
    if (s->transactions_age > WRAP_SOON) {
        finding_add(l, s->transactions_age > WRAP_NOW ? BROKEN : ATTENTION, "postgresql",
                    "rows of %" PRId64 " million transactions ago are not frozen",
                    s->transactions_age / 1000000);
        finding_mend(l, "vacuumdb --all --freeze; end old transactions and unused slots first");
    }
    if (s->oldest_us > OLD_US) {
        finding_add(l, ATTENTION, "postgresql", "a transaction is open for %s (pid %" PRId64 ")",
                    age(s->oldest_us, t.a), s->oldest_pid);
        finding_mend(l, "nothing is vacuumed meanwhile; psql: pg_terminate_backend(%" PRId64 ")",
                     s->oldest_pid);
    }
    if (s->connections * 100 > s->connections_max * CONNECTIONS_FULL) {
        finding_add(l, ATTENTION, "postgresql", "%" PRId64 " of %" PRId64 " connections are in use",
                    s->connections, s->connections_max);
        finding_mend(l, "raise max_connections, or db_connections of the services is too much");
    }
    look_at_standbys(s, l);
    look_at_archive(s, l);
}

static void look_at_clock(const struct status_facts *f, struct finding_list *l)
{
    int64_t skew_us = f->server.skew_us < 0 ? -f->server.skew_us : f->server.skew_us;
    struct ages t;
    if (skew_us > SKEW_US) {
        finding_add(l, worse(skew_us, SKEW_BROKEN_US), "clock",
                    "this machine's clock is %s %s PostgreSQL's", age(skew_us, t.a),
                    f->server.skew_us < 0 ? "behind" : "ahead of");
        finding_mend(l, "chronyc tracking, on both machines");
    }
}

/* ---- services */

static bool is_down(const struct status_service *s)
{
    return s->live == 0 && (s->was_seen || s->is_asked);
}

static void look_at_service(const struct status_facts *f, size_t i, struct finding_list *l)
{
    const struct status_service *s = &f->services[i];
    const char *name = cli_service_name((enum cli_service)i);
    struct ages t;
    if (f->is_connected && is_down(s)) {
        finding_add(l, BROKEN, name,
                    s->silent_age_us == STATUS_NEVER ? "no process is alive%s%s"
                                                     : "no process is alive%s%s ago",
                    s->silent_age_us == STATUS_NEVER ? "" : ": the last one was heard of ",
                    s->silent_age_us == STATUS_NEVER ? "" : age(s->silent_age_us, t.a));
        finding_mend(l, "systemctl start troth-%s; journalctl -u troth-%s -n 50", name, name);
    } else if (s->is_asked && !s->is_ready) {
        finding_add(l, BROKEN, name, "not ready: %s", s->why);
        finding_mend(l, "journalctl -u troth-%s -n 50; is %s_http of the settings right?", name,
                     name);
    }
    if (s->version_count > 1) {
        finding_add(l, ATTENTION, name, "several versions run: %s", s->versions);
        finding_mend(l, "systemctl restart troth-%s where the old one runs", name);
    }
}

static const struct status_service *service_of_consumer(const struct status_facts *f,
                                                        const char *consumer)
{
    size_t len = strcspn(consumer, ".");
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        const char *name = cli_service_name((enum cli_service)i);
        if (strlen(name) == len && strncmp(name, consumer, len) == 0) {
            return &f->services[i];
        }
    }
    return NULL;
}

static void look_at_consumer(const struct status_facts *f, const struct status_consumer *c,
                             struct finding_list *l)
{
    const struct status_service *s = service_of_consumer(f, c->name);
    struct ages t;
    if (c->events > 0 && c->age_us > BEHIND_US && !(s && is_down(s))) {
        finding_add(l, worse(c->age_us, FAR_BEHIND_US), "events",
                    "%s has %" PRId64 " events to read, the oldest %s old", c->name, c->events,
                    age(c->age_us, t.a));
        finding_mend(l,
                     "journalctl -u troth-%.*s | grep event_; if there is nothing, start one more",
                     (int)strcspn(c->name, "."), c->name);
    }
}

/* ---- promises and follow-ups */

static bool has_dialer(const struct status_facts *f, int64_t channel)
{
    for (size_t i = 0; i < f->dialer_count; i++) {
        const struct status_dialer *d = &f->dialers[i];
        if (d->seen_age_us <= DIALER_GONE_US && (d->channels & (INT64_C(1) << channel)) != 0) {
            return true;
        }
    }
    return false;
}

static void look_at_steps(const struct status_facts *f, struct finding_list *l)
{
    struct ages t;
    if (f->due.steps_age_us > STEP_LATE_US && !is_down(&f->services[CLI_INTAKE])) {
        finding_add(l, worse(f->due.steps_age_us, STEP_STUCK_US), "promises",
                    "a step of a promise is due for %s and nobody is told",
                    age(f->due.steps_age_us, t.a));
        finding_mend(l, "journalctl -u troth-intake | grep batch_failed");
    }
}

static void look_at_due(const struct status_facts *f, struct finding_list *l)
{
    static const char *const channels[] = {"", "calls", "messages", "mail", "people"};
    const struct status_due *d = &f->due;
    struct ages t;
    if (d->follow_up_age_us <= DUE_LATE_US || is_down(&f->services[CLI_FOLLOWUP])) {
        return;
    }
    if (!has_dialer(f, d->follow_up_channel)) {
        finding_add(l, BROKEN, "follow-ups", "no dialer for %s is connected; one is due for %s",
                    channels[d->follow_up_channel], age(d->follow_up_age_us, t.a));
        finding_mend(l, "systemctl start troth-dialer@main, or what its name is; "
                        "journalctl -u 'troth-dialer@*' -n 50");
    } else {
        finding_add(l, ATTENTION, "follow-ups", "one is due for %s: the dialers for %s are busy",
                    age(d->follow_up_age_us, t.a), channels[d->follow_up_channel]);
        finding_mend(l, "raise lines in the dialer's settings, or start one more dialer");
    }
}

static void look_at_orders(const struct status_facts *f, struct finding_list *l)
{
    const struct status_due *d = &f->due;
    struct ages t;
    if (d->orders > 0 && d->orders_age_us > ORDER_LONG_US) {
        finding_add(l, ATTENTION, "orders", "one is without a result for %s",
                    age(d->orders_age_us, t.a));
        finding_mend(l, "start the dialer that has it again: troth followups --state ordered");
    }
    if (d->listed > 0 && d->listed_age_us > LISTED_US) {
        finding_add(l, ATTENTION, "follow-ups", "%" PRId64 " wait for a person, the oldest for %s",
                    d->listed, age(d->listed_age_us, t.a));
        finding_mend(l, "troth followups --state listed; troth worklist");
    }
}

static void look_at_answers(const struct status_facts *f, struct finding_list *l)
{
    const struct status_due *d = &f->due;
    struct ages t;
    if (d->outbox > 0 && d->outbox_age_us > OUTBOX_LATE_US && !is_down(&f->services[CLI_INTAKE]) &&
        !is_down(&f->services[CLI_FOLLOWUP])) {
        finding_add(l, worse(d->outbox_age_us, OUTBOX_STUCK_US), "answers",
                    "%" PRId64 " of customers wait for intake, the oldest for %s", d->outbox,
                    age(d->outbox_age_us, t.a));
        finding_mend(l,
                     "journalctl -u troth-followup | grep intake_; has its key the right records?");
    }
    if (d->outbox_rejected > 0) {
        finding_add(l, ATTENTION, "answers", "intake refused %" PRId64 " of customers",
                    d->outbox_rejected);
        finding_mend(l, "journalctl -u troth-followup | grep answer_rejected says why; "
                        "enter them by hand: troth send survey-answer");
    }
    if (d->deliveries_age_us > DELIVERY_US && !is_down(&f->services[CLI_FOLLOWUP])) {
        finding_add(l, ATTENTION, "deliveries", "one could be attempted for %s",
                    age(d->deliveries_age_us, t.a));
        finding_mend(l, "journalctl -u troth-followup | grep deliver");
    }
    if (d->deliveries_dead > 0) {
        finding_add(l, ATTENTION, "deliveries", "%" PRId64 " were given up", d->deliveries_dead);
        finding_mend(l, "troth subscription dead; troth subscription replay NAME tells them again");
    }
}

static void look_at_dialers(const struct status_facts *f, struct finding_list *l)
{
    struct ages t;
    for (size_t i = 0; i < f->dialer_count; i++) {
        const struct status_dialer *d = &f->dialers[i];
        if (d->seen_age_us > DIALER_GONE_US && d->seen_age_us < DIALER_PAST_US &&
            !is_down(&f->services[CLI_FOLLOWUP])) {
            finding_add(l, ATTENTION, "dialer", "%s was heard of %s ago", d->name,
                        age(d->seen_age_us, t.a));
            finding_mend(l, "systemctl start troth-dialer@main (what its name is) on its machine; "
                            "if it is gone for good, this ends after 7 days");
        }
    }
}

/* ---- records, rules, jobs */

static void look_at_audit(const struct status_facts *f, struct finding_list *l)
{
    struct ages t;
    if (f->audit_head > 0 && f->audit_unsigned > 0 && f->audit_age_us > AUDIT_LATE_US &&
        !is_down(&f->services[CLI_INTAKE])) {
        finding_add(l, BROKEN, "audit", "%" PRId64 " events are unsigned, the last head is %s old",
                    f->audit_unsigned, age(f->audit_age_us, t.a));
        finding_mend(l, "journalctl -u troth-intake | grep audit_; troth audit verify");
    }
}

/* One that was copied as late as the head is old is as new as can be. */
static void look_at_copies(const struct status_facts *f, struct finding_list *l)
{
    struct ages t;
    for (size_t i = 0; i < f->copy_count; i++) {
        const struct status_copy *c = &f->copies[i];
        if (f->audit_head == 0 || is_down(&f->services[CLI_INTAKE])) {
            return;
        }
        if (c->age_us == STATUS_NEVER) {
            finding_add(l, ATTENTION, "audit", "no copy of the heads is at %s", c->path);
            finding_mend(l, "is its disk mounted? journalctl -u troth-intake | grep audit_copy");
        } else if (c->age_us > f->audit_age_us + AUDIT_LATE_US) {
            finding_add(l, BROKEN, "audit", "heads are not copied to %s for %s", c->path,
                        age(c->age_us, t.a));
            finding_mend(l, "journalctl -u troth-intake | grep audit_copy; is its disk full?");
        }
    }
}

static void look_at_disks(const struct status_facts *f, struct finding_list *l)
{
    for (size_t i = 0; i < f->disk_count; i++) {
        const struct status_disk *d = &f->disks[i];
        if (d->free_percent < DISK_LOW) {
            finding_add(l, d->free_percent < DISK_EMPTY ? BROKEN : ATTENTION, "disk",
                        "%" PRId64 " %% (%" PRId64 " MB) are free at %s", d->free_percent,
                        d->free_bytes >> 20, d->folder);
            finding_mend(l, "make room: a full disk stops everything that writes there");
        }
    }
}

static void look_at_jobs(const struct status_facts *f, struct finding_list *l)
{
    struct ages t;
    for (size_t i = 0; i < f->job_count; i++) {
        const struct status_job *j = &f->jobs[i];
        if (j->age_us > j->overdue_us) {
            finding_add(l, ATTENTION, "jobs",
                        j->has_run ? "%s did not run for %s"
                                   : "%s has never run; the first standard is in force for %s",
                        j->name, age(j->age_us, t.a));
            finding_mend(l, "systemctl list-timers 'troth-*'; journalctl -u 'troth-*' | "
                            "grep -e job_failed -e upkeep_failed -e night_task");
        }
    }
    if (f->figures_different > 0) {
        finding_add(l, ATTENTION, "figures", "%" PRId64 " are not what the facts say",
                    f->figures_different);
        finding_mend(l,
                     "troth today; services/reporting/README.md says how to compute a day again");
    }
}

static void look_at_standard(const struct status_facts *f, struct finding_list *l)
{
    if (f->services[CLI_INTAKE].live > 0 && f->standard_us == 0) {
        finding_add(l, BROKEN, "standards", "none is in force: nothing is promised");
        finding_mend(l, "set standard in intake.conf; troth standards check FILE");
    }
}

void status_findings(const struct status_facts *f, struct finding_list *ret_list)
{
    finding_list_clear(ret_list);
    look_at_connection(f, ret_list);
    if (f->is_connected) {
        look_at_schema(f, ret_list);
        look_at_server(f, ret_list);
    }
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        look_at_service(f, i, ret_list);
    }
    if (f->is_connected) {
        look_at_clock(f, ret_list);
        look_at_steps(f, ret_list);
        for (size_t i = 0; i < f->consumer_count; i++) {
            look_at_consumer(f, &f->consumers[i], ret_list);
        }
        look_at_due(f, ret_list);
        look_at_orders(f, ret_list);
        look_at_answers(f, ret_list);
        look_at_dialers(f, ret_list);
        look_at_audit(f, ret_list);
        look_at_copies(f, ret_list);
        look_at_standard(f, ret_list);
        look_at_jobs(f, ret_list);
    }
    look_at_disks(f, ret_list);
    finding_list_sort(ret_list);
}
