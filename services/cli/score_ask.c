/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/score_ask.h"

#include <string.h>

#include "common/base/text.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_reporting.h"

static bool is_answer(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__ScoreReply *reply = (const Troth__V1__ScoreReply *)m;

    return reply->request_id && strcmp(reply->request_id, ctx) == 0;
}

int score_ask(struct cli *cli, Troth__V1__ScoreRequest *request, score_ask_print_fn *print,
              const void *options)
{
    struct err err = ERR_NONE;
    char id[CLI_REQUEST_ID_SIZE];
    struct cli_client *client = cli_client_open(cli, CLI_LOYALTY, &err);
    int code;

    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    cli_client_request_id(id);
    request->request_id = id;
    const Troth__V1__ScoreReply *reply = (const Troth__V1__ScoreReply *)cli_client_ask(
        client, &request->base, &troth__v1__score_reply__descriptor, is_answer, id, &err);
    if (!reply) {
        code = cli_fail(cli, CLI_NO_ANSWER, &err);
    } else if (!text_is_empty(reply->code)) {
        code = cli_reporting_refused(cli, reply->code, reply->text);
    } else {
        code = print(cli, options, request, reply);
    }
    cli_client_close(client);
    return code;
}
