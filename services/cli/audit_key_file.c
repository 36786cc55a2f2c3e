/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/audit_key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

/* Short enough for one write. */
static int write_new(const char *path, mode_t mode, const struct text *content, struct err *err)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        return err_set(err, "file_unwritable", "%s: %s", path, strerror(errno));
    }
    const bool is_written =
        write(fd, content->data, content->len) == (ssize_t)content->len && fsync(fd) == 0;
    const int error = errno;
    (void)close(fd);
    if (!is_written) {
        (void)unlink(path);
        return err_set(err, "file_unwritable", "%s: %s", path, strerror(error));
    }
    return 0;
}

int audit_key_file_make(const char *path, const char *public_path, const char *installation,
                        struct err *err)
{
    struct text secret = {0}, public = {0};
    audit_key_make(installation, &secret);
    struct audit_key *key = audit_key_parse(secret.data, err);
    int rc = -1;
    if (key) {
        audit_trust_print(audit_key_trust(key), &public);
        rc = write_new(path, 0600, &secret, err);
    }
    if (rc == 0 && write_new(public_path, 0644, &public, err) < 0) {
        (void)unlink(path); /* just made: nobody has it yet */
        rc = -1;
    }
    sodium_memzero(secret.data, secret.len);
    audit_key_free(key);
    text_free(&secret);
    text_free(&public);
    return rc;
}
