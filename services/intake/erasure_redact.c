/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/erasure_redact.h"

#include "event.pb-c.h"

static bool take_out(Troth__V1__Event *e)
{
    static const Troth__V1__CustomerChanged nothing = TROTH__V1__CUSTOMER_CHANGED__INIT;
    if (e->body_case == TROTH__V1__EVENT__BODY_CUSTOMER_CHANGED) {
        *e->customer_changed = nothing;
        e->trace = NULL;
        return true;
    }
    if (e->body_case == TROTH__V1__EVENT__BODY_DEVICE_SIGNALLED &&
        e->device_signalled->has_device) {
        e->device_signalled->has_device = false;
        e->trace = NULL;
        return true;
    }
    return false;
}

struct bytes erasure_redact(const struct audit_event *e, const struct audit_key *key,
                            struct arena *arena)
{
    const struct bytes nothing = {.data = NULL};
    uint8_t nonce[AUDIT_NONCE_LEN];
    uint8_t commitment[MERKLE_HASH_LEN];
    Troth__V1__Event *event =
        troth__v1__event__unpack(arena_allocator(arena), e->body.len, e->body.data);
    if (!event || event->has_commitment || !take_out(event)) {
        return nothing;
    }
    if (key) {
        audit_nonce(key, &e->place, nonce);
        audit_commitment(e, nonce, commitment);
        event->has_commitment = true;
        event->commitment = (ProtobufCBinaryData){.len = sizeof(commitment), .data = commitment};
    }
    uint8_t *body = arena_alloc(arena, troth__v1__event__get_packed_size(event));
    return body ? (struct bytes){.data = body, .len = troth__v1__event__pack(event, body)}
                : nothing;
}
