/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup.h"

int main(int argc, char **argv)
{
    return service_main(argc, argv, &followup_spec);
}
