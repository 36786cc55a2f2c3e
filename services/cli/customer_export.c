/* SPDX-License-Identifier: Apache-2.0 */
/*
 * customer_export.c - everything about one person.
 *
 * 1. who is it              -> the whole group of a merge, from the published views
 * 2. what is sealed         -> from intake, which writes down each reading before it answers; so an
 *                              export that reads anything else has been written down, too
 * 3. how the score is made  -> from loyalty, in its own words
 * 4. section by section     -> pages of the published views, texts beside the facts they belong to
 *
 * Sections are written as they are read; only the texts are held.
 */
#include "services/cli/customer_export.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/message_json.h"
#include "score.pb-c.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_table.h"
#include "services/cli/export_file.h"
#include "services/cli/export_sections_store.h"
#include "services/cli/export_store.h"
#include "services/cli/export_texts.h"
#include "services/cli/export_words.h"
#include "services/cli/operator_session.h"

#define FORMAT  "troth-customer-export"
#define VERSION 1

struct export
{
    struct cli *cli;
    const struct customer_export_options *options;
    const char *ref;
    struct operator_session session;
    struct db_array members; /* the survivor first */
    int64_t *numbers;        /* the same */
    size_t count;
    json_t *sources;
    struct export_texts texts;
    json_t *scores;
    struct export_file file;
};

/* ---- 1 */

static int find_members(struct export *e, struct err *err)
{
    int64_t customer = 0;
    if (export_store_number(e->session.db,
                            e->options->source ? e->options->source : e->cli->settings.source,
                            e->ref, &customer, err) < 0) {
        return -1;
    }
    const struct db_rows *rows = export_store_members(e->session.db, customer, err);
    if (!rows) {
        return -1;
    }
    e->count = db_row_count(rows);
    e->numbers = xcalloc(e->count, sizeof(*e->numbers));
    for (size_t i = 0; i < e->count; i++) {
        e->numbers[i] = db_get_int(rows, i, 0);
        db_array_add_int(&e->members, e->numbers[i]);
    }
    return 0;
}

static int read_sources(struct export *e, struct err *err)
{
    const struct db_rows *rows = export_store_sources(e->session.db, err);
    e->sources = json_object();
    for (size_t i = 0; rows && i < db_row_count(rows); i++) {
        (void)json_object_set_new(e->sources, db_get_text(rows, i, 0),
                                  json_string(db_get_text(rows, i, 1)));
    }
    return rows ? 0 : -1;
}

/* ---- 2 */

/* Who sits here, for the list of disclosures: the login, as the machine knows it. */
static const char *who_runs_this(char ret[CLI_NAME_SIZE])
{
    /* cppcheck-suppress getpwuidCalled ; one thread */
    const struct passwd *me = getpwuid(getuid());
    return me && text_format(ret, CLI_NAME_SIZE, "login:%s", me->pw_name) ? ret : "";
}

static int read_texts_of_cases(struct export *e, struct err *err)
{
    const struct db_rows *rows = export_store_cases(e->session.db, &e->members, err);
    const size_t count = rows ? db_row_count(rows) : 0;
    int64_t(*pairs)[2] = xcalloc(count + 1, sizeof(*pairs));
    int rc = rows ? 0 : -1;
    for (size_t i = 0; i < count; i++) {
        pairs[i][0] = db_get_int(rows, i, 0);
        pairs[i][1] = db_get_int(rows, i, 1);
    }
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = export_texts_read_case(&e->texts, pairs[i][0], pairs[i][1], err);
    }
    free(pairs);
    return rc;
}

static int read_texts(struct export *e, struct err *err)
{
    char who[CLI_NAME_SIZE];
    e->texts.on_behalf_of = who_runs_this(who);
    e->texts.intake = cli_client_open(e->cli, CLI_INTAKE, err);
    int rc = e->texts.intake ? 0 : -1;
    for (size_t i = 0; i < e->count && rc == 0; i++) {
        rc = export_texts_read_customer(&e->texts, e->numbers[i], err);
    }
    if (rc == 0) {
        rc = read_texts_of_cases(e, err);
    }
    cli_client_close(e->texts.intake);
    e->texts.intake = NULL;
    e->texts.on_behalf_of = NULL;
    return rc;
}

/* ---- 3 */

static bool is_score(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__ScoreReply *reply = (const Troth__V1__ScoreReply *)m;
    return reply->request_id && strcmp(reply->request_id, ctx) == 0;
}

static void note_missing(struct export *e, const char *what, const char *why)
{
    char text[512];
    (void)snprintf(text, sizeof(text), "%s: %s", what, why);
    (void)json_array_append_new(e->texts.missing, json_string(text));
}

/* Without loyalty the rest is still worth having; the file says what is missing. Who has no score
 * has none to explain. */
static void read_score(struct export *e)
{
    char id[CLI_REQUEST_ID_SIZE], number[IDENTIFIER_TEXT_SIZE];
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    Troth__V1__ScoreOfCustomer customer = TROTH__V1__SCORE_OF_CUSTOMER__INIT;
    struct err err = ERR_NONE;
    struct cli_client *client = cli_client_open(e->cli, CLI_LOYALTY, &err);
    const Troth__V1__ScoreReply *reply = NULL;

    if (client) {
        cli_client_request_id(id);
        /* cppcheck-suppress unreadVariable ; by way of its base */
        request.request_id = id;
        (void)identifier_format(IDENTIFIER_CUSTOMER, e->numbers[0], number);
        customer.customer_number = number;
        /* cppcheck-suppress unreadVariable ; by way of its base */
        request.body_case = TROTH__V1__SCORE_REQUEST__BODY_CUSTOMER;
        /* cppcheck-suppress unreadVariable ; by way of its base */
        request.customer = &customer;
        reply = (const Troth__V1__ScoreReply *)cli_client_ask(
            client, &request.base, &troth__v1__score_reply__descriptor, is_score, id, &err);
    }
    for (size_t i = 0; reply && i < reply->n_scores; i++) {
        (void)json_array_append_new(e->scores, message_to_json(&reply->scores[i]->base));
    }
    if (!reply) {
        note_missing(e, "how the score is made", err.text);
    } else if (!text_is_empty(reply->code) && strcmp(reply->code, "customer_unknown") != 0) {
        note_missing(e, "how the score is made", reply->text ? reply->text : reply->code);
    }
    cli_client_close(client);
}

/* ---- 4 */

static int write_page(struct export *e, const struct export_section *s, const struct db_rows *rows,
                      struct err *err)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        json_t *row = json_loads(db_get_text(rows, i, 1), 0, NULL);
        if (!row) {
            return err_set(err, "internal", "section %s: a row is no JSON", s->name);
        }
        export_texts_attach(&e->texts, row);
        export_words_row(s->name, e->sources, row);
        export_file_row(&e->file, row);
        json_decref(row);
    }
    return 0;
}

static int write_section(struct export *e, const struct export_section *s, struct err *err)
{
    char *after = xstrdup("");
    size_t count = EXPORT_PAGE_ROWS;
    int rc = 0;
    export_file_section(&e->file, s->name, s->title);
    while (rc == 0 && count == EXPORT_PAGE_ROWS) {
        const struct db_rows *rows = export_store_page(e->session.db, s, &e->members, after, err);
        count = rows ? db_row_count(rows) : 0;
        rc = rows ? write_page(e, s, rows, err) : -1;
        if (rc == 0 && count > 0) {
            free(after);
            after = xstrdup(db_get_text(rows, count - 1, 0));
        }
    }
    free(after);
    return rc;
}

static void write_list(struct export *e, const char *name, const char *title, const json_t *list)
{
    export_file_section(&e->file, name, title);
    for (size_t i = 0; i < json_array_size(list); i++) {
        export_file_row(&e->file, json_array_get(list, i));
    }
}

static void write_rest(void *ctx, json_t *row)
{
    struct export *e = ctx;
    export_file_row(&e->file, row);
}

static json_t *make_head(const struct export *e)
{
    char text[IDENTIFIER_TEXT_SIZE], at[INSTANT_TEXT_SIZE];
    json_t *numbers = json_array();
    for (size_t i = 0; i < e->count; i++) {
        (void)json_array_append_new(
            numbers, json_string(identifier_format(IDENTIFIER_CUSTOMER, e->numbers[i], text)));
    }
    return json_pack("{sssissssso}", "format", FORMAT, "version", VERSION, "generated_at",
                     instant_format(instant_now_us(), at), "customer",
                     identifier_format(IDENTIFIER_CUSTOMER, e->numbers[0], text), "numbers",
                     numbers);
}

static int write_all(struct export *e, struct err *err)
{
    json_t *head = make_head(e);
    int rc = 0;
    export_file_begin(&e->file, head);
    json_decref(head);
    write_list(e, "profiles", "Profile", e->texts.profiles);
    for (const struct export_section *s = export_sections; s->name && rc == 0; s++) {
        rc = write_section(e, s, err);
    }
    if (rc < 0) {
        return -1;
    }
    write_list(e, "score_explained", "How the score is made", e->scores);
    export_file_section(&e->file, "other_texts", "Texts that belong to nothing above");
    export_texts_rest(&e->texts, write_rest, e);
    json_t *tail = json_pack("{sbsO}", "is_complete", json_array_size(e->texts.missing) == 0,
                             "missing", e->texts.missing);
    export_file_end(&e->file, tail);
    json_decref(tail);
    return 0;
}

/* Nobody else on this machine reads it. */
static int open_output(struct export *e, struct err *err)
{
    const char *path = e->options->output;
    e->file.is_json = e->cli->is_json;
    e->file.out = stdout;
    if (!path) {
        return 0;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    e->file.out = fd < 0 ? NULL : fdopen(fd, "w");
    return e->file.out ? 0 : err_set(err, "file_unwritable", "%s: %s", path, strerror(errno));
}

static int close_output(struct export *e, struct err *err)
{
    FILE *out = e->file.out;
    bool is_bad = out && (fflush(out) != 0 || ferror(out));
    if (out && out != stdout) {
        is_bad = fclose(out) != 0 || is_bad;
    }
    return is_bad ? err_set(err, "file_unwritable", "the export could not be written: %s",
                            strerror(errno))
                  : 0;
}

/* ---- */

static int run(struct export *e, struct err *err)
{
    if (find_members(e, err) < 0 || read_texts(e, err) < 0 || read_sources(e, err) < 0) {
        return -1;
    }
    read_score(e);
    if (open_output(e, err) < 0) {
        return -1;
    }
    int rc = write_all(e, err);
    struct err late = ERR_NONE;
    if (close_output(e, &late) < 0 && rc == 0) {
        *err = late;
        rc = -1;
    }
    return rc;
}

int customer_export(struct cli *cli, const struct customer_export_options *o, const char *ref)
{
    struct export e = {.cli = cli, .options = o, .ref = ref};
    struct err err = ERR_NONE;
    int code;
    db_array_init(&e.members, DB_INT8);
    e.texts.profiles = json_array();
    e.texts.by_number = json_object();
    e.texts.missing = json_array();
    e.scores = json_array();
    if (operator_session_open(&e.session, cli, o->database, &err) < 0) {
        code = operator_session_failed(cli, &e.session, &err);
    } else if (run(&e, &err) < 0) {
        code =
            cli_fail(cli, strcmp(err.code, "no_answer") == 0 ? CLI_NO_ANSWER : CLI_REFUSED, &err);
    } else {
        code = json_array_size(e.texts.missing) > 0 ? CLI_REFUSED : CLI_OK;
        for (size_t i = 0; i < json_array_size(e.texts.missing); i++) {
            (void)fprintf(stderr, "troth: missing: %s\n",
                          json_string_value(json_array_get(e.texts.missing, i)));
        }
    }
    operator_session_close(&e.session);
    db_array_free(&e.members);
    free(e.numbers);
    json_decref(e.sources);
    json_decref(e.texts.profiles);
    json_decref(e.texts.by_number);
    json_decref(e.texts.missing);
    json_decref(e.scores);
    return code;
}

int customer_export_coverage(void)
{
    json_t *sections = json_object(), *left_out = json_object();
    for (const struct export_section *s = export_sections; s->name; s++) {
        (void)json_object_set_new(sections, s->name, json_string(s->tables));
    }
    for (const struct export_left_out *l = export_left_out; l->tables; l++) {
        (void)json_object_set_new(left_out, l->tables, json_string(l->why));
    }
    cli_put_json(json_pack("{soso}", "sections", sections, "left_out", left_out), stdout);
    return CLI_OK;
}
