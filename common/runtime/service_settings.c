/* SPDX-License-Identifier: Apache-2.0 */
#include "common/runtime/service_settings.h"

#include <stddef.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"

#define AT(field) offsetof(struct service_settings, field)

/* name, type, default, min, max, reloads, field, help */
const struct setting service_settings[] = {
    {"database",                                                          SETTING_TEXT, "dbname=troth", NULL, NULL, false, AT(database),
     "How to reach PostgreSQL, as libpq reads it; the password belongs into a passfile."},
    {"key_file",                                                     SETTING_TEXT, "", NULL, NULL, false, AT(key_file),
     "File with our CURVE key pair, made by `troth key new`; mode 0600."},
    {"requests",                                                               SETTING_TEXT, "", NULL, NULL, false, AT(requests),
     "ZeroMQ endpoint for requests, such as tcp://0.0.0.0:5510 or ipc:///run/troth/intake."},
    {"events",                                                       SETTING_TEXT, "", NULL, NULL, false, AT(events),
     "ZeroMQ endpoint where events are published; empty publishes none, readers then poll."},
    {"http",                                                                   SETTING_TEXT, "", NULL, NULL, false, AT(http),
     "HTTP endpoint for /livez, /readyz and /metrics: HOST:PORT or unix:/PATH; empty for none."},
    {"log_level",   SETTING_TEXT, "info", NULL, NULL, true, AT(log_level),
     "The least level that is logged: debug, info, warning or error."},
    {"db_connections",                                                               SETTING_COUNT, "4", "1", "64", false, AT(db_connections),
     "Connections to PostgreSQL for work; one more is for the clock."},
    {"db_deadline",                                                              SETTING_DURATION, "5s", "100ms", "10m", false, AT(db_deadline_us),
     "How long one step of a transaction may take before it is cancelled and tried again."},
    {"drain_for", SETTING_DURATION, "10s", "0", "10m", true, AT(drain_for_us),
     "How long a stop waits for work in flight."},
    {"poll",                                                          SETTING_DURATION, "1s", "10ms", "1h", false, AT(poll_us),
     "How often the database is looked at without being woken."},
    {"lease",                                                                 SETTING_DURATION, "10s", "1s", "10m", false, AT(lease_us),
     "How long work stays with a process that died before another takes it over."},
    {"watch",                                                               SETTING_DURATION, "15s", "1s", "1h", false, AT(watch_us),
     "How often ages of queues and the database's own figures are read for /metrics."},
    {"memory_max_mib",                                                       SETTING_COUNT, "0", "0", "1048576", false, AT(memory_max_mib),
     "Memory that the process may take, in MiB, before it ends and is started again; 0 for no "
     "limit."},
    {.type = SETTING_END                                                                  },
};

struct setting *service_settings_with(const struct setting *overrides)
{
    struct setting *table = xcalloc(ARRAY_LEN(service_settings), sizeof(*table));
    memcpy(table, service_settings, sizeof(service_settings));
    for (const struct setting *o = overrides; o && o->name; o++) {
        struct setting *row = table;
        while (row->type != SETTING_END && strcmp(row->name, o->name) != 0) {
            row++;
        }
        if (row->type == SETTING_END) {
            BUG("a default for a common setting that does not exist");
        }
        row->default_value = o->default_value;
    }
    return table;
}

int service_settings_check(const struct service_settings *s, struct err *err)
{
    enum log_level level;
    if (log_level_parse(s->log_level, &level) < 0) {
        return err_set_field(err, "setting_invalid", "log_level",
                             "log_level must be debug, info, warning or error");
    }
    if (text_is_empty(s->key_file)) {
        return err_set_field(err, "setting_invalid", "key_file",
                             "key_file must name a file with a key pair: troth key new makes one");
    }
    return 0;
}
