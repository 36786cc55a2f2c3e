/* SPDX-License-Identifier: Apache-2.0 */
/* status_sql.h - what the questions of 'troth status' say alike. */
#ifndef TROTH_SERVICES_CLI_STATUS_SQL_H
#define TROTH_SERVICES_CLI_STATUS_SQL_H

/* The age of an instant in microseconds, -1 (STATUS_NEVER) where there is none. Business time for
 * what is due, machine time for who is alive. */
#define AGE(now, at)                                                                               \
    "coalesce((greatest(0, extract(epoch FROM " now " - " at ")) * 1000000)::int8, -1)"
#define BUSINESS "log.now()"
#define MACHINE  "clock_timestamp()"

#endif
