/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dialer_webhook_json.h - what the webhook driver and the service behind it say to each other. The
 * form is described in services/dialer/README.md.
 */
#ifndef TROTH_SERVICES_DIALER_DIALER_WEBHOOK_JSON_H
#define TROTH_SERVICES_DIALER_DIALER_WEBHOOK_JSON_H

#include "common/base/bytes.h"
#include "common/base/err.h"
#include "services/dialer/dialer_driver.h"

enum dialer_webhook_kind {
    DIALER_WEBHOOK_PENDING = 1, /* accepted, no outcome yet */
    DIALER_WEBHOOK_PROGRESS,
    DIALER_WEBHOOK_FINISHED,
};

struct dialer_webhook_word {
    enum dialer_webhook_kind kind;
    char key[DIALER_KEY_SIZE];   /* "" when it names none */
    int32_t stage;               /* DialStage */
    struct dialer_result result; /* started and ended in machine time; 0: not said */
};

/* Appends the body of the POST. callback: where outcomes are expected, "" without. What is written
 * is personal. */
void dialer_webhook_write(const struct dialer_order *order, const char *callback,
                          struct buffer *out);

/* An answer, a callback or a polled state. An empty body is PENDING. Values out of range are left
 * to dialer_result_clean(). Returns 0, or -1 with code "json_invalid", "wrong_type",
 * "outcome_unknown", "stage_unknown" or "key_invalid"; never with what was said. */
MUST_CHECK int dialer_webhook_read(struct bytes body, struct dialer_webhook_word *ret,
                                   struct err *err);

#endif
