/* SPDX-License-Identifier: Apache-2.0 */
#include "common/audit/audit_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/secret_file.h"
#include "common/base/xalloc.h"

enum {
    FILE_BYTES_MAX = 16 * 1024
};

struct audit_key {
    struct audit_trust trust;
    bool has_salt;
    uint8_t salt[AUDIT_KEY_LEN];
    uint8_t secret[crypto_sign_SECRETKEYBYTES]; /* of the last public key */
};

bool audit_name_is_valid(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    const size_t len = strlen(name);
    return len > 0 && len < AUDIT_NAME_SIZE && strspn(name, allowed) == len;
}

void audit_key_id(const uint8_t public_key[AUDIT_KEY_LEN], uint8_t ret[AUDIT_KEY_ID_LEN])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(hash, public_key, AUDIT_KEY_LEN);
    memcpy(ret, hash, AUDIT_KEY_ID_LEN);
}

const uint8_t *audit_trust_find(const struct audit_trust *t, struct bytes key_id)
{
    for (size_t i = 0; i < t->count; i++) {
        uint8_t id[AUDIT_KEY_ID_LEN];
        audit_key_id(t->keys[i], id);
        if (bytes_equal((struct bytes){id, sizeof(id)}, key_id)) {
            return t->keys[i];
        }
    }
    return NULL;
}

/* ---- lines of words */

struct file {
    struct audit_trust *trust;
    struct audit_key *secret; /* NULL: a public file */
};

static int set_name(struct file *f, const char *value)
{
    if (!audit_name_is_valid(value) || f->trust->installation[0]) {
        return -1;
    }
    (void)text_copy(f->trust->installation, sizeof(f->trust->installation), value);
    return 0;
}

static int set_salt(struct file *f, const char *value)
{
    if (f->secret->has_salt || bytes_from_hex(value, f->secret->salt, AUDIT_KEY_LEN) < 0) {
        return -1;
    }
    f->secret->has_salt = true;
    return 0;
}

static int add_signing(struct file *f, const char *value)
{
    uint8_t seed[AUDIT_KEY_LEN];
    if (f->trust->count == AUDIT_KEYS_MAX || bytes_from_hex(value, seed, sizeof(seed)) < 0) {
        return -1;
    }
    (void)crypto_sign_seed_keypair(f->trust->keys[f->trust->count++], f->secret->secret, seed);
    sodium_memzero(seed, sizeof(seed));
    return 0;
}

static int add_verifying(struct file *f, const char *value)
{
    if (f->trust->count == AUDIT_KEYS_MAX ||
        bytes_from_hex(value, f->trust->keys[f->trust->count], AUDIT_KEY_LEN) < 0) {
        return -1;
    }
    f->trust->count++;
    return 0;
}

static int take_line(struct file *f, char *line)
{
    static const struct {
        const char *word;
        bool is_secret, is_public;
        int (*take)(struct file *f, const char *value);
    } words[] = {
        {"installation", true,  true,  set_name     },
        {"salt",         true,  false, set_salt     },
        {"sign",         true,  false, add_signing  },
        {"verify",       false, true,  add_verifying},
    };
    char *rest = line + strspn(line, " \t\r");
    if (*rest == '\0' || *rest == '#') {
        return 0;
    }
    const char *word = strsep(&rest, " \t");
    char *value = rest ? rest + strspn(rest, " \t") : line + strlen(line);
    value[strcspn(value, " \t\r")] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i].word, word) == 0 &&
            (f->secret ? words[i].is_secret : words[i].is_public)) {
            return words[i].take(f, value);
        }
    }
    return -1;
}

/* Says which line, never what stands in it. */
static int parse(struct file *f, const char *text, struct err *err)
{
    char *copy = xstrdup(text);
    char *rest = copy;
    int number = 0, rc = 0;
    for (char *line = strsep(&rest, "\n"); line && rc == 0; line = strsep(&rest, "\n")) {
        number++;
        rc = take_line(f, line);
    }
    sodium_memzero(copy, strlen(text));
    free(copy);
    if (rc < 0) {
        return err_set(err, "audit_key_invalid", "line %d is not one of an audit key", number);
    }
    if (!f->trust->installation[0] || f->trust->count == 0 || (f->secret && !f->secret->has_salt)) {
        return err_set(err, "audit_key_invalid", "an installation or a key is missing");
    }
    return 0;
}

/* ---- files */

static int read_file(const char *path, bool is_secret, char ret[FILE_BYTES_MAX], struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t n = fd < 0 ? -1 : 1;
    if (n > 0 && is_secret && !secret_file_is_private(fd, path)) {
        (void)close(fd);
        return err_set(err, "audit_key_unreadable", "%s: others may read it; chmod 600", path);
    }
    while (n > 0 && len < FILE_BYTES_MAX - 1) {
        n = read(fd, ret + len, FILE_BYTES_MAX - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    int rc = n < 0 ? err_set(err, "audit_key_unreadable", "%s: %s", path, strerror(errno)) : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    ret[len] = '\0';
    return rc;
}

struct audit_key *audit_key_parse(const char *text, struct err *err)
{
    struct audit_key *k = sodium_init() < 0 ? NULL : sodium_malloc(sizeof(*k));
    if (!k) {
        (void)err_set(err, "audit_key_unreadable", "no memory to lock the key in");
        return NULL;
    }
    sodium_memzero(k, sizeof(*k));
    struct file f = {.trust = &k->trust, .secret = k};
    if (parse(&f, text, err) < 0) {
        sodium_free(k);
        return NULL;
    }
    return k;
}

struct audit_key *audit_key_load(const char *path, struct err *err)
{
    char content[FILE_BYTES_MAX];
    struct audit_key *k = NULL;
    if (read_file(path, true, content, err) == 0) {
        k = audit_key_parse(content, err);
        if (!k) {
            (void)err_prefix(err, "%s", path);
        }
    }
    sodium_memzero(content, sizeof(content));
    return k;
}

void audit_key_free(struct audit_key *k)
{
    sodium_free(k);
}

int audit_trust_parse(const char *text, struct audit_trust *ret, struct err *err)
{
    struct audit_trust t = {.count = 0};
    struct file f = {.trust = &t};
    if (parse(&f, text, err) < 0) {
        return -1;
    }
    *ret = t;
    return 0;
}

int audit_trust_load(const char *path, struct audit_trust *ret, struct err *err)
{
    char content[FILE_BYTES_MAX];
    if (read_file(path, false, content, err) < 0) {
        return -1;
    }
    return audit_trust_parse(content, ret, err) < 0 ? err_prefix(err, "%s", path) : 0;
}

/* ---- texts */

static void add_line(struct text *t, const char *word, const uint8_t key[AUDIT_KEY_LEN])
{
    char hex[2 * AUDIT_KEY_LEN + 1];
    bytes_to_hex((struct bytes){key, AUDIT_KEY_LEN}, hex);
    text_appendf(t, "%s %s\n", word, hex);
    sodium_memzero(hex, sizeof(hex));
}

void audit_key_make(const char *installation, struct text *out)
{
    uint8_t salt[AUDIT_KEY_LEN], seed[AUDIT_KEY_LEN];
    randombytes_buf(salt, sizeof(salt));
    randombytes_buf(seed, sizeof(seed));
    text_append(out,
                "# Signs the tamper-evident record of troth-intake. Keep it secret, and a copy "
                "apart from the\n# backups of the database: without the salt nothing can be "
                "proved.\n");
    text_appendf(out, "installation %s\n", installation);
    add_line(out, "salt", salt);
    add_line(out, "sign", seed);
    sodium_memzero(salt, sizeof(salt));
    sodium_memzero(seed, sizeof(seed));
}

void audit_trust_print(const struct audit_trust *t, struct text *out)
{
    text_append(out, "# Checks what troth audit proves; no secret.\n");
    text_appendf(out, "installation %s\n", t->installation);
    for (size_t i = 0; i < t->count; i++) {
        add_line(out, "verify", t->keys[i]);
    }
}

const struct audit_trust *audit_key_trust(const struct audit_key *k)
{
    return &k->trust;
}

const uint8_t *audit_key_salt(const struct audit_key *k)
{
    return k->salt;
}

void audit_key_sign(const struct audit_key *k, struct bytes text,
                    uint8_t ret_signature[AUDIT_SIGNATURE_LEN])
{
    (void)crypto_sign_detached(ret_signature, NULL, text.data, text.len, k->secret);
}
