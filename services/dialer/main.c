/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "services/dialer/dialer.h"
#include "services/dialer/sip_line.h"

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], SIP_LINE_ARGUMENT) == 0) {
        return sip_line_main();
    }
    return service_main(argc, argv, &dialer_spec);
}
