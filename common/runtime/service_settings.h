/* SPDX-License-Identifier: Apache-2.0 */
/* service_settings.h - the settings that every process has, for service.c. The struct they fill is
 * in service.h. */
#ifndef TROTH_COMMON_RUNTIME_SERVICE_SETTINGS_H
#define TROTH_COMMON_RUNTIME_SERVICE_SETTINGS_H

#include "common/runtime/service.h"

extern const struct setting service_settings[];

/* A copy with other defaults: rows {name, default_value}, ended by a NULL name; overrides may be
 * NULL. The caller frees it. */
struct setting *service_settings_with(const struct setting *overrides);

/* What a range cannot say. Code "setting_invalid". */
MUST_CHECK int service_settings_check(const struct service_settings *s, struct err *err);

#endif
