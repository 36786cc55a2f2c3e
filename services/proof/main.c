/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - troth-proof, which checks a proof of `troth audit prove` without Troth. */
#include "services/proof/proof_command.h"

int main(int argc, char **argv)
{
    return proof_command(argc, argv);
}
