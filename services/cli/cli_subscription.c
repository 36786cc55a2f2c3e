/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/web_client.h"
#include "common/runtime/webhook_sign.h"
#include "event.pb-c.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/key_files.h"
#include "services/cli/operator_session.h"
#include "services/cli/subscription_history_store.h"
#include "services/cli/subscription_store.h"

enum {
    SHOWN_MAX = 100
};

struct subscription_options {
    const char *kinds, *branches, *teams, *url, *mail, *database;
    int64_t from_us, to_us, limit, overlap_us;
    bool is_all, has_history;
};

#define AT(field) offsetof(struct subscription_options, field)

/* The formatter would push the columns far apart. */
/* clang-format off */
static const struct cli_option options_table[] = {
    {"url", CLI_OPTION_TEXT, "URL", "with add: signed webhooks go there", AT(url)},
    {"mail", CLI_OPTION_TEXT, "ADDRESS", "with add: mails go there", AT(mail)},
    {"kinds", CLI_OPTION_TEXT, "NAME,...",
     "with add: events, such as promise_step_taken,case_opened; else all", AT(kinds)},
    {"branches", CLI_OPTION_TEXT, "CODE,...", "with add: of these branches; else all", AT(branches)},
    {"teams", CLI_OPTION_TEXT, "NAME,...",
     "with add: for these teams or roles; else all", AT(teams)},
    {"from", CLI_OPTION_INSTANT, "TIME", "with replay: recorded since then; else since ever", AT(from_us)},
    {"to", CLI_OPTION_INSTANT, "TIME", "with replay: recorded before then; else until now", AT(to_us)},
    {"all", CLI_OPTION_FLAG, NULL, "with replay: also what was delivered", AT(is_all)},
    {"history", CLI_OPTION_FLAG, NULL,
     "with replay: also what it was never told, or is no longer kept", AT(has_history)},
    {"overlap", CLI_OPTION_DURATION, "TIME",
     "with rotate: how long the old secret signs too; else not at all",
     AT(overlap_us)},
    {"limit", CLI_OPTION_COUNT, "N", "with dead: rows at most; else 100", AT(limit)},
    {"database", CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     AT(database)},
    {.type = CLI_OPTION_END},
};
/* clang-format on */

static void print_json(json_t *json)
{
    cli_put_json(json, stdout);
}

/* ---- add */

/* The name of a kind that is none; NULL: all are. The caller frees it. */
static char *find_unknown_kind(const char *kinds)
{
    char *copy = xstrdup(kinds);
    char *unknown = NULL;
    for (char *rest = copy; rest && !unknown;) {
        const char *kind = strsep(&rest, ",");
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(&troth__v1__event__descriptor, kind);
        if (!field || field->type != PROTOBUF_C_TYPE_MESSAGE) {
            unknown = xstrdup(kind);
        }
    }
    free(copy);
    return unknown;
}

static int check_terms(const struct cli *cli, const struct subscription_options *o)
{
    char *unknown = o->kinds ? find_unknown_kind(o->kinds) : NULL;
    if (unknown) {
        int code = cli_wrong_usage(cli,
                                   "there is no kind of event \"%s\": proto/event.proto lists "
                                   "them",
                                   unknown);
        free(unknown);
        return code;
    }
    if (!o->url == !o->mail) {
        return cli_wrong_usage(cli, "either --url or --mail says where to");
    }
    if (o->url && !web_url_is_valid(o->url)) {
        return cli_wrong_usage(cli, "--url takes http:// or https://, without user and fragment");
    }
    if (o->mail && !web_address_is_valid(o->mail)) {
        return cli_wrong_usage(cli, "--mail takes a bare address");
    }
    return CLI_OK;
}

static void print_added(const struct cli *cli, const char *name, const char *secret)
{
    if (cli->is_json) {
        print_json(json_pack("{s:s, s:s?}", "name", name, "secret", secret));
    } else if (secret) {
        (void)printf("added %s\nsecret  %s\n"
                     "It signs every webhook and is shown only now. Give it to the receiver.\n",
                     name, secret);
    } else {
        (void)printf("added %s\n", name);
    }
}

static int add(const struct cli *cli, const struct subscription_options *o, struct db *db,
               const char *name, struct err *err)
{
    char secret[WEBHOOK_SECRET_TEXT_SIZE] = "";
    bool is_new = false;
    if (o->url) {
        webhook_secret_new(secret);
    }
    const struct subscription_terms terms = {
        .name = name,
        .kinds = o->kinds,
        .branches = o->branches,
        .teams = o->teams,
        .url = o->url,
        .mail = o->mail,
        .secret = o->url ? secret : NULL,
    };
    if (subscription_store_add(db, &terms, &is_new, err) < 0) {
        return -1;
    }
    if (!is_new) {
        (void)err_set(err, "name_taken", "there is a subscription %s already", name);
        return cli_fail(cli, CLI_REFUSED, err);
    }
    print_added(cli, name, terms.secret);
    explicit_bzero(secret, sizeof(secret));
    return CLI_OK;
}

static int refuse_unknown(const struct cli *cli, const char *name, struct err *err)
{
    (void)err_set(err, "subscription_unknown", "there is no subscription %s", name);
    return cli_fail(cli, CLI_REFUSED, err);
}

/* ---- a new secret */

static void print_rotated(const struct cli *cli, const struct subscription_options *o,
                          const char *name, const char *secret)
{
    char length[DURATION_TEXT_SIZE];
    if (cli->is_json) {
        print_json(json_pack("{s:s, s:s}", "name", name, "secret", secret));
    } else if (o->overlap_us > 0) {
        (void)printf("secret  %s\n"
                     "It is shown only now. Every webhook has two signatures from now on, one by "
                     "this and\none by the old secret, which ends in %s, or with\n"
                     "  troth subscription finish %s\n",
                     secret, duration_format(o->overlap_us, length), name);
    } else {
        (void)printf("secret  %s\nIt is shown only now. The old one signs nothing more.\n", secret);
    }
}

static int rotate(const struct cli *cli, const struct subscription_options *o, struct db *db,
                  const char *name, struct err *err)
{
    char secret[WEBHOOK_SECRET_TEXT_SIZE];
    bool is_found = false;
    webhook_secret_new(secret);
    int code = subscription_store_rotate(db, name, secret, o->overlap_us, &is_found, err);
    if (code == 0 && is_found) {
        print_rotated(cli, o, name, secret);
    }
    explicit_bzero(secret, sizeof(secret));
    return code < 0 ? -1 : is_found ? CLI_OK : refuse_unknown(cli, name, err);
}

static int finish(const struct cli *cli, const struct subscription_options *o, struct db *db,
                  const char *name, struct err *err)
{
    bool is_found = false;
    (void)o;
    if (subscription_store_finish(db, name, &is_found, err) < 0) {
        return -1;
    }
    if (!is_found) {
        return refuse_unknown(cli, name, err);
    }
    if (!cli->is_json) {
        (void)printf("only the newest secret of %s signs\n", name);
    }
    return CLI_OK;
}

/* ---- the rest */

static int end(const struct cli *cli, const struct subscription_options *o, struct db *db,
               const char *name, struct err *err)
{
    bool is_found = false;
    (void)o;
    if (subscription_store_end(db, name, &is_found, err) < 0) {
        return -1;
    }
    if (!is_found) {
        return refuse_unknown(cli, name, err);
    }
    if (!cli->is_json) {
        (void)printf("removed %s; what waited for it is in its list of the dead\n", name);
    }
    return CLI_OK;
}

static int check_range(const struct cli *cli, const struct subscription_options *o)
{
    /* A new receiver would drown in years by mistake. */
    return o->has_history && !o->from_us ? cli_wrong_usage(cli, "--history needs --from") : CLI_OK;
}

static int replay(const struct cli *cli, const struct subscription_options *o, struct db *db,
                  const char *name, struct err *err)
{
    const struct subscription_range range = {
        .from_us = o->from_us ? o->from_us : DB_NO_TIME,
        .to_us = o->to_us ? o->to_us : DB_NO_TIME,
        .is_all = o->is_all,
    };
    int64_t count = 0, more = 0;
    if (subscription_store_replay(db, name, &range, &count, err) < 0) {
        return -1;
    }
    if (count < 0) {
        return refuse_unknown(cli, name, err);
    }
    if (o->has_history && subscription_history_store_tell(db, name, &range, &more, err) < 0) {
        return -1;
    }
    count += more > 0 ? more : 0;
    if (cli->is_json) {
        print_json(json_pack("{s:I}", "replayed", (json_int_t)count));
    } else {
        (void)printf("%" PRId64 " events are told to %s\n", count, name);
    }
    return CLI_OK;
}

static void put_list(const struct db_rows *rows, struct cli_table *table, json_t *json)
{
    char since[CLI_NAME_SIZE];
    for (size_t i = 0; i < db_row_count(rows); i++) {
        if (json) {
            json_array_append_new(
                json,
                json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:b}", "name",
                          db_get_text(rows, i, 0), "kinds", db_get_text(rows, i, 1), "branches",
                          db_get_text(rows, i, 2), "teams", db_get_text(rows, i, 3), "to",
                          db_get_text(rows, i, 4), "waiting", (json_int_t)db_get_int(rows, i, 6),
                          "delivered", (json_int_t)db_get_int(rows, i, 7), "dead",
                          (json_int_t)db_get_int(rows, i, 8), "has_old_secret",
                          !db_is_null(rows, i, 9)));
            continue;
        }
        cli_table_add(table, "%s%s", db_get_text(rows, i, 0),
                      db_is_null(rows, i, 9) ? "" : " (old secret too)");
        for (int column = 1; column < 5; column++) {
            cli_table_add(table, "%s", cli_text(db_get_text(rows, i, column)));
        }
        cli_table_add(table, "%s", cli_time_text(true, db_get_time(rows, i, 5), since));
        for (int column = 6; column < 9; column++) {
            cli_table_add(table, "%" PRId64, db_get_int(rows, i, column));
        }
    }
}

static void put_dead(const struct db_rows *rows, struct cli_table *table, json_t *json)
{
    char at[CLI_NAME_SIZE], died[CLI_NAME_SIZE];
    for (size_t i = 0; i < db_row_count(rows); i++) {
        (void)cli_time_text(true, db_get_time(rows, i, 3), at);
        (void)cli_time_text(true, db_get_time(rows, i, 7), died);
        if (json) {
            json_array_append_new(json,
                                  json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s}", "name",
                                            db_get_text(rows, i, 0), "id", db_get_text(rows, i, 1),
                                            "kind", db_get_text(rows, i, 2), "at", at, "attempts",
                                            (json_int_t)db_get_int(rows, i, 4), "status",
                                            (json_int_t)db_get_int(rows, i, 5), "code",
                                            db_get_text(rows, i, 6), "died", died));
            continue;
        }
        for (int column = 0; column < 3; column++) {
            cli_table_add(table, "%s", db_get_text(rows, i, column));
        }
        cli_table_add(table, "%s", at);
        cli_table_add(table, "%" PRId64, db_get_int(rows, i, 4));
        cli_table_add(table, "%" PRId64, db_get_int(rows, i, 5));
        cli_table_add(table, "%s", db_get_text(rows, i, 6));
        cli_table_add(table, "%s", died);
    }
}

static int list(const struct cli *cli, const struct subscription_options *o, struct db *db,
                const char *name, struct err *err)
{
    static const char *const titles[] = {"NAME",  "KINDS",    "BRANCHES",   "TEAMS", "TO",
                                         "SINCE", ">WAITING", ">DELIVERED", ">DEAD"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    (void)o;
    (void)name;
    const struct db_rows *rows = subscription_store_list(db, err);
    if (!rows) {
        return -1;
    }
    json_t *json = cli->is_json ? json_array() : NULL;
    put_list(rows, &table, json);
    if (json) {
        print_json(json);
    } else {
        cli_table_print(&table, stdout);
    }
    return CLI_OK;
}

static int dead(const struct cli *cli, const struct subscription_options *o, struct db *db,
                const char *name, struct err *err)
{
    static const char *const titles[] = {"NAME",      "ID",      "KIND", "RECORDED",
                                         ">ATTEMPTS", ">STATUS", "CODE", "DIED"};
    struct cli_table table = {.titles = titles, .count = ARRAY_LEN(titles)};
    const struct db_rows *rows =
        subscription_store_dead(db, name, o->limit > 0 ? o->limit : SHOWN_MAX, err);
    if (!rows) {
        return -1;
    }
    json_t *json = cli->is_json ? json_array() : NULL;
    put_dead(rows, &table, json);
    if (json) {
        print_json(json);
    } else {
        cli_table_print(&table, stdout);
    }
    return CLI_OK;
}

/* ---- the command */

static const struct verb {
    const char *name;
    int min, max; /* arguments after it */
    /* An enum cli_exit, or -1 with err when the database did not answer. */
    int (*run)(const struct cli *cli, const struct subscription_options *o, struct db *db,
               const char *name, struct err *err);
} verbs[] = {
    {"add",    1, 1, add   },
    {"rotate", 1, 1, rotate},
    {"finish", 1, 1, finish},
    {"remove", 1, 1, end   },
    {"replay", 1, 1, replay},
    {"list",   0, 0, list  },
    {"dead",   0, 1, dead  },
};

static const struct verb *find_verb(int count, char **arguments)
{
    for (size_t i = 0; count > 0 && i < ARRAY_LEN(verbs); i++) {
        if (strcmp(arguments[0], verbs[i].name) == 0 && count - 1 >= verbs[i].min &&
            count - 1 <= verbs[i].max) {
            return &verbs[i];
        }
    }
    return NULL;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct subscription_options *o = options;
    const struct verb *verb = find_verb(count, arguments);
    const char *name = verb && count > 1 ? arguments[1] : NULL;
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    if (!verb) {
        return cli_wrong_usage(
            cli, "add NAME, rotate NAME, finish NAME, remove NAME, replay NAME, list or "
                 "dead [NAME]?");
    }
    if (name && !key_name_is_valid(name)) {
        return cli_wrong_usage(cli, "a name is made of a-z, 0-9, '_', '.', '-', and begins with a "
                                    "letter or digit");
    }
    int code = verb->run == add      ? check_terms(cli, o)
               : verb->run == replay ? check_range(cli, o)
                                     : CLI_OK;
    if (code != CLI_OK) {
        return code;
    }
    if (operator_session_open(&session, cli, o->database, &err) < 0) {
        code = -1;
    } else {
        code = verb->run(cli, o, session.db, name, &err);
    }
    if (code < 0) {
        code = operator_session_failed(cli, &session, &err);
    }
    operator_session_close(&session);
    return code;
}

const struct cli_command cli_subscription = {
    .name = "subscription",
    .summary = "tell teams and systems what happens, by signed webhooks or mail",
    .usage = "add NAME --url URL|--mail ADDRESS [OPTIONS]\n"
             "rotate NAME [--overlap TIME]\n"
             "finish NAME\n"
             "remove NAME\n"
             "list\n"
             "dead [NAME]\n"
             "replay NAME [--from TIME] [--to TIME] [--all] [--history]",
    .description =
        "The follow-up scheduler tells each event that is recorded from now on to the\n"
        "subscriptions that want it. Nothing personal is in it, only numbers to look up.\n"
        "A step of a standard's escalation goes to the teams it names; other events to the team\n"
        "that owns the case. 'add' prints the secret that signs the webhooks, once.\n"
        "'rotate' makes a new one: with --overlap each webhook has two signatures for that time,\n"
        "so that the receiver may take the new one when it suits; 'finish' ends the old one.\n"
        "A receiver that does not answer with 2xx is tried again for days, with longer and longer\n"
        "waits; then the event is in the list of the dead. 'replay' tells those again, with\n"
        "the ids they had; --all also tells again what was delivered and is still kept, and\n"
        "--history what the log has of that time: from before there was the subscription, or\n"
        "delivered and no longer kept.",
    .examples = "troth subscription add board --mail board@example.com --kinds promise_step_taken "
                "--teams director\n"
                "troth subscription add crm --url https://crm.example.com/troth\n"
                "troth subscription rotate crm --overlap 24h\n"
                "troth subscription dead crm\n"
                "troth subscription replay crm --from 2026-11-20\n",
    .options = options_table,
    .options_size = sizeof(struct subscription_options),
    .run = run,
};
