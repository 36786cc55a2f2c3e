/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_admission.h"

#include <stddef.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/token_bucket.h"
#include "services/intake/intake.h"
#include "services/intake/intake_backlog.h"
#include "services/intake/intake_disk.h"
#include "services/intake/intake_rates.h"

/* ---- the message */

int intake_admit_message(const struct principal *p, struct err *err)
{
    if (p->id == 0) {
        return err_set(err, "not_permitted", "this key is not in force any more");
    }
    if (!(p->rights & RIGHT_RECORDS)) {
        return err_set(err, "not_permitted", "this key has no right to send records");
    }
    return 0;
}

/* ---- a record, unread */

static bool has_room(const struct intake *in, const struct principal *p, size_t more_bytes)
{
    const struct intake_load most = {
        .records = (size_t)in->settings->pending_max,
        .bytes = (size_t)in->settings->pending_mib * 1024 * 1024,
    };
    return intake_backlog_has_room(in->backlog, p->id, more_bytes, most);
}

/* 0: within the rate. */
static int64_t wait_for_rate(struct intake *in, const struct principal *p)
{
    if (p->rate_per_second == 0) {
        return 0;
    }
    const struct token_rate rate = {.per_second = p->rate_per_second,
                                    .burst = p->burst > 0 ? p->burst : p->rate_per_second};
    return intake_rates_take(in->rates, p->id, &rate, instant_monotonic_us());
}

const char *intake_admit_arrival(struct intake *in, const struct principal *p, size_t wire_bytes,
                                 int64_t *ret_retry_after_us)
{
    *ret_retry_after_us = in->settings->retry_after_us;
    if (in->service->is_draining) {
        return "stopping";
    }
    if (intake_disk_is_low(in->disk)) {
        *ret_retry_after_us = INTAKE_DISK_RETRY_US;
        return "disk_low";
    }
    if (!has_room(in, p, wire_bytes)) {
        return "busy";
    }
    const int64_t wait_us = wait_for_rate(in, p);
    if (wait_us > 0) {
        *ret_retry_after_us = wait_us;
        *in->metrics.rate_limited += 1;
        return "rate_limited";
    }
    return NULL;
}

/* ---- a record, decoded */

/* Where a record says which branch it is about. */
#define BRANCH(body, type, field)                                                                  \
    {                                                                                              \
        TROTH__V1__RECORD__BODY_##body, offsetof(Troth__V1__##type, branch), field                 \
    }
static const struct {
    Troth__V1__Record__BodyCase body;
    size_t offset; /* of the char * in the body */
    const char *field;
} branch_fields[] = {
    BRANCH(CONTACT, Contact, "contact.branch"),
    BRANCH(PURCHASE, Purchase, "purchase.branch"),
    BRANCH(REFUND, Refund, "refund.branch"),
    BRANCH(POINTS_REDEMPTION, PointsRedemption, "points_redemption.branch"),
    BRANCH(BRANCH_PROFILE, BranchProfile, "branch_profile.branch"),
    BRANCH(IMPROVEMENT, Improvement, "improvement.branch"),
    BRANCH(STAFF_PROFILE, StaffProfile, "staff_profile.branch"),
};

static int check_kind(const struct principal *p, const Troth__V1__Record *record, struct err *err)
{
    const unsigned number = (unsigned)record->body_case;
    if (record->body_case == TROTH__V1__RECORD__BODY_CUSTOMER_ERASURE &&
        !(p->rights & RIGHT_ERASURE)) {
        return err_set_field(err, "kind_not_permitted", "customer_erasure",
                             "this source has no right to erase customers");
    }
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&troth__v1__record__descriptor, number);
    if (!field || (number < 64 && (p->record_kinds & UINT64_C(1) << number))) {
        return 0; /* no body at all is said by the validation */
    }
    return err_set_field(err, "kind_not_permitted", field->name,
                         "this source may not send records of the kind %s", field->name);
}

static int check_branch(const struct principal *p, const Troth__V1__Record *record, struct err *err)
{
    const char *body = (const char *)record->contact; /* of the union */
    for (size_t i = 0; p->branches && i < ARRAY_LEN(branch_fields); i++) {
        const char *branch;
        if (branch_fields[i].body != record->body_case) {
            continue;
        }
        memcpy(&branch, body + branch_fields[i].offset, sizeof(branch));
        if (!text_is_empty(branch) && !principal_has_branch(p, branch)) {
            return err_set_field(err, "branch_not_permitted", branch_fields[i].field,
                                 "this source may not send records of this branch");
        }
    }
    return 0;
}

int intake_admit_record(const struct principal *p, const Troth__V1__Record *record, struct err *err)
{
    return check_kind(p, record, err) < 0 ? -1 : check_branch(p, record, err);
}
