/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/text.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/model_fit_store.h"
#include "services/cli/model_job.h"
#include "services/cli/model_print.h"
#include "services/cli/operator_session.h"

#define USUAL_LAST 4

struct model_options {
    const char *service_config;
    bool is_demo_clock;
    int64_t last;
    const char *database;
};

#define AT(field) offsetof(struct model_options, field)

static const struct cli_option options_table[] = {
    {"service-config",    CLI_OPTION_TEXT, "FILE",
     "with fit and train: the settings of troth-loyalty; else our loyalty_config", AT(service_config)},
    {"demo-clock",             CLI_OPTION_FLAG, NULL, "with fit and train: where a demo clock runs",
     AT(is_demo_clock)},
    {"last", CLI_OPTION_COUNT, "N", "with compare: that many fits, at most 8; else 4", AT(last)},
    {"database",        CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting",
     AT(database)},
    {.type = CLI_OPTION_END              },
};

/* ---- questions */

/* Returns 0, or -1 with err. */
typedef int fits_fn(struct db *db, const void *ctx, json_t **ret_fits, struct err *err);

/* NULL: ret_code is what to exit with, and why has been said. */
static json_t *ask(const struct cli *cli, const struct model_options *o, fits_fn *question,
                   const void *ctx, int *ret_code)
{
    struct operator_session session = {.db = NULL};
    struct err err = ERR_NONE;
    json_t *fits = NULL;
    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        question(session.db, ctx, &fits, &err) < 0) {
        *ret_code = operator_session_failed(cli, &session, &err);
    }
    operator_session_close(&session);
    return fits;
}

static int give(json_t *fits, json_t **ret_fits)
{
    *ret_fits = fits;
    return fits ? 0 : -1;
}

static int ask_current(struct db *db, const void *ctx, json_t **ret_fits, struct err *err)
{
    (void)ctx;
    return give(model_fit_store_current(db, err), ret_fits);
}

static int ask_since(struct db *db, const void *ctx, json_t **ret_fits, struct err *err)
{
    const int64_t *id = ctx;
    return give(model_fit_store_since(db, *id, err), ret_fits);
}

static int ask_newest(struct db *db, const void *ctx, json_t **ret_fits, struct err *err)
{
    int64_t id = 0;
    (void)ctx;
    if (model_fit_store_newest(db, &id, err) < 0) {
        return -1;
    }
    return give(json_integer(id), ret_fits);
}

struct comparing {
    const char *model;
    int64_t last;
};

static int ask_last(struct db *db, const void *ctx, json_t **ret_fits, struct err *err)
{
    const struct comparing *c = ctx;
    return give(model_fit_store_last(db, c->model, c->last, err), ret_fits);
}

static int unknown_model(const struct cli *cli)
{
    return cli_wrong_usage(cli, "the models are purchases, spend, churn, averages and rfm");
}

/* ---- show */

/* Borrowed; NULL: there is none. */
static json_t *find(const json_t *fits, const char *model, bool must_be_in_force)
{
    json_t *found = NULL;
    for (size_t i = 0; i < json_array_size(fits); i++) {
        json_t *fit = json_array_get(fits, i);
        if (strcmp(json_string_value(json_object_get(fit, "model")), model) == 0 &&
            (!must_be_in_force || json_is_true(json_object_get(fit, "is_in_force")))) {
            found = fit;
        }
    }
    return found;
}

static void show_one(const struct model_words *w, const json_t *fits, json_t *out)
{
    json_t *in_force = find(fits, w->name, true), *newest = find(fits, w->name, false);
    if (out) {
        json_array_append_new(out, json_pack("{s:s, s:s, s:O?, s:O?, s:s}", "model", w->name,
                                             "title", w->title, "in_force", in_force, "newest",
                                             newest, "fallback", w->fallback));
    } else {
        model_print_current(w, in_force, newest);
    }
}

static int show(const struct cli *cli, const struct model_options *o, const char *model)
{
    int code = CLI_OK;
    json_t *fits = ask(cli, o, ask_current, NULL, &code);
    json_t *out = cli->is_json ? json_array() : NULL;
    bool is_first = true;
    for (const struct model_words *w = model_words; fits && w->name; w++) {
        if (!model || strcmp(model, w->name) == 0) {
            (void)fputs(is_first || out ? "" : "\n", stdout);
            show_one(w, fits, out);
            is_first = false;
        }
    }
    if (out && fits) {
        cli_put_json(json_incref(out), stdout);
    }
    json_decref(out);
    json_decref(fits);
    return code;
}

/* ---- compare */

static int compare(const struct cli *cli, const struct model_options *o, const char *model)
{
    const struct comparing c = {model, o->last > 0 ? o->last : USUAL_LAST};
    int code = CLI_OK;
    if (!model) {
        return unknown_model(cli);
    }
    if (c.last > MODEL_PRINT_FITS_MAX) {
        return cli_wrong_usage(cli, "--last is at most %d", MODEL_PRINT_FITS_MAX);
    }
    json_t *fits = ask(cli, o, ask_last, &c, &code);
    if (fits && cli->is_json) {
        cli_put_json(json_incref(fits), stdout);
    } else if (fits && json_array_size(fits) == 0) {
        (void)printf("%s was never fitted: %s\n", model, model_words_of(model)->made_by);
    } else if (fits) {
        model_print_compared(model_words_of(model), fits);
    }
    json_decref(fits);
    return code;
}

/* ---- fit and train */

static int run_job(const struct cli *cli, const struct model_options *o, const char *name)
{
    const char *config = o->service_config ? o->service_config : cli->settings.loyalty_config;
    const struct model_job job = {name, config, o->is_demo_clock, cli->is_json};
    struct err err = ERR_NONE;
    if (text_is_empty(config)) {
        return cli_wrong_usage(cli, "name the settings of troth-loyalty: --service-config FILE");
    }
    int status = model_job_run(&job, &err);
    if (status < 0) {
        return cli_fail(cli, CLI_REFUSED, &err);
    }
    return status == 0 ? CLI_OK : status == CLI_USAGE ? CLI_USAGE : CLI_REFUSED;
}

/* As JSON: the fits that the job has made. */
static int make(const struct cli *cli, const struct model_options *o, const char *job)
{
    int code = CLI_OK;
    if (!cli->is_json) {
        return run_job(cli, o, job);
    }
    json_t *newest = ask(cli, o, ask_newest, NULL, &code);
    if (!newest) {
        return code;
    }
    int64_t before = json_integer_value(newest);
    json_decref(newest);
    code = run_job(cli, o, job);
    json_t *fits = code == CLI_OK ? ask(cli, o, ask_since, &before, &code) : NULL;
    if (fits) {
        cli_put_json(fits, stdout);
    }
    return code;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct model_options *o = options;
    const char *verb = count > 0 ? arguments[0] : "", *model = count > 1 ? arguments[1] : NULL;
    if (count == 1 && strcmp(verb, "fit") == 0) {
        return make(cli, o, "fit-models");
    }
    if (count == 1 && strcmp(verb, "train") == 0) {
        return make(cli, o, "train-churn");
    }
    if (model && (count > 2 || !model_words_of(model))) {
        return unknown_model(cli);
    }
    if (strcmp(verb, "show") == 0) {
        return show(cli, o, model);
    }
    if (strcmp(verb, "compare") == 0) {
        return compare(cli, o, model);
    }
    return cli_wrong_usage(cli, "say fit, train, show or compare");
}

const struct cli_command cli_model = {
    .name = "model",
    .summary = "fit the models behind the scores to your own history, and see how well they do",
    .usage = "fit [--service-config FILE]\n"
             "train [--service-config FILE]\n"
             "show [MODEL]\n"
             "compare MODEL [--last N]",
    .description =
        "Scores work from the first day by documented rules; with enough history models fitted to\n"
        "it replace them. 'fit' fits purchases, spend and rfm to all purchases, and averages to\n"
        "all answers; 'train' teaches churn from who left in the past. Both start troth-loyalty\n"
        "beside this program as a job of its own, may be stopped and started again, and the\n"
        "running services use what was found within seconds. Once a month is often enough.\n"
        "A fit that did not converge, or had too little to go by, is kept and not put in force:\n"
        "the one before goes on counting, or the rule. 'show' says which, with the parameters and\n"
        "with how well the model foretold what it was not fitted on; 'compare' puts the last fits\n"
        "of one model side by side. The models: purchases, spend, churn, averages, rfm.",
    .examples = "troth model fit\n"
                "troth model show churn\n"
                "troth model compare purchases --last 6\n",
    .options = options_table,
    .options_size = sizeof(struct model_options),
    .run = run,
};
