/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer.h"

int main(int argc, char **argv)
{
    return service_main(argc, argv, &dialer_spec);
}
