/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "score.pb-c.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/points_words.h"
#include "services/cli/score_ask.h"
#include "services/cli/worklist_words.h"

struct points_options {
    const char *source, *language;
};

static const struct cli_option options_table[] = {
    {"source",                       CLI_OPTION_TEXT, "NAME", "whose reference it is; else the setting source",
     offsetof(struct points_options, source)},
    {"language",                        CLI_OPTION_TEXT, "zh|en", "of the words; else English",
     offsetof(struct points_options, language)},
    {.type = CLI_OPTION_END},
};

/* ---- printing */

static void print_entries(const Troth__V1__PointsAccount *a, bool is_chinese)
{
    const char *titles[POINTS_LABEL_COUNT - POINTS_LABEL_TIME];
    struct cli_table table = {.titles = titles, .count = sizeof(titles) / sizeof(titles[0])};
    char at[CLI_NAME_SIZE], until[CLI_NAME_SIZE];

    for (size_t i = 0; i < table.count; i++) {
        titles[i] = points_label((enum points_label)(POINTS_LABEL_TIME + (int)i), is_chinese);
    }
    for (size_t i = 0; i < a->n_entries; i++) {
        const Troth__V1__PointsEntry *e = a->entries[i];
        cli_table_add(&table, "%s", cli_time_text(e->has_at_us, e->at_us, at));
        cli_table_add(&table, "%+" PRId64, e->points);
        cli_table_add(&table, "%" PRId64, e->balance);
        if (e->has_left) {
            cli_table_add(&table, "%" PRId64, e->left);
        } else {
            cli_table_add(&table, "-");
        }
        cli_table_add(&table, "%s", cli_time_text(e->has_expires_us, e->expires_us, until));
        cli_table_add(&table, "%s", points_words(e->kind, e->reason, is_chinese));
    }
    cli_table_print(&table, stdout);
}

static void print_account(const Troth__V1__PointsAccount *a, bool is_chinese)
{
    (void)printf("%s  %" PRId64 " %s\n", cli_text(a->customer_number), a->balance,
                 points_label(POINTS_LABEL_BALANCE, is_chinese));
    if (a->expiring > 0) {
        (void)printf("%" PRId64 " %s\n", a->expiring,
                     points_label(POINTS_LABEL_EXPIRING, is_chinese));
    }
    if (a->elsewhere != 0) {
        (void)printf("%" PRId64 " %s\n", a->elsewhere,
                     points_label(POINTS_LABEL_ELSEWHERE, is_chinese));
    }
    if (a->n_entries == 0) {
        (void)puts(points_label(POINTS_LABEL_NO_ENTRIES, is_chinese));
    }
    print_entries(a, is_chinese);
}

static int print_reply(const struct cli *cli, const void *options,
                       const Troth__V1__ScoreRequest *request, const Troth__V1__ScoreReply *reply)
{
    const struct points_options *o = options;

    (void)request;
    if (cli->is_json) {
        cli_print_json(&reply->base, stdout);
    } else if (reply->points) {
        print_account(reply->points, worklist_is_chinese(o->language));
    }
    return CLI_OK;
}

/* ---- asking */

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct points_options *o = options;
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    Troth__V1__PointsOfCustomer customer = TROTH__V1__POINTS_OF_CUSTOMER__INIT;
    int64_t number;

    if (count != 1) {
        return cli_wrong_usage(cli, "give one customer");
    }
    if (identifier_parse(IDENTIFIER_CUSTOMER, arguments[0], &number, NULL) == 0) {
        customer.customer_number = arguments[0];
    } else {
        customer.customer_ref = arguments[0];
        customer.source = cli_client_text(o->source ? o->source : cli->settings.source);
    }
    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_POINTS;
    request.points = &customer;
    return score_ask(cli, &request, print_reply, o);
}

const struct cli_command cli_points = {
    .name = "points",
    .summary = "a customer's loyalty points: balance, what runs out, the last entries",
    .usage = "REF [--source NAME] [--language zh|en]",
    .description =
        "Shows the points account of a customer as a statement, the newest entry first, at most "
        "50.\n"
        "REF is the reference that a source knows the customer by, or K-1234567-4.\n"
        "\n"
        "LEFT is what of an entry can still be spent, and UNTIL when it runs out; of a spending\n"
        "that was refused it is what was asked for. It is booked after all when points come in\n"
        "that were earned before it. A balance below 0: points that had been spent were taken\n"
        "back; what is earned next pays for that first. Customers who are one person by a merge\n"
        "keep an account each, and each pays for itself.",
    .examples = "troth points W-17\n"
                "troth points K-1234567-4 --language zh\n"
                "troth points W-17 --json\n",
    .options = options_table,
    .options_size = sizeof(struct points_options),
    .run = run,
};
