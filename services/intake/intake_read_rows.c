/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_read_rows.h"

#include "services/intake/intake_seal.h"

/* NOLINTNEXTLINE(misc-redundant-expression): that is what it asserts */
_Static_assert(DB_NO_TIME == WORK_NO_TIME, "instants pass through as they are");

const char *intake_read_text(const struct db_rows *rows, size_t row, int column)
{
    return db_is_null(rows, row, column) ? NULL : db_get_text(rows, row, column);
}

static struct bytes bytes_or_null(const struct db_rows *rows, size_t row, int column)
{
    struct bytes none = {0};
    return db_is_null(rows, row, column) ? none : db_get_bytes(rows, row, column);
}

/* ---- customers */

/* As it was at the customer's first reading: a person that was changed since has another version of
 * the customer. */
static void load_person(const struct db_rows *rows, size_t i, struct intake_work *w,
                        struct work_customer *c)
{
    if (db_get_bool(rows, i, CUSTOMER_WANTS_PERSON) && !c->person.is_open) {
        intake_seal_open_person(w, c, bytes_or_null(rows, i, CUSTOMER_PERSON));
    }
}

static void load_key(const struct db_rows *rows, size_t i, int column, struct intake_work *w,
                     int64_t customer)
{
    struct work_key *k = work_add_key(w, customer);
    k->generation = (int16_t)db_get_int(rows, i, column);
    k->wrapped = bytes_or_null(rows, i, column + 1);
}

struct work_customer *intake_read_customer(const struct db_rows *rows, size_t i,
                                           struct intake_work *w)
{
    struct work_customer *c = work_add_customer(w, db_get_int(rows, i, CUSTOMER_NUMBER));
    load_key(rows, i, CUSTOMER_KEY_GENERATION, w, c->number);
    load_person(rows, i, w, c);
    if (c->version_read) {
        return c; /* the first reading counts */
    }
    c->version_read = c->version = db_get_int(rows, i, CUSTOMER_VERSION);
    c->language = intake_read_text(rows, i, CUSTOMER_LANGUAGE);
    c->time_zone = intake_read_text(rows, i, CUSTOMER_TIME_ZONE);
    c->birth_month = (int)db_get_int(rows, i, CUSTOMER_BIRTH_MONTH);
    c->birth_day = (int)db_get_int(rows, i, CUSTOMER_BIRTH_DAY);
    c->birth_is_lunar = db_get_bool(rows, i, CUSTOMER_BIRTH_IS_LUNAR);
    c->birth_is_leap_month = db_get_bool(rows, i, CUSTOMER_BIRTH_IS_LEAP_MONTH);
    c->phone_handle = db_get_int(rows, i, CUSTOMER_PHONE_HANDLE);
    c->email_handle = db_get_int(rows, i, CUSTOMER_EMAIL_HANDLE);
    c->has_phone = db_get_bool(rows, i, CUSTOMER_HAS_PHONE);
    c->has_email = db_get_bool(rows, i, CUSTOMER_HAS_EMAIL);
    c->consents = db_get_int(rows, i, CUSTOMER_CONSENTS);
    c->refusals = db_get_int(rows, i, CUSTOMER_REFUSALS);
    c->first_seen_us = db_get_time(rows, i, CUSTOMER_FIRST_SEEN_AT);
    c->do_not_call = db_get_bool(rows, i, CUSTOMER_DO_NOT_CALL);
    c->merged_into = db_get_int(rows, i, CUSTOMER_MERGED_INTO);
    c->follower_count = (int32_t)db_get_int(rows, i, CUSTOMER_FOLLOWER_COUNT);
    return c;
}

/* ---- cases and promises */

static void load_promise(const struct db_rows *rows, size_t i, struct intake_work *w,
                         struct work_case *c)
{
    if (db_is_null(rows, i, PROMISE_NUMBER) ||
        work_find_promise(c, db_get_int(rows, i, PROMISE_NUMBER))) {
        return;
    }
    struct work_promise *p = work_add_promise(w, c, db_get_int(rows, i, PROMISE_NUMBER));
    p->kind = db_get_text(rows, i, PROMISE_KIND);
    p->state = (Troth__V1__PromiseState)db_get_int(rows, i, PROMISE_STATE);
    p->version_read = p->version = (int32_t)db_get_int(rows, i, PROMISE_VERSION);
    p->made_us = db_get_time(rows, i, PROMISE_MADE_AT);
    p->target_us = db_get_int(rows, i, PROMISE_TARGET_US);
    p->due_us =
        db_is_null(rows, i, PROMISE_DUE_AT) ? CLOCK_NEVER : db_get_time(rows, i, PROMISE_DUE_AT);
    p->next_step = (int)db_get_int(rows, i, PROMISE_NEXT_STEP);
    p->next_step_us = db_get_time(rows, i, PROMISE_NEXT_STEP_AT);
    p->done_us = db_get_time(rows, i, PROMISE_DONE_AT);
    p->settled_us = db_get_time(rows, i, PROMISE_SETTLED_AT);
    p->standard_id = (int32_t)db_get_int(rows, i, PROMISE_STANDARD_ID);
    p->is_historical = db_get_bool(rows, i, PROMISE_IS_HISTORICAL);
    p->is_due_fixed = db_get_bool(rows, i, PROMISE_IS_DUE_FIXED);
    p->source_id = (int32_t)db_get_int(rows, i, PROMISE_SOURCE_ID);
    p->reference = intake_read_text(rows, i, PROMISE_REFERENCE);
    p->replaces = db_get_int(rows, i, PROMISE_REPLACES);
    p->made_by = db_get_int(rows, i, PROMISE_MADE_BY);
    p->is_void = db_get_bool(rows, i, PROMISE_IS_VOID);
    p->rule = intake_read_text(rows, i, PROMISE_RULE);
    p->clock_version = (int32_t)db_get_int(rows, i, PROMISE_CLOCK_VERSION);
    p->done_by = (int)db_get_int(rows, i, PROMISE_DONE_BY);
    p->cause = (int)db_get_int(rows, i, PROMISE_CAUSE);
    p->customer_word = (int)db_get_int(rows, i, PROMISE_CUSTOMER_WORD);
    p->counted_us = db_is_null(rows, i, PROMISE_COUNTED_US)
                        ? WORK_NO_TIME
                        : db_get_int(rows, i, PROMISE_COUNTED_US);
    p->chance = db_get_float8(rows, i, PROMISE_CHANCE);
    p->safe_us = db_get_time(rows, i, PROMISE_SAFE_AT);
    p->past_cases = (int32_t)db_get_int(rows, i, PROMISE_PAST_CASES);
}

struct work_case *intake_read_case(const struct db_rows *rows, size_t i, struct intake_work *w)
{
    struct work_case *c = work_add_case(w, db_get_int(rows, i, CASE_NUMBER));
    if (!c->version_read) {
        c->customer = db_get_int(rows, i, CASE_CUSTOMER_NUMBER);
        c->version_read = c->version = db_get_int(rows, i, CASE_VERSION);
        c->state = (Troth__V1__CaseState)db_get_int(rows, i, CASE_STATE);
        c->kind = (Troth__V1__ContactKind)db_get_int(rows, i, CASE_KIND);
        c->channel = intake_read_text(rows, i, CASE_CHANNEL);
        c->branch = intake_read_text(rows, i, CASE_BRANCH);
        c->category = intake_read_text(rows, i, CASE_CATEGORY);
        c->product = intake_read_text(rows, i, CASE_PRODUCT);
        c->priority = (int)db_get_int(rows, i, CASE_PRIORITY);
        c->owner_team = intake_read_text(rows, i, CASE_OWNER_TEAM);
        c->standard_id = (int32_t)db_get_int(rows, i, CASE_STANDARD_ID);
        c->rule = db_get_text(rows, i, CASE_RULE);
        c->opened_us = db_get_time(rows, i, CASE_OPENED_AT);
        c->first_response_us = db_get_time(rows, i, CASE_FIRST_RESPONSE_AT);
        c->resolved_us = db_get_time(rows, i, CASE_RESOLVED_AT);
        c->closed_us = db_get_time(rows, i, CASE_CLOSED_AT);
        c->reopened_count = (int32_t)db_get_int(rows, i, CASE_REOPENED_COUNT);
        c->is_historical = db_get_bool(rows, i, CASE_IS_HISTORICAL);
        c->last_contact_us = db_get_time(rows, i, CASE_LAST_CONTACT_AT);
        c->category_by = (int)db_get_int(rows, i, CASE_CATEGORY_BY);
        c->mood = (int)db_get_int(rows, i, CASE_MOOD);
        c->asked_priority = (int)db_get_int(rows, i, CASE_ASKED_PRIORITY);
        c->joined_case = db_get_int(rows, i, CASE_JOINED_CASE);
        c->solved_like = db_get_int(rows, i, CASE_SOLVED_LIKE);
        c->is_reference = db_get_bool(rows, i, CASE_IS_REFERENCE);
        load_key(rows, i, CASE_KEY_GENERATION, w, c->customer);
    }
    load_promise(rows, i, w, c);
    return c;
}

/* A case that two records name comes twice; its version tells what is known already. */
void intake_read_pause(const struct db_rows *rows, size_t i, int column, struct intake_work *w)
{
    struct work_case *c = work_find_case(w, db_get_int(rows, i, column));
    int64_t version = db_get_int(rows, i, column + 1);
    if (c && version > c->paused_version) {
        work_case_moved(w, c, (Troth__V1__CaseState)db_get_int(rows, i, column + 2),
                        (Troth__V1__CaseState)db_get_int(rows, i, column + 3),
                        db_get_time(rows, i, column + 4));
        c->paused_version = version;
    }
}

void intake_read_case_pauses(const struct db_rows *rows, struct intake_work *w)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        intake_read_pause(rows, i, 0, w);
    }
}
