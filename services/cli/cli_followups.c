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

enum {
    STATES_MAX = 16,
    LIMIT_MAX = 1000
};

struct followups_options {
    const char *states;
    int64_t limit;
};

static const struct cli_option options_table[] = {
    {"state",                            CLI_OPTION_TEXT, "NAME,...",
     "only these: planned, claimed, ordered, done, missed, ...", offsetof(struct followups_options, states)},
    {"limit",                        CLI_OPTION_COUNT, "N", "at most so many, up to 1000; else 100",
     offsetof(struct followups_options, limit)},
    {.type = CLI_OPTION_END},
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
    if (count != 0 || o->limit > LIMIT_MAX) {
        return cli_wrong_usage(cli,
                               count ? "no arguments are expected" : "--limit is at most 1000");
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
    .usage = "[--state NAME,...] [--limit N]",
    .description =
        "Lists follow-ups with their state and its reason. States: planned (waits for its "
        "window),\n"
        "claimed (a scheduler works on it), ordered (a dial order is committed), done, missed "
        "(the\n"
        "window passed), suppressed (not called on purpose), failed (attempts used up), listed (a\n"
        "person has to look).",
    .examples =
        "troth followups --state planned --limit 20\ntroth followups --state listed --json\n",
    .options = options_table,
    .options_size = sizeof(struct followups_options),
    .run = run,
};
