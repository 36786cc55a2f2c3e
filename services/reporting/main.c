/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/reporting_service.h"

int main(int argc, char **argv)
{
    return service_main(argc, argv, &reporting_service);
}
