/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/triage_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    CHUNK = 64 * 1024
};

static int read_file(const char *path, struct buffer *ret, struct err *err)
{
    FILE *in = fopen(path, "rbe");
    size_t got = 1;
    if (!in) {
        return err_set(err, "file_unreadable", "%s: %s", path, strerror(errno));
    }
    while (got > 0 && ret->len <= TRIAGE_FILE_BYTES_MAX) { /* one chunk too many is refused later */
        uint8_t *room = buffer_extend(ret, CHUNK);
        got = fread(room, 1, CHUNK, in);
        ret->len -= CHUNK - got;
    }
    bool is_read = !ferror(in);
    (void)fclose(in); /* nothing was written */
    return is_read ? 0 : err_set(err, "file_unreadable", "%s: cannot be read", path);
}

struct triage_model *triage_file_load(const char *path, struct buffer *ret_bytes, struct err *err)
{
    struct buffer file = {0};
    struct triage_model *m = NULL;
    if (read_file(path, &file, err) == 0) {
        m = triage_model_read((struct bytes){.data = file.data, .len = file.len}, err);
        if (!m) {
            (void)err_prefix(err, "%s", path);
        }
    }
    if (m && ret_bytes) {
        *ret_bytes = file;
    } else {
        buffer_free(&file);
    }
    return m;
}

int triage_file_save(const char *path, struct bytes file, struct err *err)
{
    FILE *out = fopen(path, "wbe");
    if (!out) {
        return err_set(err, "file_unwritable", "%s: %s", path, strerror(errno));
    }
    bool is_written = fwrite(file.data, 1, file.len, out) == file.len;
    is_written = fclose(out) == 0 && is_written;
    return is_written ? 0 : err_set(err, "file_unwritable", "%s: %s", path, strerror(errno));
}
