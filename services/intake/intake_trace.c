/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_trace.h"

#include "common/base/compiler.h"
#include "common/base/log.h"
#include "common/base/trace_context.h"
#include "common/runtime/message_check.h"
#include "services/intake/borrowed.h"

static const char *status_name(Troth__V1__ReceiptStatus status)
{
    static const char *const names[] = {
        [TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_ACCEPTED] = "accepted",
        [TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_DUPLICATE] = "duplicate",
        [TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED] = "rejected",
        [TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY] = "retry",
    };
    return (size_t)status < ARRAY_LEN(names) ? names[status] : NULL;
}

void intake_trace_log(const struct intake_record *r, Troth__V1__ReceiptStatus status)
{
    char trace[TRACE_CONTEXT_SIZE], id[TRACE_CONTEXT_ID_SIZE];
    const ProtobufCFieldDescriptor *body = NULL;
    if (!r->message->trace || !trace_context_read(r->message->trace, trace) ||
        !trace_context_is_sampled(trace)) {
        return;
    }
    body = protobuf_c_message_descriptor_get_field(&troth__v1__record__descriptor,
                                                   (unsigned)r->message->body_case);
    log_info("record_answered", LOG_TEXT("trace", trace_context_id(trace, id)),
             LOG_INT("source_id", r->request->sender.source_id),
             LOG_TEXT("kind", body ? body->name : NULL), LOG_TEXT("status", status_name(status)));
}

struct found {
    const char *value;
    size_t count;
};

static void note(void *ctx, const char *name, const char *value)
{
    struct found *f = ctx;
    (void)name;
    f->value = value;
    f->count++;
}

void intake_trace_of_post(const struct http_request *request, struct buffer *wire)
{
    struct found found = {.value = NULL};
    char trace[TRACE_CONTEXT_SIZE];
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    http_header_each(request, "traceparent", note, &found);
    if (found.count == 1 && trace_context_read(found.value, trace)) {
        record.trace = borrowed(trace);
        message_pack((const ProtobufCMessage *)&record, wire);
    }
}
