/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/text.h"
#include "common/runtime/message_json.h"
#include "common/runtime/service_health.h"
#include "report.pb-c.h"
#include "services/cli/cli_client.h"
#include "services/cli/cli_commands.h"
#include "services/cli/cli_table.h"

/* What one service says of itself. */
struct readiness {
    bool is_asked; /* the settings say where */
    bool is_ready;
    struct err why; /* when it is not */
};

static bool is_answer(void *ctx, const ProtobufCMessage *m)
{
    const Troth__V1__ReportReply *reply = (const Troth__V1__ReportReply *)m;

    return reply->request_id && strcmp(reply->request_id, ctx) == 0;
}

static void ask_readiness(const struct cli *cli, struct readiness list[CLI_SERVICE_COUNT])
{
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        const char *http = cli->settings.peers[i].http;

        list[i] = (struct readiness){.is_asked = !text_is_empty(http)};
        if (list[i].is_asked) {
            list[i].is_ready = service_health_ask(http, &list[i].why) == 0;
        }
    }
}

static json_t *readiness_to_json(const struct readiness list[CLI_SERVICE_COUNT])
{
    json_t *json = json_object();

    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        if (list[i].is_asked) {
            json_object_set_new(json, cli_service_name((enum cli_service)i),
                                list[i].is_ready ? json_string("ready")
                                                 : json_string(list[i].why.text));
        }
    }
    return json;
}

static void print_json(const struct readiness list[CLI_SERVICE_COUNT],
                       const Troth__V1__ReportReply *reply)
{
    json_t *json = json_object();

    json_object_set_new(json, "services", readiness_to_json(list));
    if (reply && reply->body_case == TROTH__V1__REPORT_REPLY__BODY_BACKLOG) {
        json_object_set_new(json, "backlog", message_to_json(&reply->backlog->base));
    }
    (void)json_dumpf(json, stdout, JSON_INDENT(2));
    (void)fputc('\n', stdout);
    json_decref(json);
}

static void print_readiness(const struct readiness list[CLI_SERVICE_COUNT])
{
    static const char *const titles[] = {"SERVICE", "STATE"};
    struct cli_table table = {.titles = titles, .count = 2};

    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        if (list[i].is_asked) {
            cli_table_add(&table, "%s", cli_service_name((enum cli_service)i));
            cli_table_add(&table, "%s", list[i].is_ready ? "ready" : list[i].why.text);
        }
    }
    cli_table_print(&table, stdout);
}

static void print_backlog(const Troth__V1__Backlog *b)
{
    static const char *const titles[] = {"WAITING", ">COUNT"};
    struct cli_table table = {.titles = titles, .count = 2};
    char text[CLI_NAME_SIZE];
    int64_t sum = 0;

    for (size_t i = 0; i < b->n_entries; i++) {
        cli_table_add(&table, "%s", cli_text(b->entries[i]->name));
        cli_table_add(&table, "%" PRId64, b->entries[i]->count);
        sum += b->entries[i]->count;
    }
    (void)printf("\nBacklog at %s, %s\n", cli_time_text(b->has_now_us, b->now_us, text),
                 sum == 0 ? "nothing waits" : "in business time");
    cli_table_print(&table, stdout);
}

static int conclude(const struct cli *cli, const struct readiness list[CLI_SERVICE_COUNT],
                    const Troth__V1__ReportReply *reply, const struct err *err)
{
    struct err refused = ERR_NONE;

    if (cli->is_json) {
        print_json(list, reply);
    } else {
        print_readiness(list);
        if (reply && reply->body_case == TROTH__V1__REPORT_REPLY__BODY_BACKLOG) {
            print_backlog(reply->backlog);
        }
    }
    if (!reply) {
        return cli_fail(cli, CLI_NO_ANSWER, err);
    }
    if (reply->body_case != TROTH__V1__REPORT_REPLY__BODY_BACKLOG) {
        err_set(&refused, cli_text(reply->code), "%s", cli_text(reply->text));
        return cli_fail(cli, CLI_REFUSED, &refused);
    }
    for (size_t i = 0; i < CLI_SERVICE_COUNT; i++) {
        if (list[i].is_asked && !list[i].is_ready) {
            return CLI_REFUSED;
        }
    }
    return CLI_OK;
}

static int run(struct cli *cli, const void *options, int count, char **arguments)
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__BacklogRequest body = TROTH__V1__BACKLOG_REQUEST__INIT;
    struct readiness list[CLI_SERVICE_COUNT];
    struct err err = ERR_NONE;
    char id[CLI_REQUEST_ID_SIZE];
    struct cli_client *client;
    int code;

    (void)options;
    (void)arguments;
    if (count != 0) {
        return cli_wrong_usage(cli, "no arguments are expected");
    }
    client = cli_client_open(cli, CLI_REPORTING, &err);
    if (!client) {
        return cli_fail(cli, CLI_USAGE, &err);
    }
    ask_readiness(cli, list);
    cli_client_request_id(id);
    request.request_id = id;
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_BACKLOG;
    request.backlog = &body;
    code = conclude(cli, list,
                    (const Troth__V1__ReportReply *)cli_client_ask(
                        client, (const ProtobufCMessage *)&request,
                        &troth__v1__report_reply__descriptor, is_answer, id, &err),
                    &err);
    cli_client_close(client);
    return code;
}

const struct cli_command cli_status = {
    .name = "status",
    .summary = "show which services are ready and what still waits",
    .usage = "[--json]",
    .description =
        "Asks each service whose HTTP endpoint stands in the settings whether it is ready, and\n"
        "reporting what still waits: events not read yet, promises and follow-ups that are due,\n"
        "dial orders on their way, answers not sent yet. Ends with 1 when a service is not ready.",
    .examples = "troth status\ntroth status --json | jq '.backlog.entries'\n",
    .run = run,
};
