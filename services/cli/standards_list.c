/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/standards_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/cli/cli_table.h"
#include "services/cli/standards_store.h"

struct version {
    int64_t id;
    char *hash;
    char *tzdata;
    int64_t first_used_us;
    int64_t cases;
    int64_t promises;
};

struct versions {
    struct version *rows;
    size_t count;
};

/* ---- reading */

static int read_versions(struct standards_access *a, struct versions *ret, struct err *err)
{
    const struct db_rows *rows;

    standards_store_ask_list(a->session.db);
    rows = standards_open_answer(a, err);
    if (!rows) {
        return -1;
    }
    ret->rows = xcalloc(db_row_count(rows) + 1, sizeof(*ret->rows));
    for (; ret->count < db_row_count(rows); ret->count++) {
        const size_t i = ret->count;

        ret->rows[i] = (struct version){
            .id = db_get_int(rows, i, STANDARDS_LIST_ID),
            .hash = xstrdup(db_get_text(rows, i, STANDARDS_LIST_HASH)),
            .tzdata = xstrdup(db_get_text(rows, i, STANDARDS_LIST_TZDATA)),
            .first_used_us = db_get_time(rows, i, STANDARDS_LIST_FIRST_USED_AT),
        };
    }
    return 0;
}

/* What a person promised has no version: its id is in no row. */
static void add_counts(struct versions *v, const struct db_rows *rows, size_t row)
{
    for (size_t i = 0; i < v->count; i++) {
        if (v->rows[i].id == db_get_int(rows, row, STANDARDS_COUNT_ID)) {
            v->rows[i].cases += db_get_int(rows, row, STANDARDS_COUNT_CASES);
            v->rows[i].promises += db_get_int(rows, row, STANDARDS_COUNT_PROMISES);
        }
    }
}

static int read_counts(struct standards_access *a, struct versions *v, struct err *err)
{
    for (int16_t bucket = 0; bucket < BUCKET_COUNT; bucket++) {
        const struct db_rows *rows;

        standards_store_ask_counts(a->session.db, bucket);
        rows = standards_open_answer(a, err);
        if (!rows) {
            return -1;
        }
        for (size_t i = 0; i < db_row_count(rows); i++) {
            add_counts(v, rows, i);
        }
    }
    return 0;
}

/* ---- printing */

static void print_table(const struct versions *v)
{
    static const char *const titles[] = {"ID",     "HASH",      "FIRST USED",
                                         ">CASES", ">PROMISES", "TIME ZONES"};
    struct cli_table table = {.titles = titles, .count = 6};

    for (size_t i = 0; i < v->count; i++) {
        const struct version *one = &v->rows[i];
        char time[CLI_NAME_SIZE];

        cli_table_add(&table, "%" PRId64, one->id);
        cli_table_add(&table, "%s", one->hash);
        cli_table_add(&table, "%s", cli_time_text(1, one->first_used_us, time));
        cli_table_add(&table, "%" PRId64, one->cases);
        cli_table_add(&table, "%" PRId64, one->promises);
        cli_table_add(&table, "%s", one->tzdata);
    }
    cli_table_print(&table, stdout);
}

static void print_json(const struct versions *v)
{
    json_t *all = json_array();

    for (size_t i = 0; i < v->count; i++) {
        const struct version *one = &v->rows[i];

        json_array_append_new(all, json_pack("{s:I, s:s, s:I, s:I, s:I, s:s}", "id",
                                             (json_int_t)one->id, "hash", one->hash,
                                             "first_used_us", (json_int_t)one->first_used_us,
                                             "cases", (json_int_t)one->cases, "promises",
                                             (json_int_t)one->promises, "tzdata", one->tzdata));
    }
    cli_put_json(all, stdout);
}

static void free_versions(struct versions *v)
{
    for (size_t i = 0; i < v->count; i++) {
        free(v->rows[i].hash);
        free(v->rows[i].tzdata);
    }
    free(v->rows);
}

int standards_list(struct standards_access *a)
{
    struct versions v = {.count = 0};
    struct err err = ERR_NONE;
    int code = CLI_OK;

    if (standards_open_database(a, &err) < 0 || read_versions(a, &v, &err) < 0 ||
        read_counts(a, &v, &err) < 0) {
        code = standards_open_failed(a, &err);
    } else if (a->cli->is_json) {
        print_json(&v);
    } else {
        print_table(&v);
    }
    free_versions(&v);
    return code;
}
