/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/audit_key_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/bytes.h"
#include "services/cli/replaced_file.h"

enum {
    SECRET_MODE = 0600,
    PUBLIC_MODE = 0644
};

int audit_key_file_make(const char *path, const char *public_path, const char *installation,
                        struct err *err)
{
    struct text secret = {0}, public = {0};
    audit_key_make(installation, &secret);
    struct audit_key *key = audit_key_parse(secret.data, err);
    int rc = -1;
    if (key) {
        audit_trust_print(audit_key_trust(key), &public);
        rc = replaced_file_make(path, SECRET_MODE, &secret, err);
    }
    if (rc == 0 && replaced_file_make(public_path, PUBLIC_MODE, &public, err) < 0) {
        (void)unlink(path); /* just made: nobody has it yet */
        rc = -1;
    }
    sodium_memzero(secret.data, secret.len);
    audit_key_free(key);
    text_free(&secret);
    text_free(&public);
    return rc;
}

/* ---- another key */

static int read_text(const char *path, struct text *out, struct err *err)
{
    char content[4096];
    FILE *f = fopen(path, "re");
    if (!f) {
        return err_set(err, "audit_key_unreadable", "%s: %s", path, strerror(errno));
    }
    size_t len = fread(content, 1, sizeof(content) - 1, f);
    while (len > 0) {
        content[len] = '\0';
        text_append(out, content);
        len = fread(content, 1, sizeof(content) - 1, f);
    }
    sodium_memzero(content, sizeof(content));
    (void)fclose(f);
    return 0;
}

static void add_seed(struct text *secret)
{
    uint8_t seed[AUDIT_KEY_LEN];
    char hex[2 * AUDIT_KEY_LEN + 1];
    randombytes_buf(seed, sizeof(seed));
    bytes_to_hex((struct bytes){seed, sizeof(seed)}, hex);
    text_appendf(secret, "%ssign %s\n",
                 secret->len > 0 && secret->data[secret->len - 1] == '\n' ? "" : "\n",
                 hex); /* NOLINT(clang-analyzer-core.NullDereference): len > 0 has data */
    sodium_memzero(seed, sizeof(seed));
    sodium_memzero(hex, sizeof(hex));
}

int audit_key_file_rotate(const char *path, const char *public_path, struct err *err)
{
    struct text secret = {0}, public = {0};
    struct audit_key *key = audit_key_load(path, err); /* says what is wrong with it */
    int rc = key ? read_text(path, &secret, err) : -1;
    audit_key_free(key);
    key = NULL;
    if (rc == 0) {
        add_seed(&secret);
        key = audit_key_parse(secret.data, err);
        rc = key ? replaced_file_write(path, SECRET_MODE, &secret, err) : -1;
    }
    if (rc == 0) {
        audit_trust_print(audit_key_trust(key), &public);
        rc = replaced_file_write(public_path, PUBLIC_MODE, &public, err);
    }
    if (secret.data) {
        sodium_memzero(secret.data, secret.len);
    }
    audit_key_free(key);
    text_free(&secret);
    text_free(&public);
    return rc;
}
