/* SPDX-License-Identifier: Apache-2.0 */
/* db_outcome.c - what an SQLSTATE means to us: try again, somebody was faster, bad data, or our
 * mistake. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/runtime/db_private.h"

/* The first row that fits counts: a whole SQLSTATE or its class. */
static const struct {
    const char *prefix;
    enum db_outcome outcome;
} outcomes[] = {
    {"40",    DB_RETRY   }, /* serialization failure, deadlock, completion unknown */
    {"55P03", DB_RETRY   }, /* lock_timeout */
    {"57014", DB_RETRY   }, /* statement_timeout */
    {"57P",   DB_RETRY   }, /* the server stops, or starts, or the server ended us */
    {"25006", DB_RETRY   }, /* read-only: a standby, until the next one is found */
    {"25P03", DB_RETRY   }, /* idle in transaction for too long */
    {"26000", DB_RETRY   }, /* the session lost our prepared statement */
    {"08",    DB_RETRY   }, /* the connection broke */
    {"53",    DB_RETRY   }, /* disk, memory or connections are used up */
    {"58030", DB_RETRY   }, /* the server's disk refused */
    {"23505", DB_CONFLICT},
    {"22",    DB_DATA    },
    {"23",    DB_DATA    },
};

enum db_outcome db_outcome_of(const char *sqlstate)
{
    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
        if (strncmp(sqlstate, outcomes[i].prefix, strlen(outcomes[i].prefix)) == 0) {
            return outcomes[i].outcome;
        }
    }
    return DB_BROKEN;
}

const char *db_outcome_code(enum db_outcome o)
{
    switch (o) {
    case DB_OK:
        return "";
    case DB_RETRY:
        return "db_retry";
    case DB_CONFLICT:
        return "db_conflict";
    case DB_DATA:
        return "db_data";
    case DB_BROKEN:
        break;
    }
    return "db_broken";
}

void db_outcome_describe(const PGresult *result, struct err *ret_err)
{
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    (void)text_copy(ret_err->text, sizeof(ret_err->text), message ? message : "no message");
    /* 'invalid input syntax for type date: "..."' shows what a person typed. */
    char *quote = sqlstate && strncmp(sqlstate, "22", 2) == 0 ? strchr(ret_err->text, '"') : NULL;
    if (quote) {
        *quote = '\0';
    }
}
