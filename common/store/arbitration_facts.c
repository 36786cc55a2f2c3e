/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arbitration_facts.c - one statement for the persons, one for the matters, one for the attempts of
 * the last day, whose local days only the caller can tell apart.
 *
 * The numbers in the statements are those of proto/event.proto and proto/intake.proto: complaint 2,
 * cases open in states 1 to 4, promises kept 3, kept late 4, broken 5, renegotiated late 9.
 */
#include "common/store/arbitration_facts.h"

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/runtime/db_columns.h"

/* Customers m who are the same person as c by a merge, c itself among them; few customers are. */
#define SURVIVOR "coalesce(c.merged_into, c.number)"
#define OF_GROUP                                                                                   \
    "(c.merged_into IS NOT NULL OR c.follower_count > 0)"                                          \
    " AND (m.merged_into = " SURVIVOR " OR (m.bucket = (" SURVIVOR " & 255)::int2"                 \
    " AND m.number = " SURVIVOR "))"

/* The formatter would break the statements where nobody reads them. */
/* clang-format off */

/* A number or address of that customer that nobody found to be bad. */
#define GOOD(who, kind)                                                                            \
    "(" who ".has_" kind                                                                           \
    " AND NOT EXISTS (SELECT FROM followup.bad_number_public AS x WHERE x.bucket ="                \
    " (" who "." kind "_handle & 255)::int2 AND x.handle = " who "." kind "_handle OFFSET 0))"

#define GROUP_OF                                                                                   \
    "SELECT array_agg(m.number) AS members, bool_or(m.is_erased) AS is_erased,"                    \
    " bool_or(m.do_not_call) AS do_not_call, bit_or(m.refusals) AS refusals,"                      \
    " bool_or(y.phone) AS has_phone, bool_or(y.email) AS has_email,"                               \
    " min(m.phone_handle) FILTER (WHERE y.phone) AS phone,"                                        \
    " min(m.email_handle) FILTER (WHERE y.email) AS email, min(m.time_zone) AS time_zone"          \
    " FROM intake.customer_public AS m CROSS JOIN LATERAL (SELECT " GOOD("m", "phone") " AS phone,"\
    " " GOOD("m", "email") " AS email) AS y WHERE " OF_GROUP

#define OF_MEMBERS(table, alias)                                                                   \
    "FROM unnest(w.members) AS u (number) CROSS JOIN LATERAL (SELECT * FROM " table " AS " alias   \
    " WHERE " alias ".bucket = (u.number & 255)::int2 AND " alias ".customer_number = u.number"    \
    " OFFSET 0) AS " alias

/* What was refused in a call counts before intake has the record of it. */
#define RHYTHM                                                                                     \
    "SELECT max(r.last_refusal_at) AS refusal, max(r.last_contact_at) AS contact,"                 \
    " bool_or(r.told_do_not_call) AS told_no, bit_or(r.told_refusals) AS told " OF_MEMBERS(\
        "followup.customer_rhythm_public", "r")

/* Of an imported case it says nothing that nobody ever closed it, unless it is talked about again: the
 * customer wrote, or something was promised anew. */
#define TALKED_OF                                                                                  \
    "(NOT k.is_historical OR EXISTS (SELECT FROM intake.contact_public AS t WHERE t.bucket ="      \
    " k.bucket AND t.case_number = k.number AND t.case_version IS NOT NULL"                        \
    " AND NOT t.is_historical AND NOT t.is_void OFFSET 0)"                                         \
    " OR EXISTS (SELECT FROM intake.promise_public AS t WHERE t.bucket = k.bucket"                 \
    " AND t.case_number = k.number AND t.state IN (1, 2) AND NOT t.is_historical"                  \
    " AND NOT t.is_void OFFSET 0))"

#define COMPLAINT                                                                                  \
    "EXISTS (SELECT " OF_MEMBERS(                                                                  \
        "intake.service_case_public",                                                              \
        "k") " WHERE k.kind = 2 AND k.state BETWEEN 1 AND 4 AND k.joined_case IS NULL"             \
             " AND k.number <> n.case_number AND " TALKED_OF ")"

/* What the standard promised about a case is past once the case is resolved; what somebody promised is
 * owed until it is made good. */
#define BROKEN                                                                                     \
    "EXISTS (SELECT " OF_MEMBERS(                                                                  \
        "intake.service_case_public",                                                              \
        "k") " CROSS JOIN LATERAL (SELECT * FROM intake.promise_public AS p"                       \
             " WHERE p.bucket = k.bucket AND p.case_number = k.number OFFSET 0) AS p"              \
             " WHERE p.state = 5 AND NOT p.is_void AND NOT p.is_historical"                        \
             " AND (p.standard_id = 0 OR k.state BETWEEN 1 AND 4))"

/* What a person has in hand may still be listed: only its attempt says so. */
#define UNDER_WAY                                                                                  \
    "EXISTS (SELECT " OF_MEMBERS("followup.follow_up_public",                                      \
                                 "o") " WHERE o.state IN (2, 3) AND o.number <> ALL ($1::int8[])"  \
    " UNION ALL SELECT " OF_MEMBERS("followup.follow_up_attempt_public",                           \
                                    "o") " WHERE o.state IN (1, 2)"                                \
    " AND o.follow_up_number <> ALL ($1::int8[]))"

#define FOLLOWERS                                                                                  \
    "EXISTS (SELECT FROM followup.follow_up_public AS o WHERE o.merged_into = n.number"            \
    " AND o.state = 9 OFFSET 0)"

#define PROMISES(states)                                                                           \
    "(SELECT count(*) FROM intake.promise_public AS p WHERE p.bucket = (n.case_number & "          \
    "255)::int2"                                                                                   \
    " AND p.case_number = n.case_number AND p.state IN (" states "))"

/* Answers and purchases by the numbers of enum follow_up_trigger; signals share the last one. */
#define SUBJECT_VOID                                                                               \
    "CASE n.trigger WHEN 4 THEN EXISTS (SELECT FROM intake.survey_answer_public AS a"              \
    " WHERE a.bucket = (n.subject & 255)::int2 AND a.number = n.subject AND a.is_void)"            \
    " WHEN 9 THEN EXISTS (SELECT FROM intake.purchase_public AS a"                                 \
    " WHERE a.bucket = (n.subject & 255)::int2 AND a.number = n.subject AND a.is_void)"            \
    " OR EXISTS (SELECT FROM intake.device_signal_public AS a"                                     \
    " WHERE a.bucket = (n.subject & 255)::int2 AND a.number = n.subject AND a.is_void)"            \
    " ELSE coalesce(q.is_void, false) END"
_Static_assert(FOLLOW_UP_ON_LOW_ANSWER == 4 && FOLLOW_UP_ON_SERVICE_DUE == 9 &&
                   FOLLOW_UP_ON_PROMISE_AT_RISK == 2 && FOLLOW_UP_ON_PROMISE_BROKEN == 3 &&
                   FOLLOW_UP_ON_COMPENSATION == 10,
               "the statement names these triggers by number");

#define DAYS(day) day " - date '1970-01-01'"
#define BUDGET                                                                                     \
    "SELECT sum(b.orders) FILTER (WHERE b.day = t.today) AS today,"                   \
    " sum(b.orders) FILTER (WHERE b.day > t.today - 7) AS week,"                      \
    " sum(b.orders) AS month,"                                                        \
    " min(b.day) FILTER (WHERE b.day > t.today - 7) AS week_from, min(b.day) AS "              \
    "month_from"
/* OFFSET 0 behind such a part: it is looked up by key for each row, whatever the statistics say. A
 * table that was empty when the plan was made was read as a whole for each row. */
#define SPENT "SELECT day, orders FROM followup.contact_budget_public AS b WHERE orders > 0 AND "

/* The follow-ups n, their customers c, and the members w of the person. */
#define OF_FOLLOW_UPS(more)                                                                        \
    " FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int2[], $6::text[])"         \
    " AS n (number, customer, case_number, subject, trigger, branch)"                              \
    " LEFT JOIN intake.customer_public AS c"                                                       \
    " ON c.bucket = (n.customer & 255)::int2 AND c.number = n.customer" more

static const struct db_query persons = {
    "arbitration_facts_persons",
    "SELECT n.number, coalesce(c.merged_into, n.customer), c.language,"
    " coalesce(c.time_zone, g.time_zone, b.time_zone), coalesce(g.is_erased, c.is_erased),"
    " coalesce(g.do_not_call, c.do_not_call) OR r.told_no,"
    " coalesce(g.refusals, c.refusals) | coalesce(r.told, 0),"
    " coalesce(g.has_phone, own.has_phone), coalesce(g.has_email, own.has_email), w.phone, w.email,"
    " r.refusal, r.contact, c.birth_month IS NOT NULL, p.today, p.week, p.month, h.phone,"
    " h.email, " DAYS("p.week_from") ", " DAYS("p.month_from") ", " DAYS("h.phone_from") ","
    " " DAYS("h.email_from")
    OF_FOLLOW_UPS(
        " CROSS JOIN (SELECT ($7 AT TIME ZONE 'UTC')::date AS today) AS t"
        " CROSS JOIN LATERAL (SELECT " GOOD("c", "phone") " AS has_phone,"
        " " GOOD("c", "email") " AS has_email) AS own"
        " CROSS JOIN LATERAL (" GROUP_OF ") AS g"
        " CROSS JOIN LATERAL (SELECT coalesce(g.members, ARRAY[n.customer]) AS members,"
        " CASE WHEN own.has_phone THEN c.phone_handle ELSE g.phone END AS phone,"
        " CASE WHEN own.has_email THEN c.email_handle ELSE g.email END AS email) AS w"
        " CROSS JOIN LATERAL (" RHYTHM ") AS r"
        " LEFT JOIN (SELECT DISTINCT ON (branch) branch, time_zone FROM intake.branch_public"
        " WHERE branch = ANY ($6) AND time_zone IS NOT NULL ORDER BY branch, source) AS b"
        " ON b.branch = n.branch"
        " CROSS JOIN LATERAL (" BUDGET " FROM unnest(w.members) AS u (number)"
        " CROSS JOIN LATERAL (" SPENT "kind = 1"
        " AND b.bucket = (u.number & 255)::int2 AND subject = u.number"
        " AND day > t.today - 30 OFFSET 0) AS b) AS p"
        " CROSS JOIN LATERAL (SELECT sum(b.orders) FILTER (WHERE u.is_phone) AS phone,"
        " min(b.day) FILTER (WHERE u.is_phone) AS phone_from,"
        " sum(b.orders) FILTER (WHERE NOT u.is_phone) AS email,"
        " min(b.day) FILTER (WHERE NOT u.is_phone) AS email_from"
        " FROM (VALUES (w.phone, true), (w.email, false)) AS u (handle, is_phone)"
        " CROSS JOIN LATERAL (" SPENT "kind = 2"
        " AND b.bucket = (u.handle & 255)::int2 AND subject = u.handle"
        " AND day > t.today - 7 OFFSET 0) AS b) AS h"),
    DB_ROWS,
};

static const struct db_query matters = {
    "arbitration_facts_matters",
    "SELECT n.number, " UNDER_WAY ", " FOLLOWERS ", s.reopened_count, " PROMISES(
        "3") ","
             " " PROMISES("4, 5, 9") ", " COMPLAINT ", " BROKEN ", q.state, " SUBJECT_VOID ", w.consents"
                 OF_FOLLOW_UPS(
                     " CROSS JOIN LATERAL (SELECT coalesce(array_agg(m.number),"
                     " ARRAY[n.customer]) AS members, coalesce(bit_or(m.consents), c.consents)"
                     " AS consents FROM intake.customer_public AS m WHERE " OF_GROUP ") AS w"
                     " LEFT JOIN intake.service_case_public AS s"
                     " ON s.bucket = (n.case_number & 255)::int2 AND s.number = n.case_number"
                     " LEFT JOIN intake.promise_public AS q ON n.trigger IN (2, 3, 10)"
                     " AND q.bucket = (n.subject & 255)::int2 AND q.number = n.subject"),
    DB_ROWS,
};

static const struct db_query attempts = {
    "arbitration_facts_attempts",
    "SELECT a.follow_up_number, a.ordered_at FROM unnest($1::int8[]) AS n (number)"
    " JOIN followup.follow_up_attempt_public AS a ON a.bucket = (n.number & 255)::int2"
    " AND a.follow_up_number = n.number"
    " WHERE a.ordered_at > $2 - interval '25 hours' AND a.state <> 4",
    DB_ROWS,
};

/* clang-format on */

void arbitration_facts_put(struct db *db, const struct arbitration_subject *subjects, size_t count,
                           int64_t now_us)
{
    static const enum db_type types[] = {DB_INT8, DB_INT8, DB_INT8, DB_INT8, DB_INT2, DB_TEXT};
    struct db_columns c;
    struct db_array tried;
    struct db_params p = {.count = 0};
    db_columns_init(&c, types, ARRAY_LEN(types));
    db_array_init(&tried, DB_INT8);
    for (size_t i = 0; i < count; i++) {
        const struct arbitration_subject *f = &subjects[i];
        db_array_add_int(&c.array[0], f->number);
        db_array_add_int(&c.array[1], f->customer);
        db_array_add_int(&c.array[2], f->service_case);
        db_array_add_int(&c.array[3], f->subject);
        db_array_add_int(&c.array[4], f->trigger);
        db_array_add_text(&c.array[5], f->branch);
        if (f->attempts > 0) {
            db_array_add_int(&tried, f->number);
        }
    }
    db_columns_put(&c, &p);
    db_query(db, &matters, &p);
    db_put_time(&p, now_us);
    db_query(db, &persons, &p);
    db_params_clear(&p);
    db_put_array(&p, &tried);
    db_put_time(&p, now_us);
    db_query(db, &attempts, &p);
    db_params_free(&p);
    db_array_free(&tried);
}

static void read_matter(const struct db_rows *r, size_t row, struct arbitration_facts *ret)
{
    ret->is_under_way = db_get_bool(r, row, 1);
    ret->has_followers = db_get_bool(r, row, 2);
    ret->reopened_count = (int32_t)db_get_int(r, row, 3);
    ret->promises_kept = (int32_t)db_get_int(r, row, 4);
    ret->promises_broken = (int32_t)db_get_int(r, row, 5);
    ret->has_open_complaint = db_get_bool(r, row, 6);
    ret->has_broken_promise = db_get_bool(r, row, 7);
    ret->promise_state = (int32_t)db_get_int(r, row, 8);
    ret->is_subject_void = db_get_bool(r, row, 9);
    ret->consents = db_get_int(r, row, 10);
}

/* Days since 1970-01-01. */
static int64_t read_midnight(const struct db_rows *r, size_t row, int column)
{
    return db_is_null(r, row, column) ? INT64_MIN : db_get_int(r, row, column) * DURATION_DAY;
}

static void read_person(const struct db_rows *r, size_t row, struct arbitration_facts *ret)
{
    ret->person = db_get_int(r, row, 1);
    (void)text_copy(ret->language, sizeof(ret->language), db_get_text(r, row, 2));
    (void)text_copy(ret->zone, sizeof(ret->zone), db_get_text(r, row, 3));
    ret->is_erased = db_get_bool(r, row, 4);
    ret->do_not_call = db_get_bool(r, row, 5);
    ret->refusals = db_get_int(r, row, 6);
    ret->has_phone = db_get_bool(r, row, 7);
    ret->has_email = db_get_bool(r, row, 8);
    ret->phone_handle = db_get_int(r, row, 9);
    ret->email_handle = db_get_int(r, row, 10);
    ret->last_refusal_us = db_get_time(r, row, 11);
    ret->last_contact_us = db_get_time(r, row, 12);
    ret->has_birthday = db_get_bool(r, row, 13);
    ret->orders_day = (int32_t)db_get_int(r, row, 14);
    ret->orders_week = (int32_t)db_get_int(r, row, 15);
    ret->orders_month = (int32_t)db_get_int(r, row, 16);
    ret->orders_number_week = (int32_t)db_get_int(r, row, 17);
    ret->orders_address_week = (int32_t)db_get_int(r, row, 18);
    ret->first_week_us = read_midnight(r, row, 19);
    ret->first_month_us = read_midnight(r, row, 20);
    ret->first_number_us = read_midnight(r, row, 21);
    ret->first_address_us = read_midnight(r, row, 22);
}

void arbitration_facts_read(const struct db_rows *const *rows, arbitration_facts_find_fn *find,
                            void *ctx)
{
    for (size_t i = 0; i < db_row_count(rows[0]); i++) {
        struct arbitration_facts *f = find(ctx, db_get_int(rows[0], i, 0));
        if (f) {
            read_matter(rows[0], i, f);
        }
    }
    for (size_t i = 0; i < db_row_count(rows[1]); i++) {
        struct arbitration_facts *f = find(ctx, db_get_int(rows[1], i, 0));
        if (f) {
            read_person(rows[1], i, f);
        }
    }
}

size_t arbitration_facts_attempt_count(const struct db_rows *const *rows)
{
    return db_row_count(rows[2]);
}

int64_t arbitration_facts_get_attempt(const struct db_rows *const *rows, size_t row,
                                      int64_t *ret_ordered_us)
{
    *ret_ordered_us = db_get_time(rows[2], row, 1);
    return db_get_int(rows[2], row, 0);
}

/* ---- the question */

/* The day, as the customer's wall shows it. */
static int64_t local_day(const struct zone *zone, int64_t us)
{
    struct civil_time local;
    zone_from_instant(zone, us, &local);
    return civil_to_days(local.date);
}

void arbitration_facts_count_attempt(struct arbitration_facts *f, const struct zone *zone,
                                     int64_t now_us, int64_t ordered_us)
{
    f->attempts_today += local_day(zone, ordered_us) == local_day(zone, now_us) ? 1 : 0;
}

static bool was_reopened(const struct arbitration_subject *s, const struct arbitration_facts *f)
{
    int64_t count;
    return s->trigger == FOLLOW_UP_ON_CASE_RESOLVED &&
           text_to_int64(s->occurrence, 0, INT32_MAX, &count) == 0 && f->reopened_count > count;
}

enum {
    OPEN = 1, /* PromiseState */
    AT_RISK,
    KEPT,
    KEPT_LATE,
    BROKEN_STATE,
};

/* The promise is not what the customer was to be told. Who was to be told that it is at risk and
 * now has a broken one is told that instead. */
static bool is_settled(const struct arbitration_subject *s, const struct arbitration_facts *f)
{
    switch (s->trigger) {
    case FOLLOW_UP_ON_PROMISE_AT_RISK:
        return f->promise_state != 0 && f->promise_state != OPEN && f->promise_state != AT_RISK;
    case FOLLOW_UP_ON_PROMISE_BROKEN:
        return f->promise_state != 0 && f->promise_state != BROKEN_STATE &&
               f->promise_state != KEPT_LATE;
    default:
        return false;
    }
}

/* A day and the difference of two zones after the day that the occurrence names. */
static bool has_spoken_since(const char *day, int64_t last_contact_us)
{
    int64_t day_us;
    return last_contact_us != INT64_MIN && instant_parse(day, &day_us) == 0 &&
           last_contact_us >= day_us + 2 * DURATION_DAY;
}

static bool is_untrue(const struct arbitration_subject *s, const struct arbitration_facts *f)
{
    switch (s->trigger) {
    case FOLLOW_UP_ON_PROMISE_AT_RISK:
        return f->is_subject_void || f->promise_state == OPEN;
    case FOLLOW_UP_ON_SILENCE:
        return has_spoken_since(s->occurrence, f->last_contact_us);
    case FOLLOW_UP_ON_BIRTHDAY:
        return !f->has_birthday;
    default:
        return f->is_subject_void;
    }
}

static int64_t freed(int64_t first_day_us, int64_t days)
{
    return first_day_us == INT64_MIN ? INT64_MIN : first_day_us + days * DURATION_DAY;
}

static void ask_budget(const struct arbitration_facts *f, int64_t now_us,
                       struct arbitration_question *q)
{
    q->orders_day = f->orders_day;
    q->orders_week = f->orders_week;
    q->orders_month = f->orders_month;
    q->orders_number_week = f->orders_number_week;
    q->orders_address_week = f->orders_address_week;
    q->budget_frees_day_us = now_us - now_us % DURATION_DAY + DURATION_DAY;
    q->budget_frees_week_us = freed(f->first_week_us, 7);
    q->budget_frees_month_us = freed(f->first_month_us, 30);
    q->budget_frees_number_us = freed(f->first_number_us, 7);
    q->budget_frees_address_us = freed(f->first_address_us, 7);
}

/* The channels of its rule, from that of the next attempt on; of a rule that is not known any more,
 * or has changed, only that one. */
static void ask_channels(const struct arbitration_subject *s, struct arbitration_question *q)
{
    for (size_t i = 0; s->rule && i < s->rule->channel_count; i++) {
        if (s->rule->channels[i] == s->channel) {
            q->channels = s->rule->channels;
            q->channel_count = s->rule->channel_count;
            q->first_channel = i;
            return;
        }
    }
    q->channels = &s->channel;
    q->channel_count = 1;
}

void arbitration_facts_ask(const struct arbitration_subject *s, const struct arbitration_facts *f,
                           const struct zone *zone, int64_t now_us,
                           struct arbitration_question *ret)
{
    *ret = (struct arbitration_question){
        .now_us = now_us,
        .due_us = s->due_us,
        .window_end_us = s->window_end_us,
        .purpose = s->purpose,
        .priority = s->priority,
        .attempts_today = f->attempts_today,
        .is_asked_for = s->is_asked_for,
        .is_historical = s->is_historical,
        .is_erased = f->is_erased,
        .do_not_call = f->do_not_call,
        .refusals = f->refusals,
        .consents = f->consents,
        .has_phone = f->has_phone,
        .has_email = f->has_email,
        .zone = zone,
        .last_refusal_us = f->last_refusal_us,
        .is_reopened = was_reopened(s, f),
        .is_settled = is_settled(s, f),
        .is_untrue = is_untrue(s, f),
        .has_open_complaint = f->has_open_complaint,
        .has_broken_promise = f->has_broken_promise,
        .is_under_way = f->is_under_way,
    };
    ask_budget(f, now_us, ret);
    ask_channels(s, ret);
}
