/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_drivers.h - the drivers there are, by the name that the setting `driver` has. */
#ifndef TROTH_SERVICES_DIALER_DIALER_DRIVERS_H
#define TROTH_SERVICES_DIALER_DIALER_DRIVERS_H

#include "services/dialer/dialer_driver.h"

/* NULL with err (code "setting_invalid", naming those there are). */
const struct dialer_driver *dialer_drivers_find(const char *name, struct err *err);

#endif
