/* SPDX-License-Identifier: Apache-2.0 */
/* loyalty_service.h - troth-loyalty as service_main() runs it. */
#ifndef TROTH_LOYALTY_LOYALTY_SERVICE_H
#define TROTH_LOYALTY_LOYALTY_SERVICE_H

#include "common/runtime/service.h"

extern const struct service_spec loyalty_service;

#endif
