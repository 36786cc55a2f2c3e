/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/import_tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/cli/cli_table.h"

struct import_reason {
    char what[144]; /* code and field, parted by a blank */
    const char *unit;
    int64_t count;
};

void import_tally_free(struct import_tally *t)
{
    free(t->reasons);
    t->reasons = NULL;
    t->reason_count = 0;
}

/* There are few codes and few fields: looking through all of them costs nothing. */
static void count_reason(struct import_tally *t, const char *unit, const char *code,
                         const char *field)
{
    struct import_reason reason = {.unit = unit, .count = 1};

    text_format(reason.what, sizeof(reason.what), "%s %s", cli_text(code), cli_text(field));
    for (size_t i = 0; i < t->reason_count; i++) {
        if (strcmp(t->reasons[i].what, reason.what) == 0) {
            t->reasons[i].count++;
            return;
        }
    }
    t->reasons = xreallocarray(t->reasons, t->reason_count + 1, sizeof(*t->reasons));
    t->reasons[t->reason_count++] = reason;
}

void import_tally_receipt(struct import_tally *t, const Troth__V1__Receipt *r)
{
    if (r->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_ACCEPTED) {
        t->accepted++;
    } else if (r->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_DUPLICATE) {
        t->duplicate++;
    } else {
        import_tally_refuse_record(t, r->code, r->field);
    }
}

void import_tally_refuse_record(struct import_tally *t, const char *code, const char *field)
{
    t->rejected++;
    count_reason(t, "records", code, field);
}

void import_tally_refuse_row(struct import_tally *t, const char *code, const char *field)
{
    t->rows_unmapped++;
    count_reason(t, "rows", code, field);
}

/* The most frequent first, then by name. */
static int compare_reasons(const void *a, const void *b)
{
    const struct import_reason *left = a;
    const struct import_reason *right = b;

    if (left->count != right->count) {
        return left->count < right->count ? 1 : -1;
    }
    return strcmp(left->what, right->what);
}

static void sort_reasons(struct import_tally *t)
{
    if (t->reason_count > 1) {
        qsort(t->reasons, t->reason_count, sizeof(*t->reasons), compare_reasons);
    }
}

static double seconds(int64_t elapsed_us)
{
    const int64_t ms = elapsed_us / DURATION_MS; /* no more digits than mean something */

    return (double)ms / 1000.0;
}

static int64_t rate(const struct import_tally *t, int64_t elapsed_us)
{
    return elapsed_us > 0 ? (int64_t)((double)t->records * 1e6 / (double)elapsed_us) : 0;
}

void import_tally_print_reasons(struct import_tally *t, FILE *out)
{
    static const char *const titles[] = {"REFUSED BECAUSE", "FIELD", ">COUNT", "OF"};
    struct cli_table table = {.titles = titles, .count = 4};

    sort_reasons(t);
    for (size_t i = 0; i < t->reason_count; i++) {
        const struct import_reason *r = &t->reasons[i];
        const int code_len = (int)strcspn(r->what, " ");

        cli_table_add(&table, "%.*s", code_len, r->what);
        cli_table_add(&table, "%s", r->what + code_len + 1);
        cli_table_add(&table, "%" PRId64, r->count);
        cli_table_add(&table, "%s", r->unit);
    }
    cli_table_print(&table, out);
}

void import_tally_print(struct import_tally *t, int64_t elapsed_us, FILE *out)
{
    import_tally_print_reasons(t, out);
    (void)fprintf(out,
                  "import: rows=%" PRId64 " rows_unmapped=%" PRId64 " rows_empty=%" PRId64
                  " records=%" PRId64 " accepted=%" PRId64 " duplicate=%" PRId64
                  " rejected=%" PRId64 " seconds=%.1f rate=%" PRId64 " id=%s\n",
                  t->rows, t->rows_unmapped, t->rows_empty, t->records, t->accepted, t->duplicate,
                  t->rejected, seconds(elapsed_us), rate(t, elapsed_us), t->id ? t->id : "none");
}

void import_tally_print_json(struct import_tally *t, int64_t elapsed_us, const char *rejected_path,
                             FILE *out)
{
    json_t *reasons = json_array();
    json_t *json;

    sort_reasons(t);
    for (size_t i = 0; i < t->reason_count; i++) {
        const struct import_reason *r = &t->reasons[i];
        const size_t code_len = strcspn(r->what, " ");

        json_array_append_new(reasons, json_pack("{s:s%, s:s, s:I, s:s}", "code", r->what, code_len,
                                                 "field", r->what + code_len + 1, "count",
                                                 (json_int_t)r->count, "of", r->unit));
    }
    json =
        json_pack("{s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:I, s:o, s:s?}", "id",
                  t->id, "rows", (json_int_t)t->rows, "rows_unmapped", (json_int_t)t->rows_unmapped,
                  "rows_empty", (json_int_t)t->rows_empty, "records", (json_int_t)t->records,
                  "accepted", (json_int_t)t->accepted, "duplicate", (json_int_t)t->duplicate,
                  "rejected", (json_int_t)t->rejected, "resent", (json_int_t)t->resent, "seconds",
                  seconds(elapsed_us), "rate", (json_int_t)rate(t, elapsed_us), "reasons", reasons,
                  "rejected_file", rejected_path);
    (void)json_dumpf(json, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    (void)fputc('\n', out);
    json_decref(json);
}
