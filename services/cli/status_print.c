/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/status_print.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/cli/cli_table.h"

enum {
    FINDINGS_SHOWN = 6, /* with the parts they fill a screen */
    DIALERS_SHOWN = 3,
    LINE_COLUMNS = 80,
};

/* ---- small texts */

/* "-" for STATUS_NEVER. */
static const char *age(int64_t us, char ret[DURATION_TEXT_SIZE])
{
    return us == STATUS_NEVER ? "-" : duration_for_people(us, ret);
}

static void start_line(struct text *line, const char *part)
{
    text_clear(line);
    text_appendf(line, "%-11s", part);
}

/* Cut where the screen ends. */
static void end_line(struct text *line, FILE *out)
{
    if (text_columns(line->data) > LINE_COLUMNS) {
        size_t len = LINE_COLUMNS - 3;
        while (len > 0 && ((unsigned char)line->data[len] & 0xc0) == 0x80) {
            len--;
        }
        (void)fprintf(out, "%.*s...\n", (int)len, line->data);
    } else {
        (void)fprintf(out, "%s\n", line->data);
    }
}

/* ---- parts */

static void print_service(const struct status_facts *f, size_t i, struct text *line, FILE *out)
{
    const struct status_service *s = &f->services[i];
    char since[CLI_NAME_SIZE];
    const char *name = cli_service_name((enum cli_service)i);
    if (!f->is_connected && !s->is_asked) {
        return;
    }
    start_line(line, name);
    if (f->is_connected) {
        text_appendf(line, "%" PRId64 " alive", s->live);
        if (s->live > 0) {
            text_appendf(line, " since %s, version %s",
                         cli_time_text(s->since_us > 0, s->since_us, since),
                         s->versions[0] ? s->versions : "-");
        }
    }
    if (s->is_asked) {
        text_appendf(line, "%s%s", f->is_connected ? ", " : "",
                     s->is_ready ? "ready" : "not ready");
    }
    end_line(line, out);
}

static void print_events(const struct status_facts *f, struct text *line, FILE *out)
{
    char t[DURATION_TEXT_SIZE];
    start_line(line, "events");
    text_appendf(line, "%" PRId64 " a minute; to read:", f->events_a_minute);
    for (size_t i = 0; i < f->consumer_count; i++) {
        const struct status_consumer *c = &f->consumers[i];
        if (c->events > 0) {
            text_appendf(line, " %s %" PRId64 " (%s)", c->name, c->events, age(c->age_us, t));
        }
    }
    if (line->data[line->len - 1] == ':') {
        text_append(line, " none");
    }
    end_line(line, out);
}

static void print_due(const struct status_facts *f, struct text *line, FILE *out)
{
    const struct status_due *d = &f->due;
    char a[DURATION_TEXT_SIZE], b[DURATION_TEXT_SIZE];
    start_line(line, "late");
    text_appendf(line, "promise steps %s, follow-ups %s; %" PRId64 " orders open",
                 age(d->steps_age_us, a), age(d->follow_up_age_us, b), d->orders);
    end_line(line, out);
    start_line(line, "answers");
    text_appendf(line,
                 "%" PRId64 " on their way, %" PRId64 " refused; deliveries dead %" PRId64
                 "; for people %" PRId64,
                 d->outbox, d->outbox_rejected, d->deliveries_dead, d->listed);
    end_line(line, out);
}

static void print_dialers(const struct status_facts *f, struct text *line, FILE *out)
{
    char t[DURATION_TEXT_SIZE];
    start_line(line, "dialers");
    for (size_t i = 0; i < f->dialer_count && i < DIALERS_SHOWN; i++) {
        const struct status_dialer *d = &f->dialers[i];
        text_appendf(line, "%s%s %" PRId64 " free, %s ago", i > 0 ? "; " : "", d->name,
                     d->free_lines, age(d->seen_age_us, t));
    }
    if (f->dialer_count > DIALERS_SHOWN) {
        text_appendf(line, "; %zu more", f->dialer_count - DIALERS_SHOWN);
    }
    text_append(line, f->dialer_count == 0 ? "none has ever connected" : "");
    end_line(line, out);
}

static void print_rules(const struct status_facts *f, struct text *line, FILE *out)
{
    char a[CLI_NAME_SIZE], t[DURATION_TEXT_SIZE];
    start_line(line, "audit");
    if (f->audit_head > 0) {
        text_appendf(line, "head %" PRId64 " of %s ago, %" PRId64 " events unsigned", f->audit_head,
                     age(f->audit_age_us, t), f->audit_unsigned);
    } else {
        text_append(line, "no record is kept (troth audit key new)");
    }
    end_line(line, out);
    start_line(line, "standards");
    text_appendf(line, "%s since %s", cli_text(f->standard[0] ? f->standard : NULL),
                 cli_time_text(f->standard_us != 0, f->standard_us, a));
    text_appendf(line, "; rules %s", cli_text(f->rules[0] ? f->rules : NULL));
    end_line(line, out);
}

static void print_jobs(const struct status_facts *f, struct text *line, FILE *out)
{
    char t[DURATION_TEXT_SIZE];
    start_line(line, "jobs");
    for (size_t i = 0; i < f->job_count; i++) {
        const char *dash = strchr(f->jobs[i].name, '-'); /* "check-orphans" */
        text_appendf(line, "%s%s %s", i > 0 ? ", " : "ago: ", dash ? dash + 1 : f->jobs[i].name,
                     f->jobs[i].has_run ? age(f->jobs[i].age_us, t) : "never");
    }
    text_append(line, f->job_count == 0 ? "none has run yet" : "");
    end_line(line, out);
}

static void print_server(const struct status_facts *f, struct text *line, FILE *out)
{
    const struct status_server *s = &f->server;
    char t[DURATION_TEXT_SIZE], b[CLI_NAME_SIZE];
    start_line(line, "clock");
    text_appendf(line, "%s%s off PostgreSQL's%s%s", s->skew_us < 0 ? "-" : "",
                 age(s->skew_us < 0 ? -s->skew_us : s->skew_us, t),
                 s->is_demo ? "; demo clock at " : "",
                 s->is_demo ? cli_time_text(true, s->business_us, b) : "");
    end_line(line, out);
    start_line(line, "postgresql");
    text_appendf(line,
                 "%s, %" PRId64 " MB, %" PRId64 "/%" PRId64 " connections, schema %" PRId64
                 ".%" PRId64,
                 s->version, s->size_bytes >> 20, s->connections, s->connections_max,
                 f->schema_version, f->schema_expansion);
    text_appendf(line, ", oldest tx %s", s->sees_all ? age(s->oldest_us, t) : "unseen");
    end_line(line, out);
    start_line(line, "copies");
    if (s->standbys > 0) {
        text_appendf(line, "%" PRId64 " standbys (%" PRId64 " sync), %s behind; ", s->standbys,
                     s->standbys_sync, age(s->standby_lag_us, t));
    } else {
        text_append(line, "no standby; ");
    }
    text_appendf(line,
                 s->is_archived ? "log archived %s ago" : "no log archive: no backup to a point",
                 age(s->archive_age_us, t));
    end_line(line, out);
}

static void print_disks(const struct status_facts *f, struct text *line, FILE *out)
{
    char t[DURATION_TEXT_SIZE];
    if (f->disk_count == 0 && f->copy_count == 0) {
        return;
    }
    start_line(line, "disks");
    for (size_t i = 0; i < f->disk_count; i++) {
        text_appendf(line, "%s%" PRId64 " %% (%" PRId64 " GB) free at %s", i > 0 ? "; " : "",
                     f->disks[i].free_percent, f->disks[i].free_bytes >> 30, f->disks[i].folder);
    }
    for (size_t i = 0; i < f->copy_count; i++) {
        text_appendf(line, "%sheads copied %s ago", i > 0 || f->disk_count > 0 ? "; " : "",
                     age(f->copies[i].age_us, t));
    }
    end_line(line, out);
}

static void print_parts(const struct status_facts *f, FILE *out)
{
    struct text line = {0};
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        print_service(f, i, &line, out);
    }
    if (f->is_connected) {
        print_dialers(f, &line, out);
        print_events(f, &line, out);
        print_due(f, &line, out);
        print_rules(f, &line, out);
        print_jobs(f, &line, out);
        print_server(f, &line, out);
    }
    print_disks(f, &line, out);
    if (!f->is_configured) {
        (void)fprintf(out, "postgresql not asked: the setting database is empty\n");
    }
    text_free(&line);
}

void status_print(const struct status_facts *f, const struct finding_list *findings, int64_t now_us,
                  FILE *out)
{
    char now[CLI_NAME_SIZE];
    enum finding_state worst = finding_list_worst(findings);
    (void)fprintf(out, "troth %s, %s: %s\n\n", TROTH_VERSION, cli_time_text(true, now_us, now),
                  worst == FINDING_OK ? "fine, nothing needs you" : finding_state_name(worst));
    finding_list_print(findings, FINDINGS_SHOWN, out);
    if (findings->count > 0) {
        (void)fputc('\n', out);
    }
    print_parts(f, out);
}

/* ---- JSON: ages in microseconds as they are, null for none */

static json_t *json_age(int64_t us)
{
    return us == STATUS_NEVER ? json_null() : json_integer(us);
}

static json_t *json_instant(int64_t us)
{
    return us == 0 ? json_null() : json_integer(us);
}

static json_t *services_json(const struct status_facts *f)
{
    json_t *all = json_object();
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        const struct status_service *s = &f->services[i];
        json_t *one = json_pack("{s:I, s:I, s:o, s:s}", "alive", (json_int_t)s->live, "silent",
                                (json_int_t)s->silent, "since_us", json_instant(s->since_us),
                                "versions", s->versions);
        if (s->is_asked) {
            json_object_set_new(one, "ready", json_boolean(s->is_ready));
            json_object_set_new(one, "why", json_string(s->why));
        }
        json_object_set_new(all, cli_service_name((enum cli_service)i), one);
    }
    return all;
}

static json_t *lists_json(const struct status_facts *f)
{
    json_t *consumers = json_object(), *dialers = json_object(), *jobs = json_object();
    for (size_t i = 0; i < f->consumer_count; i++) {
        const struct status_consumer *c = &f->consumers[i];
        json_object_set_new(consumers, c->name,
                            json_pack("{s:I, s:o}", "events", (json_int_t)c->events, "age_us",
                                      json_age(c->age_us)));
    }
    for (size_t i = 0; i < f->dialer_count; i++) {
        const struct status_dialer *d = &f->dialers[i];
        json_object_set_new(dialers, d->name,
                            json_pack("{s:I, s:I, s:I}", "seen_age_us", (json_int_t)d->seen_age_us,
                                      "free_lines", (json_int_t)d->free_lines, "channels",
                                      (json_int_t)d->channels));
    }
    for (size_t i = 0; i < f->job_count; i++) {
        const struct status_job *j = &f->jobs[i];
        json_object_set_new(jobs, j->name,
                            json_pack("{s:o, s:b}", "age_us",
                                      json_age(j->has_run ? j->age_us : STATUS_NEVER), "is_overdue",
                                      j->age_us > j->overdue_us));
    }
    return json_pack("{s:o, s:o, s:o}", "consumers", consumers, "dialers", dialers, "jobs", jobs);
}

static json_t *due_json(const struct status_due *d)
{
    return json_pack("{s:o, s:o, s:I, s:o, s:I, s:o, s:I, s:o, s:I, s:I, s:o}", "steps_age_us",
                     json_age(d->steps_age_us), "follow_ups_age_us", json_age(d->follow_up_age_us),
                     "orders", (json_int_t)d->orders, "orders_age_us", json_age(d->orders_age_us),
                     "outbox", (json_int_t)d->outbox, "outbox_age_us", json_age(d->outbox_age_us),
                     "outbox_rejected", (json_int_t)d->outbox_rejected, "deliveries_age_us",
                     json_age(d->deliveries_age_us), "deliveries_dead",
                     (json_int_t)d->deliveries_dead, "listed", (json_int_t)d->listed,
                     "listed_age_us", json_age(d->listed_age_us));
}

static json_t *server_json(const struct status_server *s)
{
    return json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:b, s:o, s:o, s:I}",
                     "version", s->version, "is_standby", s->is_standby, "skew_us",
                     (json_int_t)s->skew_us, "size_bytes", (json_int_t)s->size_bytes, "connections",
                     (json_int_t)s->connections, "connections_max", (json_int_t)s->connections_max,
                     "oldest_transaction_us", s->sees_all ? json_age(s->oldest_us) : json_null(),
                     "standbys", (json_int_t)s->standbys, "standbys_sync",
                     (json_int_t)s->standbys_sync, "standby_lag_us", (json_int_t)s->standby_lag_us,
                     "is_archived", s->is_archived, "archive_age_us", json_age(s->archive_age_us),
                     "archive_failed_age_us", json_age(s->archive_failed_age_us),
                     "checksum_failures", (json_int_t)s->checksum_failures);
}

static json_t *machine_json(const struct status_facts *f)
{
    json_t *disks = json_object(), *copies = json_object();
    for (size_t i = 0; i < f->disk_count; i++) {
        const struct status_disk *d = &f->disks[i];
        json_object_set_new(disks, d->folder,
                            json_pack("{s:I, s:I}", "free_percent", (json_int_t)d->free_percent,
                                      "free_bytes", (json_int_t)d->free_bytes));
    }
    for (size_t i = 0; i < f->copy_count; i++) {
        json_object_set_new(copies, f->copies[i].path, json_age(f->copies[i].age_us));
    }
    return json_pack("{s:o, s:o}", "disks", disks, "copies_age_us", copies);
}

static void add_database(const struct status_facts *f, json_t *all)
{
    json_t *lists = lists_json(f);
    (void)json_object_update(all, lists);
    json_decref(lists);
    json_object_set_new(all, "due", due_json(&f->due));
    json_object_set_new(all, "postgresql", server_json(&f->server));
    json_object_set_new(all, "events_a_minute", json_integer(f->events_a_minute));
    json_object_set_new(all, "schema",
                        json_pack("{s:I, s:I}", "version", (json_int_t)f->schema_version,
                                  "expansion", (json_int_t)f->schema_expansion));
    json_object_set_new(all, "audit",
                        json_pack("{s:I, s:o, s:I}", "head", (json_int_t)f->audit_head, "age_us",
                                  json_age(f->audit_age_us), "unsigned",
                                  (json_int_t)f->audit_unsigned));
    json_object_set_new(all, "standards",
                        json_pack("{s:s, s:o, s:s, s:o}", "hash", f->standard, "since_us",
                                  json_instant(f->standard_us), "rules_hash", f->rules,
                                  "rules_since_us", json_instant(f->rules_us)));
}

json_t *status_json(const struct status_facts *f, const struct finding_list *findings,
                    int64_t now_us)
{
    json_t *all = json_pack("{s:s, s:s, s:I, s:o, s:o}", "state",
                            finding_state_name(finding_list_worst(findings)), "version",
                            TROTH_VERSION, "now_us", (json_int_t)now_us, "findings",
                            finding_list_json(findings), "services", services_json(f));
    json_object_set_new(all, "machine", machine_json(f));
    if (f->is_connected) {
        add_database(f, all);
    }
    return all;
}
