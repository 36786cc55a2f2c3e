/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/status_findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/runtime/service.h"

#define MIN DURATION_MIN
#define DAY DURATION_DAY

/* All four services, one dialer for calls, nothing late. */
static struct status_facts healthy(void)
{
    struct status_facts f = {
        .is_configured = true,
        .is_connected = true,
        .schema_version = SCHEMA_VERSION,
        .schema_expansion = SCHEMA_EXPANSION,
        .server = {.connections = 20,
                   .connections_max = 100,
                   .sees_all = true,
                   .oldest_us = STATUS_NEVER,
                   .archive_age_us = STATUS_NEVER,
                   .archive_failed_age_us = STATUS_NEVER},
        .due = {.steps_age_us = STATUS_NEVER,
                   .follow_up_age_us = STATUS_NEVER,
                   .deliveries_age_us = STATUS_NEVER},
        .audit_head = 7,
        .audit_age_us = MIN,
        .standard_us = 1,
    };
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        f.services[i] = (struct status_service){.is_asked = true,
                                                .is_ready = true,
                                                .was_seen = true,
                                                .live = 1,
                                                .version_count = 1,
                                                .silent_age_us = STATUS_NEVER};
    }
    f.dialers[f.dialer_count++] =
        (struct status_dialer){.name = "machine/a", .seen_age_us = DURATION_S, .channels = 1 << 1};
    return f;
}

typedef void change_fn(struct status_facts *f);

static void nothing(struct status_facts *f)
{
    (void)f;
}

static void no_database(struct status_facts *f)
{
    f->is_connected = false;
    (void)text_copy(f->why, sizeof(f->why), "refused");
}

static void database_not_asked(struct status_facts *f)
{
    f->is_configured = f->is_connected = false;
}

static void unreadable(struct status_facts *f)
{
    f->unread[f->unread_count++] = (struct status_unread){.part = "jobs", .why = "no right"};
}

static void older_schema(struct status_facts *f)
{
    f->schema_expansion = SCHEMA_EXPANSION - 1;
}

static void newer_schema(struct status_facts *f)
{
    f->schema_version = SCHEMA_VERSION + 1;
}

static void a_later_release(struct status_facts *f)
{
    f->schema_expansion = SCHEMA_EXPANSION + 1;
}

static void standby(struct status_facts *f)
{
    f->server.is_standby = true;
}

static void commits_wait(struct status_facts *f)
{
    f->server.waits_for_standby = true;
}

static void standby_is_there(struct status_facts *f)
{
    f->server.waits_for_standby = true;
    f->server.standbys = f->server.standbys_sync = 1;
}

static void standby_lags(struct status_facts *f)
{
    f->server.standby_lag_us = 2 * MIN;
}

static void unread_slot(struct status_facts *f)
{
    f->server.slot_bytes = INT64_C(20) << 30;
}

static void archive_fails(struct status_facts *f)
{
    f->server.archive_age_us = DAY;
    f->server.archive_failed_age_us = MIN;
}

static void archive_failed_once(struct status_facts *f)
{
    f->server.archive_age_us = MIN;
    f->server.archive_failed_age_us = DAY;
}

static void wrong_checksums(struct status_facts *f)
{
    f->server.checksum_failures = 1;
}

static void not_frozen(struct status_facts *f)
{
    f->server.transactions_age = INT64_C(1100000000);
}

static void nearly_wrapped(struct status_facts *f)
{
    f->server.transactions_age = INT64_C(1900000000);
}

static void old_transaction(struct status_facts *f)
{
    f->server.oldest_us = DURATION_H;
    f->server.oldest_pid = 17;
}

static void connections_full(struct status_facts *f)
{
    f->server.connections = 91;
}

static void clock_is_off(struct status_facts *f)
{
    f->server.skew_us = -2 * DURATION_S;
}

static void clock_is_far_off(struct status_facts *f)
{
    f->server.skew_us = MIN;
}

static void followup_died(struct status_facts *f)
{
    f->services[CLI_FOLLOWUP].live = 0;
    f->services[CLI_FOLLOWUP].silent_age_us = 3 * MIN;
    /* what follows from it is not told */
    f->services[CLI_FOLLOWUP].is_ready = false;
    f->due.follow_up_age_us = DAY;
    f->due.follow_up_channel = 1;
    f->due.outbox = 5;
    f->due.outbox_age_us = DAY;
    f->due.deliveries_age_us = DAY;
    f->consumers[f->consumer_count++] =
        (struct status_consumer){.name = "followup.delivery", .events = 9, .age_us = DAY};
    f->dialers[0].seen_age_us = DURATION_H;
}

static void intake_died(struct status_facts *f)
{
    f->services[CLI_INTAKE].live = 0;
    f->due.steps_age_us = DAY;
    f->audit_unsigned = 5;
    f->audit_age_us = DAY;
}

static void not_used_here(struct status_facts *f)
{
    f->services[CLI_LOYALTY] = (struct status_service){.silent_age_us = STATUS_NEVER};
}

static void not_ready(struct status_facts *f)
{
    f->services[CLI_REPORTING].is_ready = false;
}

static void two_versions(struct status_facts *f)
{
    f->services[CLI_INTAKE].version_count = 2;
}

static void consumer_is_behind(struct status_facts *f)
{
    f->consumers[f->consumer_count++] =
        (struct status_consumer){.name = "loyalty", .events = 9, .age_us = 2 * MIN};
}

static void consumer_is_stuck(struct status_facts *f)
{
    f->consumers[f->consumer_count++] =
        (struct status_consumer){.name = "loyalty", .events = 1, .age_us = DAY};
}

static void consumer_reads(struct status_facts *f)
{
    f->consumers[f->consumer_count++] =
        (struct status_consumer){.name = "loyalty", .events = 9000, .age_us = DURATION_S};
}

static void step_is_late(struct status_facts *f)
{
    f->due.steps_age_us = MIN;
}

static void step_is_stuck(struct status_facts *f)
{
    f->due.steps_age_us = 10 * MIN;
}

static void dialers_are_busy(struct status_facts *f)
{
    f->due.follow_up_age_us = DURATION_H;
    f->due.follow_up_channel = 1;
}

static void nobody_mails(struct status_facts *f)
{
    f->due.follow_up_age_us = DURATION_H;
    f->due.follow_up_channel = 3;
}

static void order_is_open(struct status_facts *f)
{
    f->due.orders = 1;
    f->due.orders_age_us = DURATION_H * 5;
}

static void people_are_waited_for(struct status_facts *f)
{
    f->due.listed = 3;
    f->due.listed_age_us = 2 * DAY;
}

static void answers_wait(struct status_facts *f)
{
    f->due.outbox = 3;
    f->due.outbox_age_us = 2 * MIN;
}

static void answers_are_stuck(struct status_facts *f)
{
    f->due.outbox = 3;
    f->due.outbox_age_us = DURATION_H;
}

static void answers_were_refused(struct status_facts *f)
{
    f->due.outbox_rejected = 1;
}

static void deliveries_wait(struct status_facts *f)
{
    f->due.deliveries_age_us = DURATION_H;
}

static void deliveries_died(struct status_facts *f)
{
    f->due.deliveries_dead = 1;
}

static void dialer_is_gone(struct status_facts *f)
{
    f->dialers[0].seen_age_us = DURATION_H;
}

static void dialer_was_taken_away(struct status_facts *f)
{
    f->dialers[0].seen_age_us = 8 * DAY;
}

static void audit_stands_still(struct status_facts *f)
{
    f->audit_unsigned = 5;
    f->audit_age_us = DURATION_H;
}

static void no_audit(struct status_facts *f)
{
    f->audit_head = 0;
    f->audit_age_us = STATUS_NEVER;
    f->audit_unsigned = 5;
}

static void job_is_overdue(struct status_facts *f)
{
    f->jobs[f->job_count++] =
        (struct status_job){.name = "night", .age_us = 2 * DAY, .overdue_us = DAY};
}

static void job_has_run(struct status_facts *f)
{
    f->jobs[f->job_count++] =
        (struct status_job){.name = "night", .age_us = DURATION_H, .overdue_us = DAY};
}

static void figures_differ(struct status_facts *f)
{
    f->figures_different = 1;
}

static void no_standard(struct status_facts *f)
{
    f->standard_us = 0;
}

static void each_thing_that_is_wrong_is_found_alone_with_what_mends_it(void **state)
{
    static const struct {
        const char *name;
        change_fn *change;
        enum finding_state want;
        const char *part, *mend; /* NULL: nothing is found; mend: a part of it */
    } cases[] = {
        {"all is well",                  nothing,               FINDING_OK,        NULL,         NULL                  },
        {"PostgreSQL is down",           no_database,           FINDING_BROKEN,    "postgresql",
         "systemctl status postgresql"                                                                                 },
        {"PostgreSQL is not asked",      database_not_asked,    FINDING_OK,        NULL,         NULL                  },
        {"a view is missing",            unreadable,            FINDING_ATTENTION, "jobs",       "migrate.sh"          },
        {"the migration did not run",    older_schema,          FINDING_BROKEN,    "schema",     "migrate.sh"          },
        {"programs are too old",         newer_schema,          FINDING_BROKEN,    "schema",     "newer programs"      },
        {"a later release has expanded", a_later_release,       FINDING_OK,        NULL,         NULL                  },
        {"a standby",                    standby,               FINDING_BROKEN,    "postgresql", "read-write"          },
        {"no synchronous standby",       commits_wait,          FINDING_BROKEN,    "standby",
         "synchronous_standby_names"                                                                                   },
        {"a synchronous standby",        standby_is_there,      FINDING_OK,        NULL,         NULL                  },
        {"the standby is behind",        standby_lags,          FINDING_ATTENTION, "standby",
         "pg_stat_replication"                                                                                         },
        {"a slot that nobody reads",     unread_slot,           FINDING_ATTENTION, "standby",
         "pg_drop_replication_slot"                                                                                    },
        {"the log is not archived",      archive_fails,         FINDING_BROKEN,    "backup",     "pgbackrest"          },
        {"it failed once",               archive_failed_once,   FINDING_OK,        NULL,         NULL                  },
        {"wrong checksums",              wrong_checksums,       FINDING_BROKEN,    "postgresql", "restore"             },
        {"rows are not frozen",          not_frozen,            FINDING_ATTENTION, "postgresql", "vacuumdb"            },
        {"soon no writes any more",      nearly_wrapped,        FINDING_BROKEN,    "postgresql", "vacuumdb"            },
        {"an old transaction",           old_transaction,       FINDING_ATTENTION, "postgresql",
         "pg_terminate_backend(17)"                                                                                    },
        {"connections run out",          connections_full,      FINDING_ATTENTION, "postgresql",
         "max_connections"                                                                                             },
        {"the clock is off",             clock_is_off,          FINDING_ATTENTION, "clock",      "chronyc"             },
        {"the clock is far off",         clock_is_far_off,      FINDING_BROKEN,    "clock",      "chronyc"             },
        {"followup died",                followup_died,         FINDING_BROKEN,    "followup",   "start troth-followup"},
        {"intake died",                  intake_died,           FINDING_BROKEN,    "intake",     "start troth-intake"  },
        {"loyalty is not used here",     not_used_here,         FINDING_OK,        NULL,         NULL                  },
        {"reporting is not ready",       not_ready,             FINDING_BROKEN,    "reporting",  "journalctl"          },
        {"two versions",                 two_versions,          FINDING_ATTENTION, "intake",     "restart troth-intake"},
        {"loyalty is behind",            consumer_is_behind,    FINDING_ATTENTION, "events",     "troth-loyalty"       },
        {"loyalty stands still",         consumer_is_stuck,     FINDING_BROKEN,    "events",     "troth-loyalty"       },
        {"loyalty reads fast",           consumer_reads,        FINDING_OK,        NULL,         NULL                  },
        {"a step is late",               step_is_late,          FINDING_ATTENTION, "promises",   "troth-intake"        },
        {"steps stand still",            step_is_stuck,         FINDING_BROKEN,    "promises",   "troth-intake"        },
        {"the dialers are busy",         dialers_are_busy,      FINDING_ATTENTION, "follow-ups",
         "one more dialer"                                                                                             },
        {"no dialer for mail",           nobody_mails,          FINDING_BROKEN,    "follow-ups", "start troth-dialer"  },
        {"an order without a result",    order_is_open,         FINDING_ATTENTION, "orders",
         "troth followups"                                                                                             },
        {"people are waited for",        people_are_waited_for, FINDING_ATTENTION, "follow-ups",
         "troth worklist"                                                                                              },
        {"answers wait",                 answers_wait,          FINDING_ATTENTION, "answers",    "troth-followup"      },
        {"answers stand still",          answers_are_stuck,     FINDING_BROKEN,    "answers",    "troth-followup"      },
        {"answers were refused",         answers_were_refused,  FINDING_ATTENTION, "answers",
         "answer_rejected"                                                                                             },
        {"deliveries wait",              deliveries_wait,       FINDING_ATTENTION, "deliveries", "troth-followup"      },
        {"deliveries died",              deliveries_died,       FINDING_ATTENTION, "deliveries",
         "subscription replay"                                                                                         },
        {"a dialer is gone",             dialer_is_gone,        FINDING_ATTENTION, "dialer",     "troth-dialer"        },
        {"a dialer was taken away",      dialer_was_taken_away, FINDING_OK,        NULL,         NULL                  },
        {"the record stands still",      audit_stands_still,    FINDING_BROKEN,    "audit",      "audit verify"        },
        {"no record is kept",            no_audit,              FINDING_OK,        NULL,         NULL                  },
        {"a job is overdue",             job_is_overdue,        FINDING_ATTENTION, "jobs",       "journalctl"          },
        {"a job has run",                job_has_run,           FINDING_OK,        NULL,         NULL                  },
        {"figures differ",               figures_differ,        FINDING_ATTENTION, "figures",    "troth today"         },
        {"no standard",                  no_standard,           FINDING_BROKEN,    "standards",  "intake.conf"         },
    };
    struct finding_list list = {.items = NULL};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct status_facts f = healthy();
        print_message("%s\n", cases[i].name);
        cases[i].change(&f);
        status_findings(&f, &list);
        assert_int_equal(list.count, cases[i].part ? 1 : 0);
        assert_int_equal(finding_list_worst(&list), cases[i].want);
        if (cases[i].part) {
            assert_string_equal(list.items[0].part, cases[i].part);
            assert_non_null(strstr(list.items[0].mend, cases[i].mend));
        }
    }
    finding_list_free(&list);
}

static void the_worst_stands_first(void **state)
{
    struct finding_list list = {.items = NULL};
    struct status_facts f = healthy();
    (void)state;
    two_versions(&f);
    deliveries_died(&f);
    audit_stands_still(&f);
    status_findings(&f, &list);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.items[0].part, "audit");
    assert_string_equal(list.items[1].part, "intake");
    assert_string_equal(list.items[2].part, "deliveries");
    finding_list_free(&list);
}

static void what_others_said_stays_on_one_line_and_whole_characters(void **state)
{
    struct finding_list list = {.items = NULL};
    char longest[FINDING_TEXT_SIZE * 2];
    (void)state;
    for (size_t i = 0; i + 3 < sizeof(longest); i += 3) {
        memcpy(longest + i, "\xe6\x9d\x8e", 4);
    }
    finding_add(&list, FINDING_BROKEN, "x", "a\nb\033[2J");
    assert_string_equal(list.items[0].text, "a b [2J");
    finding_add(&list, FINDING_BROKEN, "x", "%s", longest);
    assert_true(text_is_utf8(bytes_of_text(list.items[1].text)));
    assert_true(strlen(list.items[1].text) > FINDING_TEXT_SIZE - 5);
    finding_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_thing_that_is_wrong_is_found_alone_with_what_mends_it),
        cmocka_unit_test(the_worst_stands_first),
        cmocka_unit_test(what_others_said_stays_on_one_line_and_whole_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
