/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/audit_copy_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/bytes.h"

enum {
    STEP = 65536
};

char *audit_copy_file_read(const char *path, struct err *err)
{
    FILE *in = fopen(path, "re");
    struct buffer b = {0};
    size_t n = in ? 1 : 0;
    while (n > 0) {
        const size_t before = b.len;
        n = fread(buffer_extend(&b, STEP), 1, STEP, in);
        b.len = before + n;
    }
    const bool is_read = in && !ferror(in);
    const int error = errno;
    if (in) {
        (void)fclose(in);
    }
    if (!is_read) {
        buffer_free(&b);
        (void)err_set(err, "file_unreadable", "%s: %s", path, strerror(error));
        return NULL;
    }
    buffer_append(&b, "", 1);
    return (char *)b.data;
}
