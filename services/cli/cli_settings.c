/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/text.h"
#include "common/runtime/settings.h"

#define USUAL_FOLDER "/etc/troth"
#define USUAL_PATH   USUAL_FOLDER "/troth.conf"

#define AT(field) offsetof(struct cli_settings, field)

/* name, type, default, min, max, reloads, field, help */
static const struct setting table[] = {
    {"key_file",                                    SETTING_TEXT, "", NULL, NULL, false, AT(key_file),
     "File with our CURVE key pair, made by `troth key new`; mode 0600."},
    {"intake",                                           SETTING_TEXT, "tcp://127.0.0.1:5510", NULL, NULL, false,
     AT(peers[CLI_INTAKE].endpoint), "ZeroMQ endpoint of intake's requests."},
    {"intake_key",                                         SETTING_TEXT, "", NULL, NULL, false, AT(peers[CLI_INTAKE].key_file),
     "File with intake's public key."},
    {"intake_http",                                 SETTING_TEXT, "", NULL, NULL, false, AT(peers[CLI_INTAKE].http),
     "Intake's HTTP endpoint, for `troth status`."},
    {"followup",                                             SETTING_TEXT, "tcp://127.0.0.1:5520", NULL, NULL, false,
     AT(peers[CLI_FOLLOWUP].endpoint), "ZeroMQ endpoint of followup's requests."},
    {"followup_key",SETTING_TEXT, "", NULL, NULL, false, AT(peers[CLI_FOLLOWUP].key_file),
     "File with followup's public key."},
    {"followup_http",                                         SETTING_TEXT, "", NULL, NULL, false, AT(peers[CLI_FOLLOWUP].http),
     "Followup's HTTP endpoint, for `troth status`."},
    {"loyalty",                                        SETTING_TEXT, "tcp://127.0.0.1:5530", NULL, NULL, false,
     AT(peers[CLI_LOYALTY].endpoint), "ZeroMQ endpoint of loyalty's requests."},
    {"loyalty_key",      SETTING_TEXT, "", NULL, NULL, false, AT(peers[CLI_LOYALTY].key_file),
     "File with loyalty's public key."},
    {"loyalty_http",                                  SETTING_TEXT, "", NULL, NULL, false, AT(peers[CLI_LOYALTY].http),
     "Loyalty's HTTP endpoint, for `troth status`."},
    {"reporting",                                           SETTING_TEXT, "tcp://127.0.0.1:5540", NULL, NULL, false,
     AT(peers[CLI_REPORTING].endpoint), "ZeroMQ endpoint of reporting's requests."},
    {"reporting_key",                                         SETTING_TEXT, "", NULL, NULL, false, AT(peers[CLI_REPORTING].key_file),
     "File with reporting's public key."},
    {"reporting_http",               SETTING_TEXT, "", NULL, NULL, false, AT(peers[CLI_REPORTING].http),
     "Reporting's HTTP endpoint, for `troth status`."},
    {"source",                                             SETTING_TEXT, "", NULL, NULL, false, AT(source),
     "Source whose customer references are meant when --source is not given."},
    {"imports", SETTING_TEXT, "", NULL, NULL, false, AT(imports),
     "Folder where imports are remembered, to be taken back; empty: troth/imports in "
     "$XDG_STATE_HOME, else in ~/.local/state."},
    {"loyalty_config",                                         SETTING_TEXT, "", NULL, NULL, false, AT(loyalty_config),
     "Settings of troth-loyalty on this machine, for `troth model fit` and `train`."},
    {"database",                                        SETTING_TEXT, "", NULL, NULL, false, AT(database),
     "How `troth key` and `troth check --orphans` reach PostgreSQL as the operator, as libpq reads "
     "it."},
    {"timeout", SETTING_DURATION, "10s", "100ms", "1h", false, AT(timeout_us),
     "How long to wait for an answer."},
    {.type = SETTING_END                                   },
};

const char *cli_service_name(enum cli_service service)
{
    static const char *const names[] = {[CLI_INTAKE] = "intake",
                                        [CLI_FOLLOWUP] = "followup",
                                        [CLI_LOYALTY] = "loyalty",
                                        [CLI_REPORTING] = "reporting"};

    return names[service];
}

static const char *choose_path(const char *path)
{
    if (path) {
        return path;
    }
    path = getenv("TROTH_CONFIG");
    if (!text_is_empty(path)) {
        return path;
    }
    return access(USUAL_PATH, R_OK) == 0 ? USUAL_PATH : NULL;
}

int cli_settings_read(struct cli_settings *s, const char *path, const char **ret_path,
                      struct err *err)
{
    const struct setting *const tables[] = {table};
    void *const values[] = {s};

    settings_set_defaults(table, s);
    path = choose_path(path);
    if (path && settings_read_file(tables, values, 1, path, err) < 0) {
        return -1;
    }
    *ret_path = path;
    return 0;
}

void cli_settings_folder(const char *config_path, char ret[PATH_MAX])
{
    const char *slash = config_path ? strrchr(config_path, '/') : NULL;
    if (slash) {
        (void)text_format(ret, PATH_MAX, "%.*s", (int)(slash - config_path), config_path);
    } else {
        (void)text_copy(ret, PATH_MAX, config_path ? "." : USUAL_FOLDER);
    }
}

void cli_settings_free(struct cli_settings *s)
{
    settings_free(table, s);
}

void cli_settings_print(const struct cli_settings *s, FILE *out)
{
    settings_print(table, s, out);
}
