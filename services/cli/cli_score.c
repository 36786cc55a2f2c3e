/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/domain/identifier.h"
#include "score.pb-c.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"
#include "services/cli/score_ask.h"
#include "services/cli/score_print.h"
#include "services/cli/worklist_words.h"

#define LIST_MAX 100

struct score_options {
    const char *source, *language;
    int64_t as_of_us;
    bool is_replayed, has_evidence;
    int64_t lowest, highest;
    const char *tier, *churn;
    bool is_trust_broken;
    int64_t fell_us, since_us;
    const char *by;
    int64_t limit;
};

#define AT(field) offsetof(struct score_options, field)

/* The formatter would push the columns far apart. */
/* clang-format off */
static const struct cli_option options_table[] = {
    {"source", CLI_OPTION_TEXT, "NAME", "whose reference it is; else the setting source", AT(source)},
    {"as-of", CLI_OPTION_INSTANT, "TIME", "as it was then, by what was known then", AT(as_of_us)},
    {"replay", CLI_OPTION_FLAG, NULL, "compute it again from the events of the log, and compare", AT(is_replayed)},
    {"evidence", CLI_OPTION_FLAG, NULL, "the newest events behind each contribution too", AT(has_evidence)},
    {"lowest", CLI_OPTION_COUNT, "N", "list those with the lowest index, at most 100", AT(lowest)},
    {"highest", CLI_OPTION_COUNT, "N", "list those with the highest index, at most 100", AT(highest)},
    {"tier", CLI_OPTION_TEXT, "TIER", "list only bronze, silver or gold", AT(tier)},
    {"churn", CLI_OPTION_TEXT, "LEVEL", "list only those at risk of leaving: low, raised, high", AT(churn)},
    {"trust-broken", CLI_OPTION_FLAG, NULL, "list only those who cannot believe our promises any more", AT(is_trust_broken)},
    {"fell", CLI_OPTION_DURATION, "TIME", "list whose index fell most in that time: 7d", AT(fell_us)},
    {"since", CLI_OPTION_INSTANT, "TIME", "list whose index fell most since then", AT(since_us)},
    {"by", CLI_OPTION_TEXT, "GROUP", "whose promises can be believed: branch, team, kind, company", AT(by)},
    {"limit", CLI_OPTION_COUNT, "N", "lines of a list, at most 100; else 20", AT(limit)},
    {"language", CLI_OPTION_TEXT, "zh|en", "of the words; else English", AT(language)},
    {.type = CLI_OPTION_END},
};
/* clang-format on */

/* ---- asking */

static struct score_print printing_of(const struct score_options *o)
{
    return (struct score_print){
        .is_chinese = worklist_is_chinese(o->language),
        .has_evidence = o->has_evidence,
        .is_best = o->highest > 0,
        .out = stdout,
    };
}

static bool is_replay_wrong(const Troth__V1__ScoreReply *reply)
{
    return reply->n_scores == 1 && reply->scores[0]->has_replayed_index &&
           lround(100 * reply->scores[0]->replayed_index) != lround(100 * reply->scores[0]->index);
}

static int print_reply(const struct cli *cli, const void *options,
                       const Troth__V1__ScoreRequest *request, const Troth__V1__ScoreReply *reply)
{
    const struct score_print p = printing_of(options);

    if (cli->is_json) {
        cli_print_json(&reply->base, stdout);
    } else if (request->body_case == TROTH__V1__SCORE_REQUEST__BODY_GROUPS) {
        score_print_groups(&p, request->groups->grouping, reply);
    } else if (request->body_case == TROTH__V1__SCORE_REQUEST__BODY_CUSTOMER &&
               reply->n_scores == 1) {
        score_print_one(&p, reply->scores[0]);
    } else {
        score_print_list(&p, reply);
    }
    if (!cli->is_json && !text_is_empty(reply->text)) {
        (void)fprintf(stderr, "%s\n", reply->text);
    }
    return is_replay_wrong(reply) ? CLI_REFUSED : CLI_OK;
}

static int ask(struct cli *cli, const struct score_options *o, Troth__V1__ScoreRequest *request)
{
    request->language = cli_client_text(worklist_is_chinese(o->language) ? "zh-Hans" : "en");
    return score_ask(cli, request, print_reply, o);
}

/* ---- the questions */

static int ask_customer(struct cli *cli, const struct score_options *o, char *ref)
{
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    Troth__V1__ScoreOfCustomer customer = TROTH__V1__SCORE_OF_CUSTOMER__INIT;
    int64_t number;

    if (identifier_parse(IDENTIFIER_CUSTOMER, ref, &number, NULL) == 0) {
        customer.customer_number = ref;
    } else {
        customer.customer_ref = ref;
        customer.source = cli_client_text(o->source ? o->source : cli->settings.source);
    }
    customer.has_as_of_us = o->as_of_us != 0;
    customer.as_of_us = o->as_of_us;
    customer.has_is_replayed = customer.is_replayed = o->is_replayed;
    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_CUSTOMER;
    request.customer = &customer;
    return ask(cli, o, &request);
}

static int32_t limit_of(const struct score_options *o)
{
    int64_t wanted = o->lowest > 0 ? o->lowest : o->highest > 0 ? o->highest : o->limit;

    return wanted > 0 ? (int32_t)wanted : 20;
}

static int ask_segment(struct cli *cli, const struct score_options *o)
{
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    Troth__V1__ScoresOfSegment segment = TROTH__V1__SCORES_OF_SEGMENT__INIT;

    segment.tier = cli_client_text(o->tier);
    segment.churn_level = cli_client_text(o->churn);
    segment.has_is_trust_broken = segment.is_trust_broken = o->is_trust_broken;
    segment.has_order = segment.has_limit = 1;
    segment.order = TROTH__V1__SEGMENT_ORDER__SEGMENT_ORDER_LOWEST_INDEX;
    if (o->highest > 0) {
        segment.order = TROTH__V1__SEGMENT_ORDER__SEGMENT_ORDER_HIGHEST_INDEX;
    } else if (o->churn && strcmp(o->churn, "low") != 0 && o->lowest == 0) {
        segment.order = TROTH__V1__SEGMENT_ORDER__SEGMENT_ORDER_HIGHEST_CHURN;
    }
    segment.limit = limit_of(o);
    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_SEGMENT;
    request.segment = &segment;
    return ask(cli, o, &request);
}

static int ask_fallen(struct cli *cli, const struct score_options *o)
{
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    Troth__V1__FallenScores fallen = TROTH__V1__FALLEN_SCORES__INIT;

    fallen.has_since_us = o->since_us != 0;
    fallen.since_us = o->since_us;
    fallen.has_within_us = o->fell_us != 0;
    fallen.within_us = o->fell_us;
    fallen.has_limit = 1;
    fallen.limit = limit_of(o);
    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_FALLEN;
    request.fallen = &fallen;
    return ask(cli, o, &request);
}

static const struct {
    const char *name;
    Troth__V1__TrustGrouping grouping;
} groupings[] = {
    {"company", TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_COMPANY     },
    {"branch",  TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_BRANCH      },
    {"team",    TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_TEAM        },
    {"kind",    TROTH__V1__TRUST_GROUPING__TRUST_GROUPING_PROMISE_KIND},
};

static int ask_groups(struct cli *cli, const struct score_options *o)
{
    Troth__V1__ScoreRequest request = TROTH__V1__SCORE_REQUEST__INIT;
    Troth__V1__TrustOfGroups groups = TROTH__V1__TRUST_OF_GROUPS__INIT;

    for (size_t i = 0; i < ARRAY_LEN(groupings); i++) {
        if (strcmp(groupings[i].name, o->by) == 0) {
            groups.has_grouping = groups.has_limit = 1;
            groups.grouping = groupings[i].grouping;
            groups.limit = limit_of(o);
        }
    }
    if (!groups.has_grouping) {
        return cli_wrong_usage(cli, "--by takes branch, team, kind or company");
    }
    request.body_case = TROTH__V1__SCORE_REQUEST__BODY_GROUPS;
    request.groups = &groups;
    return ask(cli, o, &request);
}

/* ---- the command */

static bool is_about_segment(const struct score_options *o)
{
    return o->lowest > 0 || o->highest > 0 || o->tier || o->churn || o->is_trust_broken;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct score_options *o = options;
    bool is_fall = o->fell_us != 0 || o->since_us != 0;
    int questions = (count > 0) + is_about_segment(o) + is_fall + (o->by != NULL);

    if (count > 1 || questions != 1) {
        return cli_wrong_usage(cli, "give one customer, or one kind of list: those of a segment, "
                                    "who fell, or --by");
    }
    if (o->limit > LIST_MAX || o->lowest > LIST_MAX || o->highest > LIST_MAX) {
        return cli_wrong_usage(cli, "a list has at most %d lines", LIST_MAX);
    }
    if ((o->lowest > 0 && o->highest > 0) || (o->fell_us != 0 && o->since_us != 0)) {
        return cli_wrong_usage(cli, "--lowest or --highest, --fell or --since: one of the two");
    }
    if (count == 0 && (o->as_of_us != 0 || o->is_replayed || o->has_evidence || o->source)) {
        return cli_wrong_usage(cli, "--as-of, --replay, --evidence and --source go with one "
                                    "customer");
    }
    if (o->limit > 0 && (count == 1 || o->lowest > 0 || o->highest > 0)) {
        return cli_wrong_usage(cli, "--limit goes with a list that does not say how long it is");
    }
    if (count == 1) {
        return ask_customer(cli, o, arguments[0]);
    }
    if (o->by) {
        return ask_groups(cli, o);
    }
    return is_fall ? ask_fallen(cli, o) : ask_segment(cli, o);
}

const struct cli_command cli_score = {
    .name = "score",
    .summary = "explain a customer's loyalty index; list who is lowest, fell, or may leave",
    .usage = "REF [--source NAME] [--as-of TIME] [--replay] [--evidence] [--language zh|en]\n"
             "--lowest N | --highest N [--tier TIER] [--churn LEVEL] [--trust-broken]\n"
             "--churn LEVEL [--limit N]\n"
             "--fell TIME | --since TIME [--limit N]\n"
             "--by branch|team|kind|company [--limit N]",
    .description =
        "Shows the loyalty index of a customer as the sum of its contributions, each with a bar "
        "to\n"
        "scale and the figures behind it, and the last changes with the event that made them. REF\n"
        "is the reference that a source knows the customer by, or K-1234567-4. Who is the same\n"
        "person as others by a merge is answered as that person.\n"
        "\n"
        "Everything is computed when it is asked, for what is old counts less every day. --as-of\n"
        "shows what was known at an earlier time, as it counted then. --replay reads all events "
        "of\n"
        "the customer from the log again; the index must be the same to the hundredth, otherwise\n"
        "the exit status is 1. Where events were dropped for their age that cannot be asked, and\n"
        "it says so. With many events of others beside them that takes its time: give\n"
        "it with --timeout.\n"
        "\n"
        "Lists show for each customer what weighs most. Those who fell are found by what "
        "happened,\n"
        "not by the time that passed. --by asks whose promises can be believed, the least trusted\n"
        "first. --json prints everything, always with the events.",
    .examples = "troth score W-17 --language zh\n"
                "troth score W-17 --as-of 2026-11-01 --evidence\n"
                "troth score W-17 --replay --timeout 60s\n"
                "troth score --lowest 20\ntroth score --churn high\ntroth score --fell 7d\n"
                "troth score --by branch\n",
    .options = options_table,
    .options_size = sizeof(struct score_options),
    .run = run,
};
