/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "common/domain/identifier.h"
#include "common/store/promise_history_store.h"
#include "services/cli/cli_commands.h"
#include "services/cli/clock_json.h"
#include "services/cli/clock_print.h"
#include "services/cli/operator_session.h"

/* A history of 100,000 events fits. */
#define ARENA_BYTES ((size_t)64 << 20)

struct clock_options {
    const char *what_if;
    const char *database;
};

static const struct cli_option options_table[] = {
    {"what-if",                      CLI_OPTION_TEXT, "STANDARDS",
     "also what another standards file would have made of it", offsetof(struct clock_options, what_if)},
    {"database",                   CLI_OPTION_TEXT, "CONNINFO",
     "PostgreSQL as troth_operator; else the setting database", offsetof(struct clock_options, database)},
    {.type = CLI_OPTION_END},
};

/* ---- terms */

/* NULL with err when what is stored cannot be read. */
static struct standard *parse_stored(const struct promise_history *h, struct err *err)
{
    char name[64];

    if (!h->standard_text) {
        err_set(err, "standard_unknown", "the standard it was made under is not stored");
        return NULL;
    }
    (void)snprintf(name, sizeof(name), "standard %d", (int)h->standard_id);
    return standard_parse(h->standard_text, name, err);
}

/* What the other standard decides about the case as it is now. False: it promises no such thing. */
static bool terms_of_other(const struct promise_history *h, const struct standard *standard,
                           struct clock_terms *ret)
{
    const struct standard_request request = {
        .kind = standard_contact_kind((int)h->case_kind),
        .category = h->category,
        .channel = h->channel,
        .branch = h->branch,
        .asked_priority = h->asked_priority,
        .known_rule = h->case_rule,
    };
    struct standard_decision decision;

    standard_decide(standard, &request, &decision);
    *ret = (struct clock_terms){
        .rule = decision.rule, .standard = standard, .ladder = decision.ladder};
    const struct standard_promise *owed = standard_decision_find(&decision, h->kind);
    if (owed) {
        ret->target_us = owed->target_us;
        ret->calendar = owed->calendar;
    }
    return owed != NULL;
}

/* ---- printing */

static void print(const struct cli *cli, const struct promise_history *h,
                  const struct clock_view *view, const struct clock_other *other)
{
    if (cli->is_json) {
        clock_json_print(h, view, other, stdout);
        return;
    }
    clock_print(h, view, stdout);
    if (other) {
        clock_print_other(h, view, other, stdout);
    }
}

static int compare(const struct cli *cli, const struct promise_history *h,
                   const struct clock_view *view, const char *path)
{
    struct err err = ERR_NONE;
    struct standard *standard = standard_load(path, &err);
    struct clock_other other = {.path = path};
    struct clock_view other_view;
    struct clock_terms terms;

    if (!standard) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    other.is_promised = terms_of_other(h, standard, &terms);
    clock_view_make(h, &terms, &other_view);
    other.view = &other_view;
    other.hash = standard_hash(standard);
    other.needs_tier = standard_needs_tier(standard);
    other.needs_texts = standard_needs_texts(standard);
    print(cli, h, view, &other);
    clock_view_free(&other_view);
    standard_free(standard);
    return CLI_OK;
}

static int show(const struct cli *cli, const struct clock_options *o,
                const struct promise_history *h)
{
    struct err err = ERR_NONE;
    struct standard *standard = parse_stored(h, &err);
    struct clock_terms terms;
    struct clock_view view;
    int code = CLI_OK;

    if (!standard) {
        return cli_fail(cli, CLI_REFUSED, &err);
    }
    clock_terms_of_promise(h, standard, &terms);
    clock_view_make(h, &terms, &view);
    if (o->what_if) {
        code = compare(cli, h, &view, o->what_if);
    } else {
        print(cli, h, &view, NULL);
    }
    clock_view_free(&view);
    standard_free(standard);
    return code;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct clock_options *o = options;
    struct operator_session session = {.db = NULL};
    struct promise_history h = {.arena = NULL};
    struct err err = ERR_NONE;
    int64_t promise;
    int code;

    if (count != 1 || identifier_parse(IDENTIFIER_PROMISE, arguments[0], &promise, &err) < 0) {
        return cli_wrong_usage(cli, "give the number of one promise, P-...");
    }
    h.arena = arena_new(ARENA_BYTES);
    if (operator_session_open(&session, cli, o->database, &err) == 0 &&
        promise_history_store_read(session.db, promise, &h, &err) == 0) {
        code = show(cli, o, &h);
    } else {
        code = operator_session_failed(cli, &session, &err);
    }
    operator_session_close(&session);
    arena_free(h.arena);
    return code;
}

const struct cli_command cli_clock = {
    .name = "clock",
    .summary = "show what a promise's clock counted, and why",
    .usage = "PROMISE [--what-if STANDARDS]",
    .description =
        "Shows where the time of one promise went: what happened to its case and what each thing\n"
        "did to the clock, every interval that counted and every one that did not (night, lunch,\n"
        "a holiday by its name, waiting for the customer), the steps that were taken and whom\n"
        "they told. Nothing of it is a stored counter: it is derived anew from the events, and\n"
        "the last line adds it up. PROMISE is a number as in a receipt, P-1234567-4; times are\n"
        "local to the promise's calendar.\n"
        "\n"
        "With --what-if the same history runs under another standards file as well: which rule\n"
        "would apply to the case as it is now, what it would promise, when that would have been\n"
        "due, and whether it would have been kept. It changes nothing.",
    .examples = "troth clock P-1234567-4\n"
                "troth clock P-1234567-4 --what-if standards-next-year.conf\n",
    .options = options_table,
    .options_size = sizeof(struct clock_options),
    .run = run,
};
