/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/loyalty_service.h"

int main(int argc, char **argv)
{
    return service_main(argc, argv, &loyalty_service);
}
