/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer.h - the dialer: connections to follow-up schedulers, the desk that decides, the backend
 * that calls.
 *
 * One connection per endpoint, so that each scheduler hears every hello. A result goes to the
 * scheduler that ordered, or, when that one is silent, to another: any of them can commit it.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_H
#define TROTH_SERVICES_DIALER_DIALER_H

#include "common/runtime/service.h"

/* For service_main(). */
extern const struct service_spec dialer_spec;

#endif
