/* SPDX-License-Identifier: Apache-2.0 */
/* cli_reporting.h - one question to reporting, from the connection to the exit status. */
#ifndef TROTH_SERVICES_CLI_CLI_REPORTING_H
#define TROTH_SERVICES_CLI_CLI_REPORTING_H

#include <stdbool.h>

#include "report.pb-c.h"
#include "services/cli/cli.h"

typedef void cli_reporting_print_fn(const void *ctx, const Troth__V1__ReportReply *reply);

/* Asks, then prints the whole reply as JSON or by print(ctx). body_case is that of an answer to
 * this request. Returns an enum cli_exit. */
int cli_reporting_ask(struct cli *cli, Troth__V1__ReportRequest *request,
                      Troth__V1__ReportReply__BodyCase body_case, cli_reporting_print_fn *print,
                      const void *ctx);

struct cli_reporting_again {
    /* Looks at an answer; true: request was changed and is asked in its place. */
    bool (*look)(void *ctx, Troth__V1__ReportRequest *request, const Troth__V1__ReportReply *reply);
    void *ctx;
};
/* The same, until look() is content with the answer, which alone is printed. */
int cli_reporting_ask_on(struct cli *cli, Troth__V1__ReportRequest *request,
                         Troth__V1__ReportReply__BodyCase body_case,
                         const struct cli_reporting_again *again, cli_reporting_print_fn *print,
                         const void *ctx);

/* What a service said instead of an answer: "unavailable" may help later, others never. Returns an
 * enum cli_exit. */
int cli_reporting_refused(const struct cli *cli, const char *code, const char *text);

/* Lists that several answers contain. */
void cli_print_promises(Troth__V1__PromiseView *const *promises, size_t count);
void cli_print_worklist(Troth__V1__WorklistEntry *const *entries, size_t count);

#endif
