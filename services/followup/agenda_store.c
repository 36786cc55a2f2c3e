/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/agenda_store.h"

#include "common/base/text.h"

enum {
    LEADER,
    FOLLOW_UP,
    CUSTOMER,
    CASE,
    PRIORITY,
    PROMISE,
    RESOLUTION,
    TRIGGER,
    PURPOSE,
    RULE,
    BRANCH,
    PROMISE_KIND,
    CATEGORY,
    ASKED,
    BETTER,
    DUE,
};

/* What was merged is found by its leader, in any bucket: one person may be several customers. The
 * promise a follow-up is about is its subject where the trigger says so (2 at risk, 3 broken, 10
 * compensation), an improvement (11) its occurrence. The customer has a word about a resolution
 * that ended as kept (3), kept late (4) or broken (5): the newest one. */
static const struct db_query of_leaders = {
    "agenda_store_of_leaders",
    "SELECT a.leader, f.number, f.customer_number, f.case_number, s.priority, p.number,"
    " (SELECT r.number FROM intake.promise_public AS r WHERE r.bucket = f.bucket"
    "  AND r.case_number = f.case_number AND r.kind = 'resolution' AND r.state IN (3, 4, 5)"
    "  AND NOT r.is_void ORDER BY r.number DESC LIMIT 1),"
    " f.trigger, f.purpose, f.rule, coalesce(f.branch, s.branch), p.kind, s.category,"
    " y.servqual_asked, i.words, f.due_at"
    " FROM (SELECT l.number AS leader, l.number FROM unnest($1::int8[]) AS l (number)"
    "  UNION ALL SELECT l.number, m.number FROM unnest($1::int8[]) AS l (number)"
    "  CROSS JOIN LATERAL (SELECT m.number FROM followup.follow_up AS m"
    "   WHERE m.merged_into = l.number AND m.state = 9 OFFSET 0) AS m) AS a"
    " CROSS JOIN LATERAL (SELECT * FROM followup.follow_up AS f"
    "  WHERE f.bucket = (a.number & 255)::int2 AND f.number = a.number LIMIT 1) AS f"
    " LEFT JOIN LATERAL (SELECT * FROM intake.service_case_public AS s"
    "  WHERE s.bucket = f.bucket AND s.number = f.case_number LIMIT 1) AS s ON true"
    " LEFT JOIN LATERAL (SELECT * FROM intake.promise_public AS p WHERE p.bucket = f.bucket"
    "  AND p.number = f.subject AND f.trigger IN (2, 3, 10) LIMIT 1) AS p ON true"
    " LEFT JOIN LATERAL (SELECT * FROM followup.customer_rhythm AS y WHERE y.bucket = f.bucket"
    "  AND y.customer_number = f.customer_number LIMIT 1) AS y ON true"
    " LEFT JOIN LATERAL (SELECT * FROM intake.improvement_public AS i WHERE i.number ="
    "  CASE WHEN f.trigger = 11 THEN f.occurrence::int8 END LIMIT 1) AS i ON true"
    " ORDER BY a.leader, (f.number = a.leader) DESC, f.priority, f.due_at, f.topic,"
    " f.occurrence, f.number",
    DB_ROWS,
};

void agenda_store_put(struct db *db, const struct db_array *leaders)
{
    struct db_params p = {.count = 0};
    db_put_array(&p, leaders);
    db_query(db, &of_leaders, &p);
    db_params_free(&p);
}

static void get_reason(const struct db_rows *r, size_t row, struct agenda_reason *ret)
{
    *ret = (struct agenda_reason){
        .follow_up = db_get_int(r, row, FOLLOW_UP),
        .customer = db_get_int(r, row, CUSTOMER),
        .service_case = db_get_int(r, row, CASE),
        .case_priority = (int32_t)db_get_int(r, row, PRIORITY),
        .promise = db_get_int(r, row, PROMISE),
        .resolution = db_get_int(r, row, RESOLUTION),
        .trigger = (int32_t)db_get_int(r, row, TRIGGER),
        .purpose = (int32_t)db_get_int(r, row, PURPOSE),
    };
    (void)text_copy(ret->rule, sizeof(ret->rule), db_get_text(r, row, RULE));
    (void)text_copy(ret->branch, sizeof(ret->branch), db_get_text(r, row, BRANCH));
    (void)text_copy(ret->promise_kind, sizeof(ret->promise_kind),
                    db_get_text(r, row, PROMISE_KIND));
    (void)text_copy(ret->category, sizeof(ret->category), db_get_text(r, row, CATEGORY));
    (void)text_copy(ret->better, sizeof(ret->better), db_get_text(r, row, BETTER));
}

int64_t agenda_store_get(const struct db_rows *r, size_t row, struct agenda *ret,
                         size_t *ret_row_count)
{
    int64_t leader = db_get_int(r, row, LEADER);
    size_t count = 0;
    ret->count = 0;
    ret->servqual_asked = (uint32_t)db_get_int(r, row, ASKED);
    ret->due_us = db_get_time(r, row, DUE);
    while (row + count < db_row_count(r) && db_get_int(r, row + count, LEADER) == leader) {
        if (ret->count < AGENDA_REASONS_MAX) {
            get_reason(r, row + count, &ret->reasons[ret->count++]);
        }
        count++;
    }
    *ret_row_count = count;
    return leader;
}

bool agenda_store_find(const struct db_rows *r, int64_t leader, struct agenda *ret)
{
    size_t low = 0;
    size_t high = db_row_count(r);
    size_t rows;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (db_get_int(r, middle, LEADER) < leader) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < db_row_count(r) && db_get_int(r, low, LEADER) == leader &&
           agenda_store_get(r, low, ret, &rows) == leader;
}

void agenda_set_scripts(struct agenda *a, const struct rulebook *rules)
{
    for (size_t i = 0; i < a->count; i++) {
        struct agenda_reason *reason = &a->reasons[i];
        const struct rulebook_rule *rule = rulebook_find(rules, reason->rule);
        const char *script = rule ? rule->script : follow_up_trigger_name(reason->trigger);
        (void)text_copy(reason->script, sizeof(reason->script), script ? script : "");
    }
}
