/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/runtime/db.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_key_change.h"
#include "services/cli/cli_key_store.h"
#include "services/cli/cli_table.h"
#include "services/cli/key_files.h"
#include "services/cli/master_key_file.h"
#include "services/cli/operator_session.h"

enum {
    RIGHTS_MAX = 16
};

#define USUAL_RIGHTS "records"

#define AT(field) offsetof(struct key_options, field)

static const struct cli_option options_table[] = {
    {"rights",           CLI_OPTION_TEXT, "NAME,...",
     "which of those named above, parted by commas; else records", AT(rights)},
    {"dir",        CLI_OPTION_TEXT, "DIR", "where NAME.key and NAME.pub go; else here", AT(dir)},
    {"out",        CLI_OPTION_TEXT, "FILE", "the key pair's file, instead of --dir", AT(out)},
    {"key",              CLI_OPTION_TEXT, "FILE", "with register and rotate: file with the public key", AT(key)},
    {"register",             CLI_OPTION_FLAG, NULL, "with new: register it at once", AT(is_registered)},
    {"historical",           CLI_OPTION_FLAG, NULL,
     "its records are facts only: no call is ordered because of them", AT(is_historical)},
    {"kinds",              CLI_OPTION_TEXT, "NAME,...",
     "record kinds it may send, such as contact,purchase; else all", AT(scope.kinds)},
    {"branches",            CLI_OPTION_TEXT, "CODE,...", "branches its records may name; else all",
     AT(scope.branches)},
    {"rate",           CLI_OPTION_COUNT, "N", "records a second; else unlimited", AT(scope.rate)},
    {"burst",              CLI_OPTION_COUNT, "N", "records at once; else as many as in a second",
     AT(scope.burst)},
    {"disclose",            CLI_OPTION_TEXT, "NAME,...",
     "what the right disclosure reads: phone, name, case_texts; else all", AT(scope.disclose)},
    {"overlap",           CLI_OPTION_DURATION, "TIME",
     "how long the one before works too, such as 24h; else not at all", AT(overlap_us)},
    {"none",         CLI_OPTION_FLAG, NULL, "with token: take the token back", AT(is_taken_back)},
    {"database",              CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     AT(database)},
    {"rotate", CLI_OPTION_FLAG, NULL, "with master: add a generation to the file", AT(is_rotated)},
    {.type = CLI_OPTION_END      },
};

/* ---- verbs */

/* Cuts list in place. Returns -1 with the unknown name. */
static int parse_rights(char *list, const char **rights, size_t *ret_count)
{
    size_t count = 0;
    char *name;

    while ((name = strsep(&list, ",")) != NULL) {
        if (count == RIGHTS_MAX || right_parse(name) == 0) {
            return -1;
        }
        rights[count++] = name;
    }
    *ret_count = count;
    return 0;
}

static int wrong_rights(const struct cli *cli)
{
    return cli_wrong_usage(cli, "--rights takes records, disclosure, dial, worklist, scores, "
                                "reports, events, erasure, parted by commas");
}

static bool rights_are_known(const struct key_options *o)
{
    const char *rights[RIGHTS_MAX];
    struct text list = {0};
    size_t count;
    bool are_known;

    text_append(&list, o->rights ? o->rights : USUAL_RIGHTS);
    are_known = parse_rights(list.data, rights, &count) == 0;
    text_free(&list);
    return are_known;
}

static int register_key(const struct cli *cli, const struct key_options *o, const char *name,
                        const char *public_key)
{
    struct key_registration r = {
        .name = name, .is_historical = o->is_historical, .scope = &o->scope};
    const char *rights[RIGHTS_MAX];
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    struct text list = {0};
    int64_t id = 0;
    int code = CLI_OK;

    text_append(&list, o->rights ? o->rights : USUAL_RIGHTS);
    r.rights = rights;
    if (bus_key_decode(public_key, r.key, &err) < 0 || key_scope_check(&o->scope, &err) < 0) {
        code = cli_fail(cli, CLI_USAGE, &err);
    } else if (parse_rights(list.data, rights, &r.rights_count) < 0) {
        code = wrong_rights(cli);
    } else if (operator_session_open(&session, cli, o->database, &err) < 0 ||
               cli_key_store_register(session.db, &r, &id, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else if (!cli->is_json) {
        (void)printf("registered %s with number %" PRId64 " and the rights %s\n", name, id,
                     o->rights ? o->rights : USUAL_RIGHTS);
    }
    operator_session_close(&session);
    text_free(&list);
    return code;
}

static void print_new(const struct cli *cli, const struct key_options *o, const char *name,
                      const char *pair_path, const char *public_path, const struct bus_keys *keys)
{
    if (cli->is_json) {
        json_t *json = json_pack("{s:s, s:s, s:s, s:s}", "name", name, "key_file", pair_path,
                                 "public_key_file", public_path, "public_key", keys->public_key);

        (void)json_dumpf(json, stdout, JSON_INDENT(2));
        (void)fputc('\n', stdout);
        json_decref(json);
        return;
    }
    (void)printf("key pair    %s (keep it secret)\npublic key  %s\n", pair_path, public_path);
    if (!o->is_registered) {
        (void)printf("It opens nothing yet. The operator registers the public key:\n"
                     "  troth key register %s --key %s --rights %s\n",
                     name, public_path, o->rights ? o->rights : USUAL_RIGHTS);
    }
}

static int key_new(const struct cli *cli, const struct key_options *o, const char *name)
{
    struct text pair_path = {0};
    struct text public_path = {0};
    struct err err = ERR_NONE;
    struct bus_keys keys;
    int code = CLI_OK;

    /* Before there is a file that would be in the way. */
    if (!rights_are_known(o)) {
        return wrong_rights(cli);
    }
    if (key_scope_check(&o->scope, &err) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    if (o->out) {
        text_append(&pair_path, o->out);
    } else {
        text_appendf(&pair_path, "%s/%s.key", o->dir ? o->dir : ".", name);
    }
    key_files_public_path(pair_path.data, &public_path);
    if (key_files_make(pair_path.data, public_path.data, &keys, &err) < 0) {
        code = cli_fail(cli, CLI_USAGE, &err);
        if (access(pair_path.data, F_OK) == 0) {
            (void)fprintf(stderr,
                          "To register the key that is there: troth key register %s --key %s\n",
                          name, pair_path.data);
        }
    } else {
        print_new(cli, o, name, pair_path.data, public_path.data, &keys);
        if (o->is_registered) {
            code = register_key(cli, o, name, keys.public_key);
        }
    }
    explicit_bzero(&keys, sizeof(keys));
    text_free(&pair_path);
    text_free(&public_path);
    return code;
}

static int key_register(const struct cli *cli, const struct key_options *o, const char *name)
{
    char public_key[BUS_KEY_TEXT_SIZE];
    struct err err = ERR_NONE;

    if (!o->key) {
        return cli_wrong_usage(cli, "name the file with the public key: --key FILE");
    }
    if (bus_public_key_read(o->key, public_key, &err) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    return register_key(cli, o, name, public_key);
}

/* ---- list */

struct listing {
    struct cli_table table;
    json_t *json; /* NULL: for people */
};

static void add_json(json_t *list, const struct key_row *row, const char *key, bool is_revoked)
{
    json_array_append_new(
        list,
        json_pack("{s:I, s:s, s:s, s:s, s:b, s:b, s:s?, s:s?, s:s?, s:I, s:I, s:b, s:b, s:b}", "id",
                  (json_int_t)row->id, "name", row->name, "public_key", key, "rights", row->rights,
                  "is_historical", row->is_historical, "is_revoked", is_revoked, "record_kinds",
                  row->scope.kinds, "branches", row->scope.branches, "disclosure_kinds",
                  row->scope.disclose, "rate_per_second", (json_int_t)row->scope.rate, "burst",
                  (json_int_t)row->scope.burst, "has_token", row->has_token, "has_former_key",
                  row->former_key_us != DB_NO_TIME, "has_former_token",
                  row->former_token_us != DB_NO_TIME));
}

static void add_listed(void *ctx, const struct key_row *row)
{
    struct listing *l = ctx;
    const bool is_revoked = row->revoked_us != DB_NO_TIME;
    char key[BUS_KEY_TEXT_SIZE] = "";
    char text[CLI_NAME_SIZE];
    struct text scope = {0};

    if (row->key.len == PRINCIPAL_KEY_LEN) {
        key_text(row->key.data, key);
    }
    if (l->json) {
        add_json(l->json, row, key, is_revoked);
        return;
    }
    cli_table_add(&l->table, "%" PRId64, row->id);
    cli_table_add(&l->table, "%s", row->name);
    cli_table_add(&l->table, "%s%s", is_revoked ? "revoked" : row->rights,
                  row->is_historical ? " (historical)" : "");
    key_scope_describe(&row->scope, &scope);
    cli_table_add(&l->table, "%s%s%s%s", text_or_empty(&scope), row->has_token ? "; token" : "",
                  row->former_key_us != DB_NO_TIME ? "; old key too" : "",
                  row->former_token_us != DB_NO_TIME ? "; old token too" : "");
    text_free(&scope);
    cli_table_add(&l->table, "%s", cli_time_text(true, row->created_us, text));
    cli_table_add(&l->table, "%s", key);
}

static int key_list(const struct cli *cli, const struct key_options *o)
{
    static const char *const titles[] = {">ID", "NAME", "RIGHTS", "REACH", "SINCE", "PUBLIC KEY"};
    struct listing l = {
        .table = {.titles = titles, .count = 6},
          .json = cli->is_json ? json_array() : NULL
    };
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    int code = CLI_OK;

    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        cli_key_store_list(session.db, add_listed, &l, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else if (l.json) {
        (void)json_dumpf(l.json, stdout, JSON_INDENT(2));
        (void)fputc('\n', stdout);
    } else {
        cli_table_print(&l.table, stdout);
    }
    json_decref(l.json);
    operator_session_close(&session);
    return code;
}

/* ---- master */

static int key_master(const struct cli *cli, const struct key_options *o, const char *path)
{
    struct err err = ERR_NONE;
    int generation = 1;

    if ((o->is_rotated ? master_key_file_rotate(path, &generation, &err)
                       : master_key_file_make(path, &err)) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    if (cli->is_json) {
        (void)printf("{\"generation\": %d}\n", generation);
    } else if (o->is_rotated) {
        (void)printf(
            "%s has generation %d now. Bring it to every intake, send each SIGHUP, then run\n"
            "  troth-intake --config FILE --job rewrap-keys\n"
            "It says which older generations may be taken out of the file.\n",
            path, generation);
    } else {
        (void)printf("%s (keep it secret, and a copy of it apart from the backups)\n", path);
    }
    return CLI_OK;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    static const struct {
        const char *verb;
        int (*run)(const struct cli *cli, const struct key_options *o, const char *name);
    } verbs[] = {
        {"new",      key_new       },
        {"register", key_register  },
        {"rotate",   cli_key_rotate},
        {"finish",   cli_key_finish},
        {"revoke",   cli_key_revoke},
        {"token",    cli_key_token }
    };

    if (count == 1 && strcmp(arguments[0], "list") == 0) {
        return key_list(cli, options);
    }
    if (count == 2 && strcmp(arguments[0], "master") == 0) {
        return key_master(cli, options, arguments[1]);
    }
    for (size_t i = 0; count == 2 && i < ARRAY_LEN(verbs); i++) {
        if (strcmp(arguments[0], verbs[i].verb) == 0) {
            return key_name_is_valid(arguments[1])
                       ? verbs[i].run(cli, options, arguments[1])
                       : cli_wrong_usage(cli, "a name is made of a-z, 0-9, '_', '.', '-', and "
                                              "begins with a letter or digit");
        }
    }
    return cli_wrong_usage(cli, "new NAME, register NAME, rotate NAME, finish NAME, revoke NAME, "
                                "token NAME, list or master FILE?");
}

const struct cli_command cli_key = {
    .name = "key",
    .summary = "make, register, limit, list and revoke keys and tokens",
    .usage = "new NAME [--rights NAME,...] [--dir DIR] [--register]\n"
             "register NAME --key FILE [RIGHTS AND LIMITS]\n"
             "rotate NAME --key FILE [--overlap TIME]\n"
             "token NAME [--none | --overlap TIME]\n"
             "finish NAME\n"
             "list\n"
             "revoke NAME\n"
             "master FILE [--rotate]",
    .description =
        "Everybody who talks to Troth is known by a CURVE key: sources, our own services, "
        "dialers,\n"
        "people at this command line. 'new' makes NAME.key (secret, mode 0600) and NAME.pub, and\n"
        "needs no database unless --register is given. Rights are records, disclosure, dial, "
        "worklist,\n"
        "scores, reports, events and erasure. 'register' lets a public key in with its\n"
        "rights and limits, or replaces all of these for a name that is there; 'rotate' replaces\n"
        "the key alone. 'token' makes the bearer token with which the name may use the HTTP door,\n"
        "and prints it once. Both end the one before, at once or, so that nobody is ever locked\n"
        "out, after --overlap; 'finish' ends that time, and so does another change: two work at\n"
        "most. 'revoke' locks key and token out, on open connections too. Services that run\n"
        "follow within a second.\n"
        "'master' makes the file with the keys that seal personal data, or adds a generation to "
        "it.",
    .examples =
        "troth key new garage --dir keys --rights records --register\n"
        "troth key register web-shop --key web-shop.pub --kinds contact,purchase --rate 50\n"
        "troth key token web-shop\n"
        "troth key rotate web-shop --key web-shop-2027.pub --overlap 24h\n"
        "troth key list\n",
    .options = options_table,
    .options_size = sizeof(struct key_options),
    .run = run,
};
