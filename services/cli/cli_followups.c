/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/message_field.h"
#include "dialer.pb-c.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_reporting.h"
#include "services/cli/cli_table.h"
#include "services/cli/followup_by_rule.h"
#include "services/cli/followup_ended.h"
#include "services/cli/followup_explain.h"
#include "services/cli/followup_moves.h"

enum {
    STATES_MAX = 16,
    LIMIT_MAX = 1000,            /* of the scheduler's answer */
    OPERATOR_LIMIT_MAX = 100000, /* of what is read of PostgreSQL */
};

struct followups_options {
    const char *states;
    int64_t limit;
    bool is_moved;
    const char *explain;
    const char *ended;
    bool is_zone_unknown;
    bool is_by_rule;
    const char *database;
};

static const struct cli_option options_table[] = {
    {"state",                            CLI_OPTION_TEXT, "NAME,...",
     "only these: planned, claimed, ordered, done, missed, ...", offsetof(struct followups_options, states)},
    {"limit",                        CLI_OPTION_COUNT, "N", "at most so many; else 100",
     offsetof(struct followups_options, limit)},
    {"moved", CLI_OPTION_FLAG, NULL, "what new time zone data moved, the newest first",
     offsetof(struct followups_options, is_moved)},
    {"explain",                                  CLI_OPTION_TEXT, "F-...",
     "one follow-up: its history, and what would be decided now", offsetof(struct followups_options, explain)},
    {"ended",CLI_OPTION_TEXT, "NAME,...",
     "how many ended so and why: suppressed, missed, merged, listed, ...", offsetof(struct followups_options, ended)},
    {"by-rule",       CLI_OPTION_FLAG, NULL, "what became of each rule's follow-ups, and why",
     offsetof(struct followups_options, is_by_rule)},
    {"zone-unknown",                            CLI_OPTION_FLAG, NULL,
     "what is planned for customers of whom nobody knows the zone", offsetof(struct followups_options, is_zone_unknown)},
    {"database",                            CLI_OPTION_TEXT, "CONNINFO", "with all but --state: PostgreSQL as troth_operator",
     offsetof(struct followups_options, database)},
    {.type = CLI_OPTION_END                             },
};

static bool is_answer(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__DialerReply *reply = (const Troth__V1__DialerReply *)m;

    if (reply->body_case == TROTH__V1__DIALER_REPLY__BODY_ERROR) {
        return true;
    }
    return reply->body_case == TROTH__V1__DIALER_REPLY__BODY_WORKLIST &&
           reply->worklist->request_id && strcmp(reply->worklist->request_id, ctx) == 0;
}

/* "planned,listed". Returns -1 when a name is none of the states. */
static int parse_states(const char *names, Troth__V1__FollowUpState states[STATES_MAX],
                        size_t *ret_count)
{
    size_t count = 0;

    while (*names) {
        const size_t len = strcspn(names, ",");
        const ProtobufCEnumValue *value;
        char name[CLI_NAME_SIZE];

        text_format(name, sizeof(name), "%.*s", (int)len, names);
        value = message_enum_find(&troth__v1__follow_up_state__descriptor, name);
        if (!value || value->value == 0 || count == STATES_MAX) {
            return -1;
        }
        states[count++] = (Troth__V1__FollowUpState)value->value;
        names += len + (names[len] == ',');
    }
    *ret_count = count;
    return 0;
}

static int print_reply(const struct cli *cli, const Troth__V1__DialerReply *reply)
{
    if (reply->body_case == TROTH__V1__DIALER_REPLY__BODY_ERROR) {
        return cli_reporting_refused(cli, cli_text(reply->error->code), reply->error->text);
    }
    if (cli->is_json) {
        cli_print_json(&reply->worklist->base, stdout);
    } else if (reply->worklist->n_entries == 0) {
        (void)puts("No follow-ups.");
    } else {
        cli_print_worklist(reply->worklist->entries, reply->worklist->n_entries);
    }
    return CLI_OK;
}

/* What is read of PostgreSQL itself: one of these questions at a time. */
static int run_of_operator(const struct cli *cli, const struct followups_options *o)
{
    const int64_t limit = o->limit > 0 ? o->limit : 100;
    const int questions = (o->is_moved ? 1 : 0) + (o->explain ? 1 : 0) + (o->ended ? 1 : 0) +
                          (o->is_zone_unknown ? 1 : 0) + (o->is_by_rule ? 1 : 0);
    Troth__V1__FollowUpState states[STATES_MAX];
    size_t count;

    if (questions != 1 || o->states) {
        return cli_wrong_usage(cli, "--moved goes with --limit and --database alone, and so do "
                                    "--explain, --ended, --by-rule and --zone-unknown");
    }
    if (o->explain) {
        return followup_explain(cli, o->database, o->explain);
    }
    if (o->is_by_rule) {
        return followup_by_rule(cli, o->database);
    }
    if (o->is_moved) {
        return followup_moves(cli, o->database, limit);
    }
    if (o->is_zone_unknown) {
        return followup_zoneless(cli, o->database, limit);
    }
    if (parse_states(o->ended, states, &count) < 0) {
        return cli_wrong_usage(cli,
                               "--ended takes suppressed, missed, merged, listed, failed, done, "
                               "parted by commas");
    }
    return followup_ended(cli, o->database, states, count, limit);
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    const struct followups_options *o = options;
    Troth__V1__DialerRequest request = TROTH__V1__DIALER_REQUEST__INIT;
    Troth__V1__WorklistRequest body = TROTH__V1__WORKLIST_REQUEST__INIT;
    Troth__V1__FollowUpState states[STATES_MAX];
    const Troth__V1__DialerReply *reply;
    struct err err = ERR_NONE;
    char id[CLI_REQUEST_ID_SIZE];
    struct cli_client *client;
    int code;

    (void)arguments;
    const bool is_of_operator =
        o->is_moved || o->explain || o->ended || o->is_by_rule || o->is_zone_unknown || o->database;
    if (count != 0) {
        return cli_wrong_usage(cli, "no arguments are expected");
    }
    if (o->limit > (is_of_operator ? OPERATOR_LIMIT_MAX : LIMIT_MAX)) {
        return cli_wrong_usage(cli, is_of_operator ? "--limit is at most 100000"
                                                   : "--limit is at most 1000");
    }
    if (is_of_operator) {
        return run_of_operator(cli, o);
    }
    if (o->states && parse_states(o->states, states, &body.n_states) < 0) {
        return cli_wrong_usage(cli, "--state takes planned, claimed, ordered, done, missed, "
                                    "suppressed, failed, listed, parted by commas");
    }
    client = cli_client_open(cli, CLI_FOLLOWUP, &err);
    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    cli_client_request_id(id);
    body.request_id = id;
    body.states = states;
    body.has_limit = o->limit > 0;
    body.limit = (int32_t)o->limit;
    request.body_case = TROTH__V1__DIALER_REQUEST__BODY_WORKLIST;
    request.worklist = &body;
    reply = (const Troth__V1__DialerReply *)cli_client_ask(
        client, (const ProtobufCMessage *)&request, &troth__v1__dialer_reply__descriptor, is_answer,
        id, &err);
    code = reply ? print_reply(cli, reply) : cli_fail(cli, CLI_NO_ANSWER, &err);
    cli_client_close(client);
    return code;
}

const struct cli_command cli_followups = {
    .name = "followups",
    .summary = "list follow-ups: whom to call, why and when",
    .usage = "[--state NAME,...] [--limit N]\n--explain F-... [--database CONNINFO]\n"
             "--ended NAME,... [--limit N] [--database CONNINFO]\n"
             "--by-rule [--database CONNINFO]\n"
             "--zone-unknown [--limit N] [--database CONNINFO]\n"
             "--moved [--limit N] [--database CONNINFO]",
    .description =
        "Lists follow-ups with their state and its reason. States: planned (waits for its "
        "window),\n"
        "claimed (a scheduler works on it), ordered (a dial order is committed), done, missed "
        "(the\n"
        "window passed), suppressed (not called on purpose), failed (attempts used up), listed (a\n"
        "person has to look), merged (the call of another one covers it).\n"
        "\n"
        "--explain shows one of them: the rule that planned it, each deferral, order and outcome,\n"
        "what its call covers, and what would be decided about it now. --ended counts by reason\n"
        "what ended without a call, and lists the newest, up to --limit 100000; --by-rule counts\n"
        "all of them by rule, and their reasons; --zone-unknown lists what waits for the hours\n"
        "that are safe everywhere, or would.\n"
        "\n"
        "What is due at a local time stays at that time when the data of the time zones change, "
        "and\n"
        "moves to another instant: --moved lists which did, with both releases and by how much.",
    .examples =
        "troth followups --state planned --limit 20\ntroth followups --state listed --json\n"
        "troth followups --explain F-1234567-4\ntroth followups --ended "
        "suppressed,missed,merged,listed\n"
        "troth followups --by-rule\ntroth followups --moved\n",
    .options = options_table,
    .options_size = sizeof(struct followups_options),
    .run = run,
};
