/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/libtroth/troth_failover.h"

#include <string.h>

#include "common/base/text.h"

#define BLANKS " \t\r\n"

int troth_failover_read(struct troth_failover *f, const char *text, uint64_t start, struct err *err)
{
    const char *p = text + strspn(text, BLANKS);

    f->count = 0;
    while (*p) {
        const size_t len = strcspn(p, BLANKS);

        if (f->count == TROTH_ENDPOINTS_MAX || len >= TROTH_ENDPOINT_SIZE) {
            return err_set_field(err, "option_invalid", "endpoints",
                                 "at most %d endpoints of at most %d bytes", TROTH_ENDPOINTS_MAX,
                                 TROTH_ENDPOINT_SIZE - 1);
        }
        (void)text_format(f->endpoints[f->count++], TROTH_ENDPOINT_SIZE, "%.*s", (int)len, p);
        p += len;
        p += strspn(p, BLANKS);
    }
    if (f->count == 0) {
        return err_set_field(err, "option_missing", "endpoints",
                             "where is intake? For example tcp://intake:5510");
    }
    f->at = (size_t)(start % f->count);
    return 0;
}

const char *troth_failover_endpoint(const struct troth_failover *f)
{
    return f->endpoints[f->at];
}

bool troth_failover_is_due(struct troth_failover *f, const struct troth_signs *signs)
{
    const bool is_new = signs->is_up != f->was_up || signs->heard != f->last_heard ||
                        (signs->is_waiting && !f->was_waiting);

    f->was_up = signs->is_up;
    f->was_waiting = signs->is_waiting;
    f->last_heard = signs->heard;
    if (is_new) {
        f->since_us = signs->now_us;
    }
    return f->count > 1 && signs->is_waiting &&
           signs->now_us - f->since_us > (signs->is_up ? f->answer_us : f->connect_us);
}

void troth_failover_next(struct troth_failover *f, int64_t now_us)
{
    f->at = (f->at + 1) % f->count;
    f->since_us = now_us;
    f->was_up = false;
    f->last_heard = 0;
}
