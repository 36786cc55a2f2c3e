/* SPDX-License-Identifier: Apache-2.0 */
/* reporting_service.h - troth-reporting as service_main() runs it. */
#ifndef TROTH_REPORTING_REPORTING_SERVICE_H
#define TROTH_REPORTING_REPORTING_SERVICE_H

#include "common/runtime/service.h"

extern const struct service_spec reporting_service;

#endif
