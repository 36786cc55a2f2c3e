/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "score.pb-c.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_reporting.h"
#include "services/cli/cli_table.h"

enum {
    FALLEN_MAX = 100
};

struct score_options {
    const char *source;
    int64_t fallen;
    int64_t since_us;
};

static const struct cli_option options_table[] = {
    {"source",                      CLI_OPTION_TEXT, "NAME", "whose reference it is; else the setting source",
     offsetof(struct score_options, source)},
    {"fallen",                       CLI_OPTION_COUNT, "N", "instead: the N whose index fell most, at most 100",
     offsetof(struct score_options, fallen)},
    {"since", CLI_OPTION_INSTANT, "TIME", "with --fallen: since then; else since the beginning",
     offsetof(struct score_options, since_us)},
    {.type = CLI_OPTION_END                            },
};

static bool is_answer(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__ScoreReply *reply = (const Troth__V1__ScoreReply *)m;

    return reply->request_id && strcmp(reply->request_id, ctx) == 0;
}

static void print_figures(const Troth__V1__Score *s)
{
    (void)printf("%s  loyalty index %.1f of 100", cli_text(s->customer_number), s->index);
    if (s->has_index_before) {
        (void)printf(" (%+.1f from %.1f)", s->index - s->index_before, s->index_before);
    }
    (void)puts("");
    if (s->has_csat_mean) {
        (void)printf("satisfaction  %.2f of 5 in %d answers\n", s->csat_mean, (int)s->csat_count);
    }
    if (s->has_nps) {
        (void)printf("NPS           %+.0f in %d answers\n", s->nps, (int)s->nps_count);
    }
    if (s->has_trust) {
        (void)printf("trust         %.2f, uncertainty %.2f; %d promises kept, %d broken\n",
                     s->trust, s->trust_uncertainty, (int)s->promises_kept,
                     (int)s->promises_broken);
    }
}

static void print_score(const Troth__V1__Score *s)
{
    static const char *const titles[] = {">POINTS", "FROM", "BECAUSE"};
    struct cli_table table = {.titles = titles, .count = 3};

    print_figures(s);
    for (size_t i = 0; i < s->n_contributions; i++) {
        const Troth__V1__Contribution *c = s->contributions[i];

        cli_table_add(&table, "%+.1f", c->points);
        cli_table_add(&table, "%s", cli_text(c->name));
        cli_table_add(&table, "%s", cli_text(c->because));
    }
    cli_table_print(&table, stdout);
}

static int print_reply(const struct cli *cli, const Troth__V1__ScoreReply *reply)
{
    if (!text_is_empty(reply->code)) {
        return cli_reporting_refused(cli, reply->code, reply->text);
    }
    if (cli->is_json) {
        cli_print_json(&reply->base, stdout);
        return CLI_OK;
    }
    for (size_t i = 0; i < reply->n_scores; i++) {
        (void)fputs(i > 0 ? "\n" : "", stdout);
        print_score(reply->scores[i]);
    }
    if (reply->n_scores == 0) {
        (void)puts("No scores.");
    }
    return CLI_OK;
}

static int ask(struct cli *cli, Troth__V1__ScoreRequest *request)
{
    struct err err = ERR_NONE;
    char id[CLI_REQUEST_ID_SIZE];
    const Troth__V1__ScoreReply *reply;
    struct cli_client *client = cli_client_open(cli, CLI_LOYALTY, &err);
    int code;

    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    cli_client_request_id(id);
    request->request_id = id;
    reply = (const Troth__V1__ScoreReply *)cli_client_ask(
        client, &request->base, &troth__v1__score_reply__descriptor, is_answer, id, &err);
    code = reply ? print_reply(cli, reply) : cli_fail(cli, CLI_NO_ANSWER, &err);
    cli_client_close(client);
    return code;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct score_options *o = options;
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    Troth__V1__ScoreOfCustomer customer = TROTH__V1__SCORE_OF_CUSTOMER__INIT;
    Troth__V1__FallenScores fallen = TROTH__V1__FALLEN_SCORES__INIT;
    char source[64];
    int64_t number;

    if (count != (o->fallen > 0 ? 0 : 1) || o->fallen > FALLEN_MAX) {
        return cli_wrong_usage(cli, "give one customer, or --fallen N with N at most 100");
    }
    if (o->fallen > 0) {
        fallen.has_since_us = o->since_us != 0;
        fallen.since_us = o->since_us;
        fallen.has_limit = 1;
        fallen.limit = (int32_t)o->fallen;
        request.body_case = TROTH__V1__SCORE_REQUEST__BODY_FALLEN;
        request.fallen = &fallen;
        return ask(cli, &request);
    }
    if (identifier_parse(IDENTIFIER_CUSTOMER, arguments[0], &number, NULL) == 0) {
        customer.customer_number = arguments[0];
    } else {
        customer.customer_ref = arguments[0];
        text_copy(source, sizeof(source), o->source ? o->source : cli->settings.source);
        customer.source = source;
    }
    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_CUSTOMER;
    request.customer = &customer;
    return ask(cli, &request);
}

const struct cli_command cli_score = {
    .name = "score",
    .summary = "explain a customer's loyalty index, or list who fell most",
    .usage = "REF [--source NAME]\n--fallen N [--since TIME]",
    .description =
        "Shows the loyalty index of a customer as the sum of its contributions, each with its "
        "reason.\n"
        "REF is the reference that a source knows the customer by, or K-1234567-4. With --fallen:\n"
        "the customers whose index fell most. --json adds the events behind each contribution.",
    .examples = "troth score W-17\ntroth score --fallen 5 --since 2026-11-01\n",
    .options = options_table,
    .options_size = sizeof(struct score_options),
    .run = run,
};
