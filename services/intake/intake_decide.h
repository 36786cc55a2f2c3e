/* SPDX-License-Identifier: Apache-2.0 */
/* intake_decide.h - a record, on what is known, becomes facts, events and a receipt. Pure: see
 * intake_work.h. */
#ifndef TROTH_INTAKE_DECIDE_H
#define TROTH_INTAKE_DECIDE_H

#include "common/base/err.h"
#include "services/intake/intake_record.h"
#include "services/intake/intake_work.h"
#include "services/intake/work_events.h"

/* What goes into the receipt of an accepted record. */
struct intake_outcome {
    int64_t customer;
    struct work_case *service_case; /* NULL: none */
    bool is_new_case;
    const char *case_joined_by;     /* "case_number", "case_ref" or a rule of dedup; NULL: new */
    const char *customer_joined_by; /* "phone", "email" or "ambiguous"; NULL: no question of it */
    int64_t fact_number; /* of what the record became, for taking it back; 0: nothing of its own */
    const struct work_promise *last_promise_before; /* those after it are new; NULL: all are */
};

/* Decides r and sets r->receipt and r->status. Never fails: what cannot be is rejected, without
 * effect. */
void intake_decide(struct intake_work *w, struct intake_record *r);

/* ---- for the parts */

/* The customer of the record's reference; made when it is new. */
struct work_customer *intake_decide_customer(struct intake_work *w, const struct intake_record *r);
/* The customer whom the record names by number, by reference (made when it is new), or by both, and
 * then they must agree. NULL with customer_unknown and no effect; fields: reference, number. */
struct work_customer *intake_decide_named_customer(struct intake_work *w,
                                                   const struct intake_record *r,
                                                   const char *const fields[2], struct err *err);
struct work_when intake_decide_when(const struct intake_record *r);
/* Keeps the text of field, unless it is empty. */
void intake_decide_text(struct intake_work *w, const struct intake_record *r,
                        const struct work_text *text);

#endif
