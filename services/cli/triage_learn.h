/* SPDX-License-Identifier: Apache-2.0 */
/* triage_learn.h - `troth triage train` and `test`: models from CSV files, and how right they are.
 */
#ifndef TROTH_SERVICES_CLI_TRIAGE_LEARN_H
#define TROTH_SERVICES_CLI_TRIAGE_LEARN_H

#include "services/cli/cli.h"

/* Of all verbs of `troth triage`. */
struct triage_options {
    const char *text, *label, *out, *held_out, *purpose, *say, *database;
    int64_t target, seed, rows;
};

/* paths: what follows the verb, ended by NULL. Returns an enum cli_exit. */
int triage_learn_train(const struct cli *cli, const struct triage_options *o, char **paths);
int triage_learn_test(const struct cli *cli, const struct triage_options *o, char **paths);

#endif
