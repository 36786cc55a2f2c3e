/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_key_change.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "services/cli/cli_key_store.h"
#include "services/cli/key_files.h"
#include "services/cli/operator_session.h"

struct replacement {
    const uint8_t *bytes; /* a key, or the digest of a token; NULL: none */
    int64_t overlap_us;
    bool has_former; /* afterwards: the one before works for so long */
};

/* What is done to a name that must be there; r: NULL when nothing comes in its place. */
static int change(const struct cli *cli, const struct key_options *o, const char *name,
                  int (*act)(struct db *db, const char *name, struct replacement *r,
                             bool *ret_found, struct err *err),
                  struct replacement *r)
{
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    bool is_found = false;
    int code = CLI_OK;

    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        act(session.db, name, r, &is_found, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else if (!is_found) {
        err_set(&err, "name_unknown", "no key in force has the name %s", name);
        code = cli_fail(cli, CLI_REFUSED, &err);
    }
    operator_session_close(&session);
    return code;
}

static int act_rotate(struct db *db, const char *name, struct replacement *r, bool *ret_found,
                      struct err *err)
{
    struct key_change done;
    int rc = cli_key_store_rotate(db, name, r->bytes, r->overlap_us, &done, err);
    *ret_found = done.is_found;
    r->has_former = done.has_former;
    return rc;
}

static void say_what_works(const struct key_options *o, const struct replacement *r,
                           const char *what, const char *name)
{
    if (o->overlap_us > 0 && !r->has_former) {
        (void)fprintf(stderr, "Within a second this %s works; there is no other beside it.\n",
                      what);
    } else if (o->overlap_us > 0) {
        char length[DURATION_TEXT_SIZE];
        (void)fprintf(stderr,
                      "Within a second the new %s works beside the old one, which ends in %s, or "
                      "with\n  troth key finish %s\n",
                      what, duration_format(o->overlap_us, length), name);
    } else {
        (void)fprintf(stderr, "Within a second the new %s works and the old one does not.\n", what);
    }
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
    struct replacement r = {.bytes = key, .overlap_us = o->overlap_us};
    int code = change(cli, o, name, act_rotate, &r);
    if (code == CLI_OK) {
        say_what_works(o, &r, "key", name);
    }
    return code;
}

static int act_finish(struct db *db, const char *name, struct replacement *r, bool *ret_found,
                      struct err *err)
{
    (void)r;
    return cli_key_store_finish(db, name, ret_found, err);
}

int cli_key_finish(const struct cli *cli, const struct key_options *o, const char *name)
{
    int code = change(cli, o, name, act_finish, NULL);
    if (code == CLI_OK) {
        (void)fprintf(stderr, "Within a second only the newest key and token of %s work.\n", name);
    }
    return code;
}

static int act_revoke(struct db *db, const char *name, struct replacement *r, bool *ret_found,
                      struct err *err)
{
    (void)r;
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

static int act_token(struct db *db, const char *name, struct replacement *r, bool *ret_found,
                     struct err *err)
{
    struct key_change done;
    int rc = cli_key_store_set_token(db, name, r->bytes, r->overlap_us, &done, err);
    *ret_found = done.is_found;
    r->has_former = done.has_former;
    return rc;
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
    (void)fprintf(stderr, "It is shown this once: only its digest is stored.\n");
}

/* A new bearer token, or none. It is printed only once it works. */
int cli_key_token(const struct cli *cli, const struct key_options *o, const char *name)
{
    char token[KEY_TOKEN_SIZE];
    uint8_t digest[PRINCIPAL_TOKEN_LEN];
    int code;

    if (o->is_taken_back) {
        return change(cli, o, name, act_token, &(struct replacement){.bytes = NULL});
    }
    key_token_make(token);
    principal_digest_token(bytes_of_text(token), digest);
    struct replacement r = {.bytes = digest, .overlap_us = o->overlap_us};
    code = change(cli, o, name, act_token, &r);
    if (code == CLI_OK) {
        print_token(cli, name, token);
    }
    if (code == CLI_OK && !cli->is_json) {
        say_what_works(o, &r, "token", name);
    }
    explicit_bzero(token, sizeof(token));
    return code;
}
