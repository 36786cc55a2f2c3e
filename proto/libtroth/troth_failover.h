/* SPDX-License-Identifier: Apache-2.0 */
/* troth_failover.h - the endpoints of a client, and when to leave one for the next. Pure: time is
 * passed in. */
#ifndef TROTH_PROTO_LIBTROTH_TROTH_FAILOVER_H
#define TROTH_PROTO_LIBTROTH_TROTH_FAILOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

#define TROTH_ENDPOINTS_MAX 16
#define TROTH_ENDPOINT_SIZE 256

struct troth_failover {
    char endpoints[TROTH_ENDPOINTS_MAX][TROTH_ENDPOINT_SIZE];
    size_t count;
    size_t at;          /* the one in use */
    int64_t connect_us; /* patience without a connection */
    int64_t answer_us;  /* patience without an answer */
    /* since when the last signs have been what they are */
    int64_t since_us;
    bool was_up;
    bool was_waiting;
    int64_t last_heard;
};

/* text: 1 to 16 endpoints separated by blanks; start (any number) chooses the first one in use. The
 * times are set by the caller. */
MUST_CHECK int troth_failover_read(struct troth_failover *f, const char *text, uint64_t start,
                                   struct err *err);

const char *troth_failover_endpoint(const struct troth_failover *f); /* borrowed */

struct troth_signs {
    int64_t now_us;
    bool is_up;      /* the connection stands */
    bool is_waiting; /* records have no receipt */
    int64_t heard;   /* messages that came over it so far */
};

/* Takes note of the signs. True when the endpoint in use is to be left: records wait, there is
 * another endpoint, and this one has been gone for connect_us or silent for answer_us. */
bool troth_failover_is_due(struct troth_failover *f, const struct troth_signs *signs);

/* Goes to the next endpoint, which gets its full time. */
void troth_failover_next(struct troth_failover *f, int64_t now_us);

#endif
