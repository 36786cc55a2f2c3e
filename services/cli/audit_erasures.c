/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/audit_erasures.h"

#include <inttypes.h>
#include <string.h>

#include "common/domain/identifier.h"
#include "event.pb-c.h"
#include "services/cli/audit_read_store.h"

static int64_t events_of(struct bytes body)
{
    Troth__V1__Event *e = troth__v1__event__unpack(NULL, body.len, body.data);
    int64_t events = e && e->body_case == TROTH__V1__EVENT__BODY_CUSTOMER_ERASED
                         ? e->customer_erased->redacted_events
                         : 0;
    if (e) {
        troth__v1__event__free_unpacked(e, NULL);
    }
    return events;
}

void audit_erasures_note(struct audit_redacted *r, const struct audit_event *e)
{
    if (e->commitment) {
        audit_redacted_add(r, e->customer);
    } else if (strcmp(e->kind, "customer_erased") == 0) {
        audit_redacted_expect(r, e->customer, events_of(e->body));
    }
}

struct suspicion {
    struct db *db;
    struct audit_check *check;
    struct err *err;
    int64_t explained;
    int rc;
};

static void add_explained(void *ctx, size_t run, const struct audit_event *e)
{
    struct suspicion *s = ctx;
    (void)run;
    s->explained += events_of(e->body);
}

static void look(void *ctx, int64_t customer, int64_t events)
{
    struct suspicion *s = ctx;
    char number[IDENTIFIER_TEXT_SIZE];
    s->explained = 0;
    if (s->rc < 0 || audit_read_erasures(s->db, customer, add_explained, s, s->err) < 0) {
        s->rc = -1;
    } else if (events > s->explained) {
        audit_check_fault(s->check, "event_redacted",
                          "something was taken out of %" PRId64
                          " events of %s, and no erasure on record explains it",
                          events, identifier_format(IDENTIFIER_CUSTOMER, customer, number));
    }
}

int audit_erasures_check(struct db *db, struct audit_redacted *r, struct audit_check *check,
                         struct err *err)
{
    struct suspicion s = {.db = db, .check = check, .err = err};
    audit_redacted_suspects(r, look, &s);
    return s.rc;
}
