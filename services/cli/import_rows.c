/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/import_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/arena.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/cli/mapping.h"
#include "services/cli/row_counter.h"

#define ARENA_BYTES ((size_t)8 * 1024 * 1024) /* of the records of one row */
#define KEY_SIZE    (2 * BYTES_DIGEST_LEN + 1)

struct import_rows {
    FILE *in;
    int64_t bytes_total;
    struct csv_reader *reader;
    struct mapping *mapping;
    struct arena *arena;
    struct row_counter seen;
    int64_t edition;
    Troth__V1__Record **records;
    char **header_fields; /* our own copy */
    struct csv_row header;
    struct csv_row fields;
};

static void copy_header(struct import_rows *r, const struct csv_row *row)
{
    r->header_fields = xcalloc(row->count, sizeof(*r->header_fields));
    for (size_t i = 0; i < row->count; i++) {
        r->header_fields[i] = xstrdup(row->fields[i]);
    }
    r->header = (struct csv_row){
        .fields = (const char *const *)r->header_fields, .count = row->count, .line = row->line};
}

static int read_header(struct import_rows *r, const char *csv_path, struct err *err)
{
    struct csv_row row;
    const int got = csv_reader_next(r->reader, &row, err);

    if (got < 0) {
        return err_prefix(err, "%s", csv_path);
    }
    if (got == 0) {
        return err_set(err, "csv_empty", "%s is empty: not even a header", csv_path);
    }
    copy_header(r, &row);
    if (mapping_bind(r->mapping, &r->header, err) < 0) {
        return err_prefix(err, "%s", csv_path);
    }
    return 0;
}

static int open_file(struct import_rows *r, const char *path, struct err *err)
{
    struct stat about;

    r->bytes_total = -1;
    if (strcmp(path, "-") == 0) {
        r->in = stdin;
        return 0;
    }
    r->in = fopen(path, "rbe");
    if (!r->in) {
        return err_set(err, "file_unreadable", "%s: %s", path, strerror(errno));
    }
    if (fstat(fileno(r->in), &about) == 0 && S_ISREG(about.st_mode)) {
        r->bytes_total = about.st_size;
    }
    return 0;
}

struct import_rows *import_rows_open(const char *csv_path, const char *mapping_path,
                                     struct err *err)
{
    struct import_rows *r = xcalloc(1, sizeof(*r));

    r->mapping = mapping_load(mapping_path, err);
    if (!r->mapping || open_file(r, csv_path, err) < 0) {
        import_rows_close(r);
        return NULL;
    }
    r->reader = csv_reader_new(r->in);
    r->arena = arena_new(ARENA_BYTES);
    r->records = xcalloc(mapping_records_max(r->mapping), sizeof(void *));
    if (read_header(r, csv_path, err) < 0) {
        import_rows_close(r);
        return NULL;
    }
    return r;
}

void import_rows_close(struct import_rows *r)
{
    if (!r) {
        return;
    }
    for (size_t i = 0; i < r->header.count; i++) {
        free(r->header_fields[i]);
    }
    free(r->header_fields);
    free(r->records);
    row_counter_free(&r->seen);
    csv_reader_free(r->reader);
    mapping_free(r->mapping);
    arena_free(r->arena);
    if (r->in && r->in != stdin) {
        (void)fclose(r->in); /* nothing was written */
    }
    free(r);
}

/* The key of the record that rule number rule made of the row: the same in every repetition. */
static char *make_key(struct import_rows *r, const uint8_t *identity, uint32_t before, size_t rule)
{
    struct text content = {0};
    uint8_t digest[BYTES_DIGEST_LEN];
    char *key = arena_alloc(r->arena, KEY_SIZE);

    if (key) {
        text_append_len(&content, (const char *)identity, BYTES_DIGEST_LEN);
        text_appendf(&content, "/%" PRIu32 "/%zu", before, rule);
        if (r->edition > 0) {
            text_appendf(&content, "/%" PRId64, r->edition);
        }
        bytes_digest((struct bytes){.data = (const uint8_t *)content.data, .len = content.len},
                     digest);
        bytes_to_hex((struct bytes){.data = digest, .len = sizeof(digest)}, key);
        text_free(&content);
    }
    return key;
}

/* Gives the records their keys and closes the gaps of rules that made none. */
static int finish_records(struct import_rows *r, const struct csv_row *row, size_t *ret_count,
                          struct err *err)
{
    uint8_t identity[BYTES_DIGEST_LEN];
    size_t count = 0;
    uint32_t before;

    mapping_row_identity(r->mapping, row, identity);
    before = row_counter_add(
        &r->seen, bytes_hash64((struct bytes){.data = identity, .len = sizeof(identity)}));
    for (size_t rule = 0; rule < mapping_records_max(r->mapping); rule++) {
        Troth__V1__Record *record = r->records[rule];

        if (!record) {
            continue;
        }
        record->key = make_key(r, identity, before, rule);
        if (!record->key) {
            return err_set(err, "too_large", "the records of this row take too much memory");
        }
        record->has_is_permanent_key = 1;
        record->is_permanent_key = 1;
        r->records[count++] = record;
    }
    *ret_count = count;
    return 0;
}

void import_rows_set_edition(struct import_rows *r, int64_t edition)
{
    r->edition = edition;
}

int import_rows_next(struct import_rows *r, struct import_row *ret_row, struct err *err)
{
    const int got = csv_reader_next(r->reader, &r->fields, err);

    if (got <= 0) {
        return got;
    }
    arena_reset(r->arena);
    *ret_row = (struct import_row){.fields = &r->fields, .records = r->records};
    if (mapping_apply(r->mapping, &r->fields, r->arena, r->records, &ret_row->refused) == 0 &&
        finish_records(r, &r->fields, &ret_row->record_count, &ret_row->refused) < 0) {
        ret_row->record_count = 0;
    }
    return 1;
}

const struct csv_row *import_rows_header(const struct import_rows *r)
{
    return &r->header;
}

int64_t import_rows_bytes_read(const struct import_rows *r)
{
    return csv_reader_bytes(r->reader);
}

int64_t import_rows_bytes_total(const struct import_rows *r)
{
    return r->bytes_total;
}
