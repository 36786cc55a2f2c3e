/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/cli/cli_commands.h"
#include "services/cli/operator_session.h"
#include "services/cli/survey_figures.h"
#include "services/cli/survey_print.h"
#include "services/cli/survey_store.h"
#include "services/cli/worklist_words.h"

#define USUAL_PERIOD_US (90 * DURATION_DAY)

struct survey_options {
    const char *by, *weights, *operator_name, *language, *database;
    int64_t since_us, until_us;
};

#define AT(field) offsetof(struct survey_options, field)

/* The formatter would push the columns far apart. */
/* clang-format off */
static const struct cli_option options_table[] = {
    {"by", CLI_OPTION_TEXT, "GROUP", "branch, product or team; else the company alone", AT(by)},
    {"since", CLI_OPTION_INSTANT, "TIME", "answers given since then; else of 90 days", AT(since_us)},
    {"until", CLI_OPTION_INSTANT, "TIME", "answers given before then; else until now", AT(until_us)},
    {"weights", CLI_OPTION_TEXT, "R,S,A,E,T", "how important the dimensions are, in points of 100", AT(weights)},
    {"operator", CLI_OPTION_TEXT, "NAME",
     "how grades are composed: product-sum; or min-max, product-max, bounded-sum", AT(operator_name)},
    {"language", CLI_OPTION_TEXT, "LANGUAGE", "zh for Chinese, else English", AT(language)},
    {"database", CLI_OPTION_TEXT, "CONNINFO", "PostgreSQL as troth_operator; else the setting", AT(database)},
    {.type = CLI_OPTION_END},
};
/* clang-format on */

struct survey_choice {
    struct survey_question question;
    double points[SURVEY_DIMENSIONS];
    bool has_points;
    enum fuzzy_operator op;
};

/* Known words of an option; 0: not among them. The first is meant when it is not given. */
static int choose(const char *word, const char *const *words, int count)
{
    for (int i = 0; word && i < count; i++) {
        if (strcmp(words[i], word) == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* Dimensions by how much customers care for them, as the published weights 32, 22, 19, 16 and 11
 * are given; points are in the order of the scale. */
static int read_points(const char *text, double *points, struct err *err)
{
    static const size_t order[SURVEY_DIMENSIONS] = {1, 2, 3, 4, 0};
    char *list = xstrdup(text), *rest = list, *part;
    size_t count = 0;
    bool is_good = true;

    while ((part = strsep(&rest, ",")) != NULL) {
        is_good = is_good && count < SURVEY_DIMENSIONS &&
                  text_to_double(part, &points[order[count]]) == 0;
        count++;
    }
    free(list);
    if (!is_good || count != SURVEY_DIMENSIONS) {
        return err_set(err, "points_bad", "give five numbers, as in 32,22,19,16,11");
    }
    return servqual_check_points(points, SURVEY_DIMENSIONS, err);
}

static int read_choice(struct cli *cli, const struct survey_options *o, struct survey_choice *c)
{
    static const char *const groups[] = {"branch", "product", "team"};
    static const char *const operators[] = {"product-sum", "min-max", "product-max", "bounded-sum"};
    struct err err = ERR_NONE;

    c->question.by = (enum survey_by)choose(o->by, groups, ARRAY_LEN(groups));
    if (o->by && c->question.by == SURVEY_BY_COMPANY) {
        return cli_wrong_usage(cli, "--by takes branch, product or team");
    }
    c->op = o->operator_name
                ? (enum fuzzy_operator)choose(o->operator_name, operators, ARRAY_LEN(operators))
                : FUZZY_PRODUCT_SUM;
    if (c->op == 0) {
        return cli_wrong_usage(cli, "--operator takes product-sum, min-max, product-max or "
                                    "bounded-sum");
    }
    c->has_points = o->weights != NULL;
    if (o->weights && read_points(o->weights, c->points, &err) < 0) {
        return cli_wrong_usage(cli,
                               "--weights (reliability, responsiveness, assurance, empathy, "
                               "tangibles): %s",
                               err.text);
    }
    if (o->until_us && o->since_us >= o->until_us) {
        return cli_wrong_usage(cli, "--until must come after --since");
    }
    return CLI_OK;
}

static int read_answers(struct db *db, const struct survey_options *o, struct survey_question *q,
                        struct survey_tally *t, struct err *err)
{
    q->until_us = o->until_us;
    if (q->until_us == 0 && survey_store_now(db, &q->until_us, err) < 0) {
        return -1;
    }
    q->since_us = o->since_us ? o->since_us : q->until_us - USUAL_PERIOD_US;
    return survey_store_read(db, q, t, err);
}

static void print(const struct cli *cli, const struct survey_options *o,
                  const struct survey_choice *c, const struct survey_tally *t)
{
    const struct survey_print p = {&c->question, worklist_is_chinese(o->language), stdout};
    struct survey_report report = {.groups = NULL};

    survey_figures_report(t, c->has_points ? c->points : NULL, c->op, &report);
    if (cli->is_json) {
        survey_print_json(&p, &report);
    } else {
        survey_print_tables(&p, &report);
    }
    survey_figures_free(&report);
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct survey_options *o = options;
    struct operator_session session = {.db = NULL};
    struct survey_choice choice = {.op = FUZZY_PRODUCT_SUM};
    struct survey_tally tally = {.count = 0};
    struct err err = ERR_NONE;
    int code;

    (void)arguments;
    if (count != 0) {
        return cli_wrong_usage(cli, "no arguments are expected");
    }
    code = read_choice(cli, o, &choice);
    if (code != CLI_OK) {
        return code;
    }
    if (operator_session_open(&session, cli, o->database, &err) < 0 ||
        read_answers(session.db, o, &choice.question, &tally, &err) < 0) {
        code = operator_session_failed(cli, &session, &err);
    } else {
        print(cli, o, &choice, &tally);
    }
    survey_tally_free(&tally);
    operator_session_close(&session);
    return code;
}

const struct cli_command cli_survey = {
    .name = "survey",
    .summary = "show what customers answered: satisfaction, recommendation, effort, service gaps",
    .usage = "[--by branch|product|team] [--since TIME] [--until TIME] [--weights R,S,A,E,T]",
    .description =
        "The first table has the answers of each group and of the company: satisfaction (CSAT, 1 "
        "to\n"
        "5) with its mean and the share of 4 and 5; recommendation (NPS); effort (CES, 7 is "
        "easy).\n"
        "In brackets stands what a figure may really be (95 %).\n"
        "\n"
        "The second has the dimensions of SERVQUAL, 1 to 7: what customers expected, what they\n"
        "perceived, and the gap, which is below 0 where service fell short. A customer is asked a\n"
        "few items at a time: each item has a mean of its own, a dimension the mean of its items.\n"
        "ALPHA says whether its items measure one thing, from 30 answers on that have them all, "
        "of\n"
        "the first 10,000 of these.\n"
        "GRADE is a fuzzy comprehensive evaluation: of seven grades, from very dissatisfied to\n"
        "very satisfied, the one to which the answers belong most.\n"
        "\n"
        "--weights divides 100 points among reliability, responsiveness, assurance, empathy and\n"
        "tangibles, in this order: 32,22,19,16,11 for example. They weigh the mean gap and grade,\n"
        "and say what to work on first. Without them grades are weighed by entropy over the "
        "groups,\n"
        "or the same if there are fewer than three.\n"
        "\n"
        "Groups are ordered by a mean drawn to that of the company, for few answers prove little;\n"
        "what is shown is their own. Fewer than 5 answers are no figure: they might be one "
        "person's.",
    .examples = "troth survey\ntroth survey --by branch --since 2026-02-01 --language zh\n"
                "troth survey --by team --weights 32,22,19,16,11\n"
                "troth survey --by product --json | jq '.groups[].servqual.gap'\n",
    .options = options_table,
    .options_size = sizeof(struct survey_options),
    .run = run,
};
