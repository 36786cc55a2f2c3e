/* SPDX-License-Identifier: Apache-2.0 */
/* cli_settings.h - where the services are and who we are: deploy/config/troth.conf. */
#ifndef TROTH_SERVICES_CLI_CLI_SETTINGS_H
#define TROTH_SERVICES_CLI_CLI_SETTINGS_H

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/err.h"

/* A service we talk to: where it answers, the file with its public key, where its /readyz is. */
struct cli_peer {
    char *endpoint;
    char *key_file;
    char *http;
};

enum cli_service {
    CLI_INTAKE = 0,
    CLI_FOLLOWUP,
    CLI_LOYALTY,
    CLI_REPORTING,
    CLI_SERVICE_COUNT
};
const char *cli_service_name(enum cli_service service);

struct cli_settings {
    char *key_file; /* our CURVE key pair */
    struct cli_peer peers[CLI_SERVICE_COUNT];
    char *source;         /* whose references a person means who does not say */
    char *imports;        /* folder of the import journals; empty: the user's own */
    char *loyalty_config; /* settings of troth-loyalty, for its jobs */
    char *database;       /* conninfo of the operator, for `key` and `check` */
    int64_t timeout_us;
};

/* Defaults, then the file: path, else $TROTH_CONFIG, else /etc/troth/troth.conf if there is one.
 * ret_path is the one that was read, NULL for none; borrowed from path or the environment. */
MUST_CHECK int cli_settings_read(struct cli_settings *s, const char *path, const char **ret_path,
                                 struct err *err);
/* Where the services' own settings stand: beside ours, else in /etc/troth. config_path: of
 * cli_settings_read(), or NULL. */
void cli_settings_folder(const char *config_path, char ret[PATH_MAX]);
void cli_settings_free(struct cli_settings *s);

void cli_settings_print(const struct cli_settings *s, FILE *out);

#endif
