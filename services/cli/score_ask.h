/* SPDX-License-Identifier: Apache-2.0 */
/* score_ask.h - one question to loyalty, from the connection to the exit status. */
#ifndef TROTH_SERVICES_CLI_SCORE_ASK_H
#define TROTH_SERVICES_CLI_SCORE_ASK_H

#include "score.pb-c.h"
#include "services/cli/cli.h"

/* Prints an answer that is no refusal. Returns an enum cli_exit. */
typedef int score_ask_print_fn(const struct cli *cli, const void *options,
                               const Troth__V1__ScoreRequest *request,
                               const Troth__V1__ScoreReply *reply);

/* options: for print. Returns an enum cli_exit. */
int score_ask(struct cli *cli, Troth__V1__ScoreRequest *request, score_ask_print_fn *print,
              const void *options);

#endif
