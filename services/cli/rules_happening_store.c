/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules_happening_store.c - one statement for each source, all with the same columns.
 *
 * Numbers in the statements: cases are resolved in state 5 and closed in 6; promises kept late 4,
 * broken 5, renegotiated late 9; promise steps are percents of the target, 100 is the break. Of a
 * standing 2 is the level of the risk to leave, and 3 whether trust is broken.
 */
#include "services/cli/rules_happening_store.h"

#include <math.h>

#include "common/domain/standard.h"

enum column {
    CUSTOMER,
    SUBJECT,
    OCCURRENCE,
    AT,
    UNTIL,
    KIND,
    CATEGORY,
    PRODUCT,
    BRANCH,
    PRIORITY,
    PROMISE_KIND,
    FAULT_CODE,
    INSTRUMENT,
    DIMENSION,
    VALUE,
    SCORE,
    CHURN,
    /* of the customer */
    TIER,
    ZONE,
    BIRTH_MONTH,
    BIRTH_DAY,
    IS_LUNAR,
    IS_LEAP_MONTH,
    DO_NOT_CALL,
    REFUSALS,
    CONSENTS,
    HAS_PHONE,
    HAS_EMAIL,
    /* of readings */
    DEVICE,
    KM,
    USAGE,
    USAGE_UNIT,
};

/* What a source says, and what is known of its customer. */
#define HEAD                                                                                       \
    "SELECT x.customer_number, x.subject, x.occurrence, x.at, x.until, x.kind, x.category,"        \
    " x.product, x.branch, x.priority, x.promise_kind, x.fault_code, x.instrument, x.dimension,"   \
    " x.value, x.score, x.churn, s.tier, coalesce(c.time_zone, b.time_zone), c.birth_month, "      \
    "c.birth_day,"                                                                                 \
    " c.birth_is_lunar, c.birth_is_leap_month, c.do_not_call, c.refusals, c.consents, "            \
    "c.has_phone,"                                                                                 \
    " c.has_email, x.device, x.km, x.usage, x.usage_unit FROM (SELECT "
#define TAIL                                                                                       \
    ") AS x JOIN intake.customer_public AS c ON c.bucket = $1 AND c.number = x.customer_number"    \
    "  AND NOT c.is_erased"                                                                        \
    " LEFT JOIN loyalty.customer_score_public AS s"                                                \
    "  ON s.bucket = $1 AND s.customer_number = x.customer_number"                                 \
    " LEFT JOIN (SELECT DISTINCT ON (branch) branch, time_zone FROM intake.branch_public"          \
    "   WHERE time_zone IS NOT NULL ORDER BY branch, source) AS b ON b.branch = x.branch"

/* The columns that a source does not have. */
#define NO_CASE                                                                                    \
    "NULL::smallint AS kind, NULL::text AS category, NULL::text AS product, NULL::text AS branch," \
    " NULL::smallint AS priority,"
#define OF_CASE    "k.kind, k.category, k.product, k.branch, k.priority,"
#define NO_PROMISE "NULL::text AS promise_kind,"
#define NO_FAULT   "NULL::text AS fault_code,"
#define NO_ANSWER                                                                                  \
    "NULL::smallint AS instrument, NULL::smallint AS dimension, NULL::float8 AS value,"
#define NO_SCORE "NULL::float8 AS score, NULL::float8 AS churn,"
#define NO_READING                                                                                 \
    "NULL::text AS device, NULL::float8 AS km, NULL::float8 AS usage, NULL::text AS usage_unit"
#define NO_UNTIL "NULL::timestamptz AS until,"

static const char resolved_sql[] = HEAD
    "k.customer_number, k.number AS subject, (SELECT count(*) FROM intake.case_event_public"
    " AS r WHERE r.bucket = $1   AND r.case_number = e.case_number AND r.case_version <"
    " e.case_version   AND r.from_state IN (5, 6) AND r.to_state < 5 AND NOT r.is_void)::text"
    " AS occurrence, e.occurred_at AS at, " NO_UNTIL OF_CASE NO_PROMISE NO_FAULT NO_ANSWER NO_SCORE
        NO_READING
    " FROM intake.case_event_public AS e JOIN intake.service_case_public AS k  ON k.bucket ="
    " e.bucket AND k.number = e.case_number WHERE e.bucket = $1 AND e.to_state = 5 AND"
    " e.from_state <> 5 AND NOT e.is_void AND NOT k.is_historical AND k.joined_case IS NULL"
    " AND e.occurred_at >= $3 AND e.occurred_at < $4 AND (0 = $2 OR k.customer_number = $2)" TAIL;
static const struct db_query resolved = {"rules_resolved", resolved_sql, DB_ROWS};

static const char at_risk_sql[] = HEAD
    "p.customer_number, p.number AS subject, t.clock_version::text AS occurrence,"
    " min(t.due_at) AS at, p.due_at AS until, " OF_CASE
    " p.kind AS promise_kind, " NO_FAULT NO_ANSWER NO_SCORE NO_READING
    " FROM intake.promise_step_public AS t JOIN intake.promise_public AS p  ON p.bucket ="
    " t.bucket AND p.number = t.promise_number JOIN intake.service_case_public AS k  ON"
    " k.bucket = p.bucket AND k.number = p.case_number WHERE t.bucket = $1 AND t.step BETWEEN"
    " 80 AND 99 AND NOT p.is_void AND NOT p.is_historical AND t.due_at >= $3 AND t.due_at <"
    " $4 AND (0 = $2 OR p.customer_number = $2) GROUP BY p.customer_number, p.number,"
    " t.clock_version, p.due_at, k.kind, k.category, k.product, k.branch, k.priority, p.kind" TAIL;
static const struct db_query at_risk = {"rules_at_risk", at_risk_sql, DB_ROWS};

static const char broken_sql[] = HEAD
    "p.customer_number, p.number AS subject, 'broken' AS occurrence, min(t.due_at) AS at, " NO_UNTIL
        OF_CASE " p.kind AS promise_kind, " NO_FAULT NO_ANSWER NO_SCORE NO_READING
    " FROM intake.promise_step_public AS t JOIN intake.promise_public AS p  ON p.bucket ="
    " t.bucket AND p.number = t.promise_number JOIN intake.service_case_public AS k  ON"
    " k.bucket = p.bucket AND k.number = p.case_number WHERE t.bucket = $1 AND t.step = 100"
    " AND p.state IN (4, 5, 9) AND NOT p.is_void AND NOT p.is_historical AND t.due_at >= $3"
    " AND t.due_at < $4 AND (0 = $2 OR p.customer_number = $2) GROUP BY p.customer_number,"
    " p.number, k.kind, k.category, k.product, k.branch, k.priority, p.kind" TAIL;
static const struct db_query broken = {"rules_broken", broken_sql, DB_ROWS};

static const char answers_sql[] = HEAD
    "a.customer_number, a.number AS subject, 'low' AS occurrence, a.occurred_at AS at, " NO_UNTIL
    " k.kind, k.category, k.product, coalesce(k.branch, a.branch) AS branch, "
    "k.priority, " NO_PROMISE NO_FAULT
    " a.instrument, i.dimension, coalesce(a.value, i.perception - i.expectation)::float8 AS"
    " value, " NO_SCORE NO_READING
    " FROM intake.survey_answer_public AS a LEFT JOIN intake.survey_item_public AS i  ON"
    " i.bucket = a.bucket AND i.answer_number = a.number LEFT JOIN intake.service_case_public"
    " AS k  ON k.bucket = a.bucket AND k.number = a.case_number WHERE a.bucket = $1 AND NOT"
    " a.is_void AND (a.value IS NOT NULL OR i.perception - i.expectation IS NOT NULL) AND"
    " a.occurred_at >= $3 AND a.occurred_at < $4 AND (0 = $2 OR a.customer_number = $2)" TAIL;
static const struct db_query answers = {"rules_answers", answers_sql, DB_ROWS};

static const char scores_sql[] = HEAD
    "h.customer_number, h.customer_number AS subject, NULL::text AS occurrence, h.at, " NO_UNTIL
        NO_CASE NO_PROMISE NO_FAULT NO_ANSWER " h.index AS score, h.churn, " NO_READING
    " FROM (SELECT bucket, customer_number, at, index, churn FROM loyalty.score_history_public"
    " UNION ALL SELECT bucket, customer_number, at, index, churn"
    "  FROM loyalty.standing_history_public WHERE what IN (2, 3) AND after > before) AS h"
    " WHERE h.bucket = $1 AND h.at >= $3 AND h.at < $4"
    " AND (0 = $2 OR h.customer_number = $2)" TAIL;
static const struct db_query scores = {"rules_scores", scores_sql, DB_ROWS};

static const char contacts_sql[] =
    HEAD "o.customer_number, o.customer_number AS subject, NULL::text AS occurrence, o.occurred_at"
         " AS at, lead(o.occurred_at) OVER  (PARTITION BY o.customer_number ORDER BY"
         " o.occurred_at) AS until, " NO_CASE NO_PROMISE NO_FAULT NO_ANSWER NO_SCORE NO_READING
         " FROM (SELECT bucket, customer_number, occurred_at, is_void FROM intake.contact_public"
         "  UNION ALL SELECT bucket, customer_number, occurred_at, is_void"
         "  FROM intake.survey_answer_public) AS o WHERE o.bucket = $1 AND NOT o.is_void AND "
         "o.occurred_at"
         " < $4 AND $3 IS NOT NULL AND (0 = $2 OR o.customer_number = $2)" TAIL;
static const struct db_query contacts = {"rules_contacts", contacts_sql, DB_ROWS};

static const char customers_sql[] = HEAD
    "o.number AS customer_number, o.number AS subject, NULL::text AS occurrence,"
    " NULL::timestamptz AS at, " NO_UNTIL NO_CASE NO_PROMISE NO_FAULT NO_ANSWER NO_SCORE NO_READING
    " FROM intake.customer_public AS o WHERE o.bucket = $1 AND o.merged_into IS NULL AND"
    " o.first_seen_at < $4 AND $3 IS NOT NULL AND (0 = $2 OR o.number = $2)" TAIL;
static const struct db_query customers = {"rules_customers", customers_sql, DB_ROWS};

static const char purchases_sql[] =
    HEAD "o.customer_number, o.number AS subject, NULL::text AS occurrence, o.occurred_at AS "
         "at, " NO_UNTIL
         " NULL::smallint AS kind, NULL::text AS category, o.product, o.branch, NULL::smallint AS"
         " priority, " NO_PROMISE NO_FAULT NO_ANSWER NO_SCORE NO_READING
         " FROM intake.purchase_public AS o WHERE o.bucket = $1 AND NOT o.is_void AND"
         " o.occurred_at < $4 AND $3 IS NOT NULL AND (0 = $2 OR o.customer_number = $2)" TAIL;
static const struct db_query purchases = {"rules_purchases", purchases_sql, DB_ROWS};

static const char faults_sql[] =
    HEAD "o.customer_number, o.number AS subject, 'fault ' || o.fault_code AS occurrence,"
         " o.occurred_at AS at, " NO_UNTIL
         " NULL::smallint AS kind, NULL::text AS category, o.product, NULL::text AS branch,"
         " NULL::smallint AS priority, " NO_PROMISE " o.fault_code, " NO_ANSWER NO_SCORE NO_READING
         " FROM intake.device_signal_public AS o WHERE o.bucket = $1 AND NOT o.is_void AND"
         " o.fault_code IS NOT NULL AND o.occurred_at >= $3 AND o.occurred_at < $4 AND (0 = $2 OR"
         " o.customer_number = $2)" /* what its device has been saying is told once */
         " AND NOT EXISTS (SELECT FROM intake.device_signal_public AS d WHERE d.bucket = $1"
         "  AND d.device = o.device AND d.fault_code = o.fault_code"
         "  AND d.customer_number = o.customer_number AND NOT d.is_void"
         "  AND d.occurred_at > o.occurred_at - interval '30 days'"
         "  AND d.occurred_at < o.occurred_at + interval '30 days'"
         "  AND (d.received_at, d.number) < (o.received_at, o.number))" TAIL;
static const struct db_query faults = {"rules_faults", faults_sql, DB_ROWS};

static const char compensations_sql[] =
    HEAD "o.customer_number, o.promise_number AS subject, 'given' AS occurrence,"
         " coalesce(p.due_at, o.occurred_at) AS at, " NO_UNTIL OF_CASE NO_PROMISE NO_FAULT NO_ANSWER
             NO_SCORE NO_READING
         " FROM intake.compensation_public AS o JOIN intake.promise_public AS p  ON p.bucket ="
         " o.bucket AND p.number = o.promise_number JOIN intake.service_case_public AS k  ON"
         " k.bucket = o.bucket AND k.number = o.case_number WHERE o.bucket = $1 AND NOT o.is_void"
         " AND NOT p.is_void AND p.state NOT IN (6, 7) AND NOT p.is_historical AND"
         " coalesce(p.due_at, o.occurred_at) >= $3 AND coalesce(p.due_at, o.occurred_at) < $4 AND"
         " (0 = $2 OR o.customer_number = $2)" TAIL;
static const struct db_query compensations = {"rules_compensations", compensations_sql, DB_ROWS};

static const char improvements_sql[] =
    HEAD "k.customer_number, k.customer_number AS subject, i.number::text AS occurrence,"
         " i.occurred_at AS at, " NO_UNTIL OF_CASE NO_PROMISE NO_FAULT NO_ANSWER NO_SCORE NO_READING
         " FROM intake.improvement_public AS i JOIN intake.service_case_public AS k ON k.bucket ="
         " $1  AND k.opened_at >= i.reported_from AND k.opened_at <= i.occurred_at  AND"
         " (i.category IS NULL OR i.category = k.category)  AND (i.product IS NULL OR i.product ="
         " k.product)  AND (i.branch IS NULL OR i.branch = k.branch) WHERE k.state <> 7 AND"
         " i.occurred_at >= $3 AND i.occurred_at < $4 AND (0 = $2 OR k.customer_number = $2)" TAIL;
static const struct db_query improvements = {"rules_improvements", improvements_sql, DB_ROWS};

static const char readings_sql[] =
    HEAD "o.customer_number, o.number AS subject, NULL::text AS occurrence, o.occurred_at AS "
         "at, " NO_UNTIL
         " NULL::smallint AS kind, NULL::text AS category, o.product, NULL::text AS branch,"
         " NULL::smallint AS priority, " NO_PROMISE NO_FAULT NO_ANSWER NO_SCORE
         " encode(o.device, 'hex') AS device, o.mileage_km AS km, o.usage, o.usage_unit FROM"
         " intake.device_signal_public AS o WHERE o.bucket = $1 AND NOT o.is_void AND o.device IS"
         " NOT NULL AND (o.mileage_km IS NOT NULL OR o.usage IS NOT NULL) AND o.occurred_at < $4"
         " AND $3 IS NOT NULL AND (0 = $2 OR o.customer_number = $2)" TAIL
         " ORDER BY x.customer_number, x.device, x.at, x.subject";
static const struct db_query readings = {"rules_readings", readings_sql, DB_ROWS};

static const struct db_query *const statements[RULES_SOURCE_COUNT] = {
    [RULES_RESOLVED] = &resolved,
    [RULES_AT_RISK] = &at_risk,
    [RULES_BROKEN] = &broken,
    [RULES_ANSWERS] = &answers,
    [RULES_SCORES] = &scores,
    [RULES_CONTACTS] = &contacts,
    [RULES_CUSTOMERS] = &customers,
    [RULES_PURCHASES] = &purchases,
    [RULES_FAULTS] = &faults,
    [RULES_COMPENSATIONS] = &compensations,
    [RULES_IMPROVEMENTS] = &improvements,
    [RULES_READINGS] = &readings,
};

void rules_happening_ask(struct db *db, enum rules_source source, const struct rules_scope *scope)
{
    struct db_params p = {0};

    db_put_int2(&p, scope->bucket);
    db_put_int8(&p, scope->customer);
    db_put_time(&p, scope->from_us);
    db_put_time(&p, scope->to_us);
    db_query(db, statements[source], &p);
    db_params_free(&p);
}

static double number_or_nan(const struct db_rows *rows, size_t row, int column)
{
    return db_is_null(rows, row, column) ? (double)NAN : db_get_float8(rows, row, column);
}

static struct rulebook_facts read_facts(const struct db_rows *rows, size_t row)
{
    return (struct rulebook_facts){
        .kind = standard_contact_kind((int)db_get_int(rows, row, KIND)),
        .category = db_get_text(rows, row, CATEGORY),
        .product = db_get_text(rows, row, PRODUCT),
        .branch = db_get_text(rows, row, BRANCH),
        .tier = db_get_text(rows, row, TIER),
        .promise_kind = db_get_text(rows, row, PROMISE_KIND),
        .fault_code = db_get_text(rows, row, FAULT_CODE),
        .priority = (int)db_get_int(rows, row, PRIORITY),
        .instrument = (int32_t)db_get_int(rows, row, INSTRUMENT),
        .dimension = (int32_t)db_get_int(rows, row, DIMENSION),
        .value = number_or_nan(rows, row, VALUE),
        .score = number_or_nan(rows, row, SCORE),
        .churn = number_or_nan(rows, row, CHURN),
    };
}

void rules_happening_read(const struct db_rows *rows, size_t row, enum rules_source source,
                          struct rules_happening *ret)
{
    *ret = (struct rules_happening){
        .source = source,
        .customer = db_get_int(rows, row, CUSTOMER),
        .subject = db_get_int(rows, row, SUBJECT),
        .occurrence = db_get_text(rows, row, OCCURRENCE),
        .at_us = db_get_time(rows, row, AT),
        .until_us = db_get_time(rows, row, UNTIL),
        .facts = read_facts(rows, row),
        .zone = db_get_text(rows, row, ZONE),
        .birth_month = (int)db_get_int(rows, row, BIRTH_MONTH),
        .birth_day = (int)db_get_int(rows, row, BIRTH_DAY),
        .birth_is_lunar = db_get_bool(rows, row, IS_LUNAR),
        .birth_is_leap_month = db_get_bool(rows, row, IS_LEAP_MONTH),
        .do_not_call = db_get_bool(rows, row, DO_NOT_CALL),
        .has_phone = db_get_bool(rows, row, HAS_PHONE),
        .has_email = db_get_bool(rows, row, HAS_EMAIL),
        .refusals = db_get_int(rows, row, REFUSALS),
        .consents = db_get_int(rows, row, CONSENTS),
    };
}

void rules_happening_read_reading(const struct db_rows *rows, size_t row, struct rules_reading *ret)
{
    *ret = (struct rules_reading){
        .device = db_get_text(rows, row, DEVICE),
        .at_us = db_get_time(rows, row, AT),
        .km = number_or_nan(rows, row, KM),
        .usage = number_or_nan(rows, row, USAGE),
        .usage_unit = db_get_text(rows, row, USAGE_UNIT),
    };
}

bool rules_source_is_for(enum rules_source source, const struct rulebook_rule *r)
{
    static const int triggers[RULES_SOURCE_COUNT] = {
        [RULES_RESOLVED] = FOLLOW_UP_ON_CASE_RESOLVED,
        [RULES_AT_RISK] = FOLLOW_UP_ON_PROMISE_AT_RISK,
        [RULES_BROKEN] = FOLLOW_UP_ON_PROMISE_BROKEN,
        [RULES_ANSWERS] = FOLLOW_UP_ON_LOW_ANSWER,
        [RULES_SCORES] = FOLLOW_UP_ON_CHURN_RISK,
        [RULES_CONTACTS] = FOLLOW_UP_ON_SILENCE,
        [RULES_CUSTOMERS] = FOLLOW_UP_ON_BIRTHDAY,
        [RULES_PURCHASES] = FOLLOW_UP_ON_SERVICE_DUE,
        [RULES_FAULTS] = FOLLOW_UP_ON_SERVICE_DUE,
        [RULES_COMPENSATIONS] = FOLLOW_UP_ON_COMPENSATION,
        [RULES_IMPROVEMENTS] = FOLLOW_UP_ON_IMPROVEMENT,
        [RULES_READINGS] = FOLLOW_UP_ON_SERVICE_DUE,
    };
    const struct rulebook_measure *m = &r->measure;

    if (source == RULES_CUSTOMERS && r->trigger == FOLLOW_UP_ON_FESTIVAL) {
        return true;
    }
    if (triggers[source] != r->trigger) {
        return false;
    }
    return (source != RULES_PURCHASES || m->months > 0) &&
           (source != RULES_FAULTS || m->on_fault) &&
           (source != RULES_READINGS || m->every_km > 0 || m->every_usage > 0);
}
