/* SPDX-License-Identifier: Apache-2.0 */
/* dialer_webhook.h - what the parts of the webhook driver share. */
#ifndef TROTH_SERVICES_DIALER_DIALER_WEBHOOK_H
#define TROTH_SERVICES_DIALER_DIALER_WEBHOOK_H

#include "common/runtime/http.h"
#include "common/runtime/metrics.h"
#include "common/runtime/web_client.h"
#include "common/runtime/webhook_sign.h"
#include "services/dialer/dialer_driver.h"
#include "services/dialer/dialer_webhook_json.h"

struct hook_call;

struct dialer_webhook {
    struct dialer_driver_context context;
    struct web_client *client;
    struct webhook_secrets secrets;
    struct hook_call *calls; /* by key */
    struct http_exchange *
        *waiting; /* callbacks that are answered when the journal is on the disk */
    size_t waiting_count, waiting_capacity;
    bool is_unsafe; /* an outcome was told, by whichever way, that is not on the disk yet */
    int64_t *failed, *dead, *callbacks, *callbacks_again, *callbacks_refused;
};

/* result: times in machine time. */
void dialer_webhook_finish(struct dialer_webhook *w, const char *key,
                           const struct dialer_result *result);

/* dialer_webhook_door.c: POST /dialer/callback. */
void dialer_webhook_open_door(struct dialer_webhook *w);
void dialer_webhook_answer_waiting(void *driver);

#endif
