/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof_command.h - `troth-proof check proof.json --key FILE.pub [--head head.json]`.
 *
 * Needs neither a database nor a service: whoever got a proof runs it on a machine of their own.
 */
#ifndef TROTH_SERVICES_PROOF_PROOF_COMMAND_H
#define TROTH_SERVICES_PROOF_PROOF_COMMAND_H

/* What a script can trust. */
enum proof_exit {
    PROOF_HOLDS = 0,
    PROOF_FAILS = 1, /* changed, or of somebody else */
    PROOF_USAGE = 2, /* wrong arguments, or files that cannot be read */
};

/* Returns an enum proof_exit. */
int proof_command(int argc, char **argv);

#endif
