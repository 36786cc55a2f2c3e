/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/operator_session.h"
#include "services/cli/triage_file.h"
#include "services/cli/triage_learn.h"
#include "services/cli/triage_report.h"
#include "services/cli/triage_store.h"

enum {
    USUAL_ROWS = 100
};

#define AT(field) offsetof(struct triage_options, field)

static const struct cli_option options_table[] = {
    {"text",     CLI_OPTION_TEXT, "COLUMN", "with train and test: the column of the texts", AT(text)},
    {"label",  CLI_OPTION_TEXT, "COLUMN", "with train and test: the column of the labels",
     AT(label)},
    {"out",  CLI_OPTION_TEXT, "MODEL", "with train: the file to write", AT(out)},
    {"held-out",    CLI_OPTION_TEXT, "COLUMN",
     "with train and test: the column of what is told, not learned; see above", AT(held_out)},
    {"purpose",  CLI_OPTION_TEXT, "NAME", "with train: category or mood; else category",
     AT(purpose)},
    {"target",  CLI_OPTION_COUNT, "PERCENT",
     "with train: that many of those over the threshold shall be right; else 96", AT(target)},
    {"seed",      CLI_OPTION_COUNT, "N", "with train: which examples are held back together", AT(seed)},
    {"say",   CLI_OPTION_TEXT, "TEXT", "with show: what the model tells of this text", AT(say)},
    {"rows",   CLI_OPTION_COUNT, "N", "with list: at most so many cases; else 100", AT(rows)},
    {"database", CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     AT(database)},
    {.type = CLI_OPTION_END },
};

/* ---- show */

struct showing {
    const struct triage_options *options;
    json_t *json; /* NULL: for people */
    size_t count;
    struct err err;
};

static void show_model(struct showing *s, const struct triage_model *m, const char *report)
{
    const char *say = s->options->say;
    if (s->json) {
        json_t *json = triage_report_model(m);
        if (say) {
            json_object_set_new(json, "told", triage_report_told(m, say));
        }
        json_array_append_new(s->json, json);
    } else {
        (void)fputs(s->count > 0 ? "\n" : "", stdout);
        triage_report_print_model(m);
        if (!text_is_empty(report)) {
            (void)printf("\nwhen it was put in force\n%s", report);
        }
        if (say) {
            triage_report_print_told(m, say);
        }
    }
    s->count++;
}

static void show_stored(void *ctx, const struct triage_stored_model *row)
{
    struct showing *s = ctx;
    struct triage_model *m = triage_model_read(row->file, &s->err);
    if (m) {
        show_model(s, m, row->report);
    }
    triage_model_free(m);
}

static int show_in_force(const struct cli *cli, struct showing *s)
{
    struct operator_session session = {.db = NULL};
    int code = CLI_OK;
    if (operator_session_open(&session, cli, s->options->database, &s->err) < 0 ||
        triage_store_in_force(session.db, show_stored, s, &s->err) < 0 || s->err.code[0]) {
        code = operator_session_failed(cli, &session, &s->err);
    } else if (s->count == 0 && !s->json) {
        (void)puts("no model is in force: the words of the standard tell the category, or nobody");
    }
    operator_session_close(&session);
    return code;
}

static int triage_show(const struct cli *cli, const struct triage_options *o, char **paths)
{
    struct showing s = {.options = o, .json = cli->is_json ? json_array() : NULL};
    int code = CLI_OK;
    if (paths[0]) {
        struct triage_model *m = triage_file_load(paths[0], NULL, &s.err);
        if (m) {
            show_model(&s, m, NULL);
        } else {
            code = cli_fail(cli, CLI_USAGE, &s.err);
        }
        triage_model_free(m);
    } else {
        code = show_in_force(cli, &s);
    }
    if (s.json && code == CLI_OK) {
        triage_report_print(json_incref(s.json));
    }
    json_decref(s.json);
    return code;
}

/* ---- install */

static int triage_install(const struct cli *cli, const struct triage_options *o, char **paths)
{
    struct operator_session session = {.db = NULL};
    struct buffer file = {0};
    struct err err = ERR_NONE;
    int32_t id = 0;
    if (!paths[0] || paths[1]) {
        return cli_wrong_usage(cli, "give one model");
    }
    struct triage_model *m = triage_file_load(paths[0], &file, &err);
    if (!m) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    int code = CLI_OK;
    const struct bytes bytes = {.data = file.data, .len = file.len};
    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        triage_store_install(session.db, m, bytes, &id, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else if (cli->is_json) {
        triage_report_print(json_pack("{s:i, s:s}", "id", (int)id, "hash", triage_model_hash(m)));
    } else {
        (void)printf("in force: %s model %s, number %" PRId32 "\n",
                     triage_purpose_name(triage_model_facts(m)->purpose), triage_model_hash(m), id);
    }
    operator_session_close(&session);
    triage_model_free(m);
    buffer_free(&file);
    return code;
}

/* ---- list */

struct listing {
    struct cli_table table;
    json_t *json; /* NULL: for people */
    int64_t in_all, listed;
};

static void list_case(void *ctx, const struct triage_undecided *row)
{
    struct listing *l = ctx;
    char number[IDENTIFIER_TEXT_SIZE], opened[CLI_NAME_SIZE];
    identifier_format(IDENTIFIER_CASE, row->service_case, number);
    l->in_all = row->in_all;
    l->listed++;
    if (l->json) {
        char instant[INSTANT_TEXT_SIZE];
        json_array_append_new(l->json, json_pack("{s:s, s:s, s:s?, s:s?}", "case", number, "opened",
                                                 instant_format(row->opened_us, instant), "channel",
                                                 row->channel, "branch", row->branch));
        return;
    }
    cli_table_add(&l->table, "%s", number);
    cli_table_add(&l->table, "%s", cli_time_text(true, row->opened_us, opened));
    cli_table_add(&l->table, "%s", cli_text(row->channel));
    cli_table_add(&l->table, "%s", cli_text(row->branch));
}

static int triage_list(const struct cli *cli, const struct triage_options *o, char **paths)
{
    static const char *const titles[] = {"CASE", "OPENED", "CHANNEL", "BRANCH"};
    struct listing l = {
        .table = {.titles = titles, .count = 4},
          .json = cli->is_json ? json_array() : NULL
    };
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    int code = CLI_OK;
    if (paths[0]) {
        return cli_wrong_usage(cli, "list takes no more words");
    }
    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        triage_store_undecided(session.db, o->rows > 0 ? o->rows : USUAL_ROWS, list_case, &l,
                               &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else if (l.json) {
        triage_report_print(json_incref(l.json));
    } else if (l.listed == 0) {
        (void)puts("no case waits for its category");
    }
    cli_table_print(&l.table, stdout);
    if (!l.json && l.in_all > l.listed) {
        (void)printf("and %" PRId64 " more\n", l.in_all - l.listed);
    }
    json_decref(l.json);
    operator_session_close(&session);
    return code;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    static const struct {
        const char *name;
        int (*run)(const struct cli *cli, const struct triage_options *o, char **paths);
    } verbs[] = {
        {"train",   triage_learn_train},
        {"test",    triage_learn_test },
        {"show",    triage_show       },
        {"install", triage_install    },
        {"list",    triage_list       },
    };
    const struct triage_options *o = options;
    for (size_t i = 0; count > 0 && i < ARRAY_LEN(verbs); i++) {
        if (strcmp(arguments[0], verbs[i].name) == 0) {
            /* The list of arguments ends with NULL, as argv does. */
            return verbs[i].run(cli, o, arguments + 1);
        }
    }
    return cli_wrong_usage(cli, "say train, test, show, install or list");
}

const struct cli_command cli_triage = {
    .name = "triage",
    .summary = "learn the category and the mood of texts, list cases that need a person",
    .usage = "train FILE.csv... --text COLUMN --label COLUMN --out MODEL [--held-out COLUMN]\n"
             "test MODEL FILE.csv... --text COLUMN --label COLUMN [--held-out COLUMN]\n"
             "show [MODEL] [--say TEXT]\n"
             "install MODEL\n"
             "list [--rows N]",
    .description =
        "'train' learns from texts and their labels: categories, or with --purpose mood the "
        "labels\n"
        "positive (1) and negative (0). It says how many texts it tells right that it has not\n"
        "seen, and chooses the confidence below which it had better abstain. 'test' prints for\n"
        "each label how often the model is right, with the 95 % interval of Wilson.\n"
        "\n"
        "A column may say which rows are held out: 1, true or test, while 0, false, train or "
        "nothing\n"
        "stand in the others. With --held-out 'train' does not learn from them, and tells them\n"
        "afterwards as 'test' does; 'test' tells them alone.\n"
        "\n"
        "'install' puts a model in force: intake then tells the category of contacts that come\n"
        "without one. 'show' describes the models in force, or the one in a file; a model keeps\n"
        "hashes of pieces of words, and no text can be read out of it. 'list' names the open "
        "cases\n"
        "whose category nobody knows: a person has to look.\n"
        "\n"
        "Intake learns from its own stored texts with 'troth-intake --job train-triage'.",
    .examples =
        "troth triage train cases.csv --text description --label category --out shop.triage\n"
        "troth triage test shop.triage newer.csv --text description --label category\n"
        "troth triage show shop.triage --say 'the brakes squeak again'\n"
        "troth triage install shop.triage --database service=troth\n"
        "troth triage list\n",
    .options = options_table,
    .options_size = sizeof(struct triage_options),
    .run = run,
};
