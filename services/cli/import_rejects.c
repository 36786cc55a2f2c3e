/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/import_rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"

struct import_rejects {
    char *path;
    const struct csv_row *header;
    FILE *out;
    struct text line; /* reused */
};

struct import_rejects *import_rejects_new(const char *path, const struct csv_row *header)
{
    struct import_rejects *r = xcalloc(1, sizeof(*r));

    r->path = xstrdup(path);
    r->header = header;
    return r;
}

static int fail(const struct import_rejects *r, struct err *err)
{
    return err_set(err, "file_unwritable", "%s: %s", r->path, strerror(errno));
}

/* The fields that are not reasons of an earlier import, then the line end. */
static int write_line(struct import_rejects *r, const struct csv_row *row, struct err *err)
{
    for (size_t i = 0; i < row->count; i++) {
        if (i < r->header->count && strncmp(r->header->fields[i], "troth_", 6) == 0) {
            continue;
        }
        text_append(&r->line, ",");
        csv_append_field(&r->line, row->fields[i]);
    }
    text_append(&r->line, "\r\n");
    return fwrite(r->line.data, 1, r->line.len, r->out) == r->line.len ? 0 : fail(r, err);
}

static int open_file(struct import_rejects *r, struct err *err)
{
    /* Rows are personal data: for our user alone. */
    const int fd = open(r->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    r->out = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!r->out) {
        return fail(r, err);
    }
    text_clear(&r->line);
    text_append(&r->line, "troth_line,troth_code,troth_field,troth_text");
    return write_line(r, r->header, err);
}

int import_rejects_add(struct import_rejects *r, const struct csv_row *row,
                       const struct import_reject *why, struct err *err)
{
    if (!r->out && open_file(r, err) < 0) {
        return -1;
    }
    text_clear(&r->line);
    text_appendf(&r->line, "%zu,", row->line);
    csv_append_field(&r->line, why->code ? why->code : "");
    text_append(&r->line, ",");
    csv_append_field(&r->line, why->field ? why->field : "");
    text_append(&r->line, ",");
    csv_append_field(&r->line, why->text ? why->text : "");
    return write_line(r, row, err);
}

int import_rejects_finish(struct import_rejects *r, const char **ret_path, struct err *err)
{
    FILE *out = r->out;

    r->out = NULL;
    if (out && fclose(out) != 0) {
        return fail(r, err);
    }
    *ret_path = out ? r->path : NULL;
    return 0;
}

void import_rejects_free(struct import_rejects *r)
{
    if (r) {
        if (r->out) {
            (void)fclose(r->out); /* after an error that was reported already */
        }
        text_free(&r->line);
        free(r->path);
        free(r);
    }
}
