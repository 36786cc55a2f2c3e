/* SPDX-License-Identifier: Apache-2.0 */
/* intake_read_rows.h - between the files that read: the columns of customers and cases, and how
 * rows of them are loaded. Texts are borrowed from the rows. */
#ifndef TROTH_INTAKE_READ_ROWS_H
#define TROTH_INTAKE_READ_ROWS_H

#include <stddef.h>

#include "common/runtime/db.h"
#include "services/intake/intake_work.h"

/* Of intake.customer AS c and, where u.wants_person, of intake.person AS p. */
#define CUSTOMER_COLUMNS                                                                           \
    "c.number, c.version, c.language, c.time_zone, c.birth_month, c.birth_day,"                    \
    " c.birth_is_lunar, c.birth_is_leap_month, c.phone_handle, c.email_handle, c.has_phone,"       \
    " c.has_email, c.consents, c.refusals, c.first_seen_at, c.key_generation, c.wrapped_key,"      \
    " c.do_not_call, c.merged_into, c.follower_count, u.wants_person, p.sealed"
/* Only where it is wanted: what nobody needs is neither read nor opened. */
#define JOIN_PERSON                                                                                \
    " LEFT JOIN intake.person AS p ON p.bucket = c.bucket"                                         \
    "       AND p.customer_number = CASE WHEN u.wants_person THEN c.number END"
enum {
    CUSTOMER_NUMBER,
    CUSTOMER_VERSION,
    CUSTOMER_LANGUAGE,
    CUSTOMER_TIME_ZONE,
    CUSTOMER_BIRTH_MONTH,
    CUSTOMER_BIRTH_DAY,
    CUSTOMER_BIRTH_IS_LUNAR,
    CUSTOMER_BIRTH_IS_LEAP_MONTH,
    CUSTOMER_PHONE_HANDLE,
    CUSTOMER_EMAIL_HANDLE,
    CUSTOMER_HAS_PHONE,
    CUSTOMER_HAS_EMAIL,
    CUSTOMER_CONSENTS,
    CUSTOMER_REFUSALS,
    CUSTOMER_FIRST_SEEN_AT,
    CUSTOMER_KEY_GENERATION,
    CUSTOMER_WRAPPED_KEY,
    CUSTOMER_DO_NOT_CALL,
    CUSTOMER_MERGED_INTO,
    CUSTOMER_FOLLOWER_COUNT,
    CUSTOMER_WANTS_PERSON,
    CUSTOMER_PERSON,
    CUSTOMER_COLUMN_COUNT,
    CUSTOMER_SOURCE_ID = CUSTOMER_COLUMN_COUNT,
    CUSTOMER_REFERENCE,
};

/* Of intake.service_case AS c and intake.promise AS p; then of intake.customer AS k. */
#define CASE_COLUMNS                                                                               \
    "c.number, c.customer_number, c.version, c.state, c.kind, c.channel, c.branch, c.category,"    \
    " c.product, c.priority, c.owner_team, c.standard_id, c.rule, c.opened_at,"                    \
    " c.first_response_at, c.resolved_at, c.closed_at, c.reopened_count, c.is_historical, "        \
    "c.last_contact_at, c.category_by, c.mood, c.asked_priority, c.joined_case, c.solved_like,"    \
    " c.is_reference,"                                                                             \
    " p.number, p.kind, p.state, p.version, p.made_at, p.target_us, p.due_at, p.next_step,"        \
    " p.next_step_at, p.done_at, p.settled_at, p.standard_id, p.is_historical, p.is_due_fixed,"    \
    " p.source_id, p.reference, p.replaces, p.made_by, p.is_void,"                                 \
    " p.rule, p.clock_version, p.done_by, p.cause, p.customer_word, p.counted_us, p.chance,"       \
    " p.safe_at, p.past_cases"
/* What seals the texts of its customer. */
#define CASE_KEY_COLUMNS ", k.key_generation, k.wrapped_key"
enum {
    CASE_NUMBER,
    CASE_CUSTOMER_NUMBER,
    CASE_VERSION,
    CASE_STATE,
    CASE_KIND,
    CASE_CHANNEL,
    CASE_BRANCH,
    CASE_CATEGORY,
    CASE_PRODUCT,
    CASE_PRIORITY,
    CASE_OWNER_TEAM,
    CASE_STANDARD_ID,
    CASE_RULE,
    CASE_OPENED_AT,
    CASE_FIRST_RESPONSE_AT,
    CASE_RESOLVED_AT,
    CASE_CLOSED_AT,
    CASE_REOPENED_COUNT,
    CASE_IS_HISTORICAL,
    CASE_LAST_CONTACT_AT,
    CASE_CATEGORY_BY,
    CASE_MOOD,
    CASE_ASKED_PRIORITY,
    CASE_JOINED_CASE,
    CASE_SOLVED_LIKE,
    CASE_IS_REFERENCE,
    PROMISE_NUMBER, /* null: the case has none */
    PROMISE_KIND,
    PROMISE_STATE,
    PROMISE_VERSION,
    PROMISE_MADE_AT,
    PROMISE_TARGET_US,
    PROMISE_DUE_AT,
    PROMISE_NEXT_STEP,
    PROMISE_NEXT_STEP_AT,
    PROMISE_DONE_AT,
    PROMISE_SETTLED_AT,
    PROMISE_STANDARD_ID,
    PROMISE_IS_HISTORICAL,
    PROMISE_IS_DUE_FIXED,
    PROMISE_SOURCE_ID,
    PROMISE_REFERENCE,
    PROMISE_REPLACES,
    PROMISE_MADE_BY,
    PROMISE_IS_VOID,
    PROMISE_RULE,
    PROMISE_CLOCK_VERSION,
    PROMISE_DONE_BY,
    PROMISE_CAUSE,
    PROMISE_CUSTOMER_WORD,
    PROMISE_COUNTED_US,
    PROMISE_CHANCE,
    PROMISE_SAFE_AT,
    PROMISE_PAST_CASES,
    CASE_KEY_GENERATION,
    CASE_WRAPPED_KEY,
    CASE_SOURCE_ID,
    CASE_REFERENCE,
};

/* Of intake.case_event AS e. What the clocks of a case are derived from: when it began and ceased
 * to wait for the customer (state 3). */
#define PAUSE_COLUMNS "e.case_number, e.case_version, e.from_state, e.to_state, e.occurred_at"

/* Of the case that was read before it. column: the first of PAUSE_COLUMNS. */
void intake_read_pause(const struct db_rows *rows, size_t i, int column, struct intake_work *w);

/* NULL for SQL NULL. */
const char *intake_read_text(const struct db_rows *rows, size_t row, int column);
/* The first reading of a customer or a case counts. */
struct work_customer *intake_read_customer(const struct db_rows *rows, size_t i,
                                           struct intake_work *w);
struct work_case *intake_read_case(const struct db_rows *rows, size_t i, struct intake_work *w);
void intake_read_case_pauses(const struct db_rows *rows, struct intake_work *w);

#endif
