/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_key_change.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/bytes.h"
#include "services/cli/cli_key_store.h"
#include "services/cli/key_files.h"
#include "services/cli/operator_session.h"

/* What is done to a name that must be there. */
static int change(const struct cli *cli, const struct key_options *o, const char *name,
                  int (*act)(struct db *db, const char *name, const void *what, bool *ret_found,
                             struct err *err),
                  const void *what)
{
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    bool is_found = false;
    int code = CLI_OK;

    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        act(session.db, name, what, &is_found, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else if (!is_found) {
        err_set(&err, "name_unknown", "no key in force has the name %s", name);
        code = cli_fail(cli, CLI_REFUSED, &err);
    }
    operator_session_close(&session);
    return code;
}

static int act_rotate(struct db *db, const char *name, const void *what, bool *ret_found,
                      struct err *err)
{
    return cli_key_store_rotate(db, name, what, ret_found, err);
}

int cli_key_rotate(const struct cli *cli, const struct key_options *o, const char *name)
{
    char public_key[BUS_KEY_TEXT_SIZE];
    uint8_t key[PRINCIPAL_KEY_LEN];
    struct err err = ERR_NONE;

    if (!o->key) {
        return cli_wrong_usage(cli, "name the file with the new public key: --key FILE");
    }
    if (bus_public_key_read(o->key, public_key, &err) < 0 ||
        bus_key_decode(public_key, key, &err) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    int code = change(cli, o, name, act_rotate, key);
    if (code == CLI_OK) {
        (void)fprintf(stderr, "Within a second the new key works and the old one does not.\n");
    }
    return code;
}

static int act_revoke(struct db *db, const char *name, const void *what, bool *ret_found,
                      struct err *err)
{
    (void)what;
    return cli_key_store_revoke(db, name, ret_found, err);
}

int cli_key_revoke(const struct cli *cli, const struct key_options *o, const char *name)
{
    int code = change(cli, o, name, act_revoke, NULL);
    if (code == CLI_OK) {
        (void)fprintf(stderr, "Revoked. Services that run refuse it within a second.\n");
    }
    return code;
}

static int act_token(struct db *db, const char *name, const void *what, bool *ret_found,
                     struct err *err)
{
    return cli_key_store_set_token(db, name, what, ret_found, err);
}

static void print_token(const struct cli *cli, const char *name, const char *token)
{
    if (cli->is_json) {
        json_t *json = json_pack("{s:s, s:s}", "name", name, "token", token);
        (void)json_dumpf(json, stdout, JSON_INDENT(2));
        (void)fputc('\n', stdout);
        json_decref(json);
        return;
    }
    (void)printf("%s\n", token);
    (void)fprintf(
        stderr, "It is shown this once: only its digest is stored. An earlier one of %s is void.\n",
        name);
}

/* A new bearer token, or none. It is printed only once it works. */
int cli_key_token(const struct cli *cli, const struct key_options *o, const char *name)
{
    char token[KEY_TOKEN_SIZE];
    uint8_t digest[PRINCIPAL_TOKEN_LEN];
    int code;

    if (o->is_taken_back) {
        return change(cli, o, name, act_token, NULL);
    }
    key_token_make(token);
    principal_digest_token(bytes_of_text(token), digest);
    code = change(cli, o, name, act_token, digest);
    if (code == CLI_OK) {
        print_token(cli, name, token);
    }
    explicit_bzero(token, sizeof(token));
    return code;
}
