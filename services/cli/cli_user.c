/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/cli_user_password.h"
#include "services/cli/cli_user_store.h"
#include "services/cli/operator_session.h"

struct user_options {
    const char *role, *staff, *language, *database;
    bool is_proxied;
};

#define AT(field) offsetof(struct user_options, field)

static const struct cli_option options_table[] = {
    {"role",     CLI_OPTION_TEXT, "ROLE", "viewer, agent, manager or admin", AT(role)},
    {"staff",    CLI_OPTION_TEXT, "CODE", "who it is at the worklist; else nobody", AT(staff)},
    {"language",  CLI_OPTION_TEXT, "LANGUAGE", "en or zh-Hans; else the browser's", AT(language)},
    {"no-password",    CLI_OPTION_FLAG, NULL, "with add: comes by a trusted proxy alone",
     AT(is_proxied)},
    {"database",    CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     AT(database)},
    {.type = CLI_OPTION_END},
};

/* What is done to one account. */
typedef int user_act_fn(struct db *db, const struct cli_user *user, enum cli_user_done *ret_done,
                        struct err *err);

struct user_deed {
    user_act_fn *act;
    const char *not_done; /* code */
    const char *text;
    const char *said; /* afterwards */
};

static int act(const struct cli *cli, const struct user_options *o, const struct cli_user *user,
               const struct user_deed *deed)
{
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    enum cli_user_done done = CLI_USER_NAME;
    int code = CLI_OK;
    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        deed->act(session.db, user, &done, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else if (done == CLI_USER_LAST_ADMIN) {
        err_set(&err, "last_admin",
                "nobody would be left to keep accounts: make another admin first");
        code = cli_fail(cli, CLI_REFUSED, &err);
    } else if (done == CLI_USER_NAME) {
        err_set(&err, deed->not_done, "%s %s", deed->text, user->name);
        code = cli_fail(cli, CLI_REFUSED, &err);
    } else {
        (void)fprintf(stderr, "%s\n", deed->said);
    }
    operator_session_close(&session);
    return code;
}

/* ---- add */

static int check(const struct user_options *o, struct cli_user *user, struct err *err)
{
    user->role = user_role_parse(o->role ? o->role : "");
    user->staff = o->staff ? o->staff : "";
    user->language = o->language ? o->language : "";
    if (!user->role) {
        return err_set_field(err, "role_invalid", "role",
                             "--role takes viewer, agent, manager or admin");
    }
    return user_staff_check(user->staff, err) < 0 ? -1 : user_language_check(user->language, err);
}

static int user_add(const struct cli *cli, const struct user_options *o, const char *name)
{
    static const struct user_deed deed = {
        cli_user_store_add,
        "name_taken",
        "there is an account of the name",
        "Added. Who has it may log in at once.",
    };
    struct cli_user user = {.name = name, .now_us = instant_now_us()};
    char hash[USER_HASH_SIZE];
    struct err err = ERR_NONE;
    if (check(o, &user, &err) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    if (!o->is_proxied) {
        if (cli_user_password_hash(name, hash, &err) < 0) {
            return cli_fail(cli, CLI_USAGE, &err);
        }
        user.hash = hash;
    }
    return act(cli, o, &user, &deed);
}

/* ---- set */

static int check_set(const struct user_options *o, struct cli_user *user, struct err *err)
{
    user->role = (int16_t)(o->role ? user_role_parse(o->role) : 0);
    user->staff = o->staff;
    user->language = o->language;
    if (o->role && !user->role) {
        return err_set_field(err, "role_invalid", "role",
                             "--role takes viewer, agent, manager or admin");
    }
    if (!o->role && !o->staff && !o->language) {
        return err_set(err, "usage", "set takes --role, --staff or --language");
    }
    if (o->staff && user_staff_check(o->staff, err) < 0) {
        return -1;
    }
    return o->language ? user_language_check(o->language, err) : 0;
}

static int user_set(const struct cli *cli, const struct user_options *o, const char *name)
{
    static const struct user_deed deed = {
        cli_user_store_set,
        "user_unknown",
        "there is no account of the name",
        "Changed. It holds from the next request on.",
    };
    struct cli_user user = {.name = name, .now_us = instant_now_us()};
    struct err err = ERR_NONE;
    return check_set(o, &user, &err) < 0 ? cli_fail(cli, CLI_USAGE, &err)
                                         : act(cli, o, &user, &deed);
}

/* ---- password */

static int user_password(const struct cli *cli, const struct user_options *o, const char *name)
{
    static const struct user_deed deed = {
        cli_user_store_set_password,
        "user_unknown",
        "there is no account of the name",
        "Changed. The sessions of the account are over.",
    };
    struct cli_user user = {.name = name};
    char hash[USER_HASH_SIZE];
    struct err err = ERR_NONE;
    if (cli_user_password_hash(name, hash, &err) < 0) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    user.hash = hash;
    user.now_us = instant_now_us();
    return act(cli, o, &user, &deed);
}

/* ---- disable, enable */

static int act_disable(struct db *db, const struct cli_user *user, enum cli_user_done *ret_done,
                       struct err *err)
{
    return cli_user_store_set_disabled(db, user, true, ret_done, err);
}

static int act_enable(struct db *db, const struct cli_user *user, enum cli_user_done *ret_done,
                      struct err *err)
{
    return cli_user_store_set_disabled(db, user, false, ret_done, err);
}

static int user_disable(const struct cli *cli, const struct user_options *o, const char *name)
{
    static const struct user_deed deed = {
        act_disable,
        "user_unknown",
        "there is no account of the name",
        "Disabled. The sessions of the account are over.",
    };
    const struct cli_user user = {.name = name, .now_us = instant_now_us()};
    return act(cli, o, &user, &deed);
}

static int user_enable(const struct cli *cli, const struct user_options *o, const char *name)
{
    static const struct user_deed deed = {
        act_enable,
        "user_unknown",
        "there is no account of the name",
        "Enabled, with the password it had.",
    };
    const struct cli_user user = {.name = name, .now_us = instant_now_us()};
    return act(cli, o, &user, &deed);
}

/* ---- list */

struct listing {
    struct cli_table table;
    json_t *json; /* NULL: for people */
};

static void add_listed(void *ctx, const struct cli_user_row *row)
{
    struct listing *l = ctx;
    bool is_disabled = row->disabled_us != DB_NO_TIME;
    const char *role = user_role_name(row->role);
    char text[CLI_NAME_SIZE];
    if (l->json) {
        (void)json_array_append_new(
            l->json, json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "name", row->name, "role", role,
                               "staff", row->staff, "language", row->language, "has_password",
                               row->has_password, "is_disabled", is_disabled));
        return;
    }
    cli_table_add(&l->table, "%s", row->name);
    cli_table_add(&l->table, "%s", role ? role : "-");
    cli_table_add(&l->table, "%s", cli_text(*row->staff ? row->staff : NULL));
    cli_table_add(&l->table, "%s", cli_text(*row->language ? row->language : NULL));
    cli_table_add(&l->table, "%s", row->has_password ? "password" : "proxy");
    cli_table_add(&l->table, "%s", cli_time_text(true, row->created_us, text));
    cli_table_add(&l->table, "%s", cli_time_text(is_disabled, row->disabled_us, text));
}

static int user_list(const struct cli *cli, const struct user_options *o)
{
    static const char *const titles[] = {"NAME",       "ROLE",  "STAFF",   "LANGUAGE",
                                         "LOGS IN BY", "SINCE", "DISABLED"};
    struct listing l = {
        .table = {.titles = titles, .count = ARRAY_LEN(titles)}
    };
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    int code = CLI_OK;
    l.json = cli->is_json ? json_array() : NULL;
    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        cli_user_store_list(session.db, add_listed, &l, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
        json_decref(l.json);
    } else if (l.json) {
        cli_put_json(l.json, stdout);
    } else {
        cli_table_print(&l.table, stdout);
    }
    operator_session_close(&session);
    return code;
}

/* ---- the command */

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    static const struct {
        const char *verb;
        int (*run)(const struct cli *cli, const struct user_options *o, const char *name);
    } verbs[] = {
        {"add",      user_add     },
        {"set",      user_set     },
        {"password", user_password},
        {"disable",  user_disable },
        {"enable",   user_enable  },
    };
    struct err err = ERR_NONE;
    if (count == 1 && strcmp(arguments[0], "list") == 0) {
        return user_list(cli, options);
    }
    for (size_t i = 0; count == 2 && i < ARRAY_LEN(verbs); i++) {
        if (strcmp(arguments[0], verbs[i].verb) == 0) {
            return user_name_check(arguments[1], &err) < 0
                       ? cli_wrong_usage(cli, "a name: %s", err.text)
                       : verbs[i].run(cli, options, arguments[1]);
        }
    }
    return cli_wrong_usage(cli,
                           "add NAME, set NAME, password NAME, disable NAME, enable NAME or list?");
}

const struct cli_command cli_user = {
    .name = "user",
    .summary = "who may log in to the dashboard",
    .usage = "add NAME --role ROLE [--staff CODE] [--language LANGUAGE] [--no-password]\n"
             "set NAME [--role ROLE] [--staff CODE] [--language LANGUAGE]\n"
             "password NAME\n"
             "disable NAME\n"
             "enable NAME\n"
             "list",
    .description =
        "An account has a role: a viewer sees figures and cases without personal data; an agent\n"
        "works the worklist, too, and sees texts and numbers, each view of which is written down;\n"
        "a manager keeps improvements and links for customers; an admin keeps accounts. The\n"
        "password is asked for, or is the first line of standard input when that is no terminal.\n"
        "'password' and 'disable' end the sessions of the account. The last admin stays one.",
    .examples = "troth user add mei --role admin\n"
                "troth user add li.wei --role agent --staff w3 --language zh-Hans\n"
                "troth user set li.wei --staff w4\n"
                "troth user list\n",
    .options = options_table,
    .options_size = sizeof(struct user_options),
    .run = run,
};
