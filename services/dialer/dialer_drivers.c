/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dialer_drivers.h"

#include <string.h>

#include "common/base/text.h"

static const struct dialer_driver *const drivers[] = {
    &dialer_simulated, &dialer_webhook, &dialer_mail, &dialer_sip, &dialer_asterisk,
};

const struct dialer_driver *dialer_drivers_find(const char *name, struct err *err)
{
    struct text names = {.data = NULL};
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++) {
        if (strcmp(drivers[i]->name, name) == 0) {
            text_free(&names);
            return drivers[i];
        }
        text_appendf(&names, "%s%s", i > 0 ? ", " : "", drivers[i]->name);
    }
    (void)err_set_field(err, "setting_invalid", "driver", "\"%s\" is none of the drivers: %s", name,
                        text_or_empty(&names));
    text_free(&names);
    return NULL;
}
