/* SPDX-License-Identifier: Apache-2.0 */
/* service_database.h - the first connection of a process, for service.c: right schema, known
 * principals. */
#ifndef TROTH_COMMON_RUNTIME_SERVICE_DATABASE_H
#define TROTH_COMMON_RUNTIME_SERVICE_DATABASE_H

#include "common/base/err.h"
#include "common/runtime/service.h"

/* Opens s->db and fills s->principals. Waits up to 30 s for the server and for a schema that is
 * missing or older (its expansion is too low). Returns -1 without an error code when s->is_draining
 * was set meanwhile. */
MUST_CHECK int service_database_open(struct service *s, const char *settings, struct err *err);

#endif
