/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bus_keys.c - CURVE keys: making them, and the files they stand in.
 *
 * A line is "name = value"; lines that begin with '#' are comments (a key may contain '#', so
 * nothing else is).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "common/base/secret_file.h"
#include "common/base/text.h"
#include "common/runtime/bus.h"

#define FILE_MAX 4096

bool bus_library_is_safe(char ret_version[BUS_VERSION_SIZE])
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    (void)text_format(ret_version, BUS_VERSION_SIZE, "%d.%d.%d", major, minor, patch);
    return (major * 1000 + minor) * 1000 + patch >= 4003003;
}

int bus_keys_new(struct bus_keys *ret_keys, struct err *err)
{
    struct bus_keys keys;
    if (zmq_curve_keypair(keys.public_key, keys.secret_key) < 0) {
        return err_set(err, "key_failed", "no key pair: %s", zmq_strerror(zmq_errno()));
    }
    *ret_keys = keys;
    return 0;
}

int bus_key_decode(const char *z85, uint8_t ret_key[PRINCIPAL_KEY_LEN], struct err *err)
{
    uint8_t key[PRINCIPAL_KEY_LEN];
    if (strlen(z85) != BUS_KEY_TEXT_SIZE - 1 || !zmq_z85_decode(key, z85)) {
        return err_set(err, "key_invalid", "a key has 40 characters in Z85");
    }
    memcpy(ret_key, key, sizeof(key));
    explicit_bzero(key, sizeof(key));
    return 0;
}

/* ---- reading */

static int read_all(int fd, char *content, size_t size)
{
    size_t len = 0;
    while (len < size - 1) {
        ssize_t n = read(fd, content + len, size - 1 - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        len += (size_t)n;
    }
    content[len] = '\0';
    return 0;
}

static int read_file(const char *path, bool must_be_private, char content[FILE_MAX],
                     struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return err_set(err, "key_unreadable", "%s: %s", path, strerror(errno));
    }
    int rc = 0;
    if (must_be_private && !secret_file_is_private(fd, path)) {
        rc = err_set(err, "key_not_private",
                     "%s can be read by others: give it mode 0600 (chmod 600)", path);
    } else if (read_all(fd, content, FILE_MAX) < 0) {
        rc = err_set(err, "key_unreadable", "%s: %s", path, strerror(errno));
        explicit_bzero(content, FILE_MAX);
    } else if (strlen(content) == FILE_MAX - 1) {
        rc = err_set(err, "key_invalid", "%s is longer than %d bytes", path, FILE_MAX - 2);
        explicit_bzero(content, FILE_MAX);
    }
    (void)close(fd);
    return rc;
}

/* Copies the value of the line that begins with name; "" when that is of another length than a key.
 * Returns what follows that line, NULL when there is none. */
static const char *find_value(const char *content, const char *name,
                              char ret_key[BUS_KEY_TEXT_SIZE])
{
    size_t name_len = strlen(name);
    for (const char *line = content; *line; line += strspn(line, "\r\n")) {
        size_t len = strcspn(line, "\r\n");
        const char *end = line + len;
        const char *p = line + strspn(line, " \t");
        line = end;
        if (strncmp(p, name, name_len) != 0) {
            continue;
        }
        p += name_len;
        p += strspn(p, " \t");
        if (*p != '=') {
            continue;
        }
        p++;
        p += strspn(p, " \t");
        while (end > p && (end[-1] == ' ' || end[-1] == '\t')) {
            end--;
        }
        const size_t key_len = end - p == BUS_KEY_TEXT_SIZE - 1 ? BUS_KEY_TEXT_SIZE - 1 : 0;
        memcpy(ret_key, p, key_len);
        ret_key[key_len] = '\0';
        return line;
    }
    return NULL;
}

/* The next one from *content on, which then stands behind it. */
static int take_key(const char **content, const char *name, const char *path,
                    char ret_key[BUS_KEY_TEXT_SIZE], struct err *err)
{
    uint8_t decoded[PRINCIPAL_KEY_LEN];
    char key[BUS_KEY_TEXT_SIZE];
    const char *rest = find_value(*content, name, key);
    if (!rest || !key[0]) {
        return err_set(err, "key_invalid",
                       "%s has no line \"%s = \" with 40 characters, one for each pair", path,
                       name);
    }
    if (bus_key_decode(key, decoded, err) < 0) {
        return err_prefix(err, "%s", path);
    }
    memcpy(ret_key, key, sizeof(key));
    explicit_bzero(decoded, sizeof(decoded));
    explicit_bzero(key, sizeof(key));
    *content = rest;
    return 0;
}

/* Halves of two pairs would be refused by every peer, without a word. */
static int check_pair(const struct bus_keys *keys, const char *path, struct err *err)
{
    char public_key[BUS_KEY_TEXT_SIZE];
    if (zmq_curve_public(public_key, keys->secret_key) < 0 ||
        strcmp(public_key, keys->public_key) != 0) {
        return err_set(err, "key_invalid", "%s: the two keys do not belong together", path);
    }
    return 0;
}

/* The n-th public key and the n-th secret key are a pair. */
static int take_pairs(const char *content, const char *path,
                      struct bus_keys ret_pairs[BUS_KEY_PAIRS_MAX], struct err *err)
{
    const char *publics = content, *secrets = content;
    char other[BUS_KEY_TEXT_SIZE];
    int count = 0;
    bool has_more;
    do {
        if (count == BUS_KEY_PAIRS_MAX) {
            return err_set(err, "key_invalid", "%s has more than %d pairs: take out the oldest",
                           path, BUS_KEY_PAIRS_MAX);
        }
        struct bus_keys *pair = &ret_pairs[count++];
        if (take_key(&publics, "public-key", path, pair->public_key, err) < 0 ||
            take_key(&secrets, "secret-key", path, pair->secret_key, err) < 0 ||
            check_pair(pair, path, err) < 0) {
            return -1;
        }
        has_more =
            find_value(publics, "public-key", other) || find_value(secrets, "secret-key", other);
        explicit_bzero(other, sizeof(other));
    } while (has_more);
    return count;
}

int bus_key_pairs_read(const char *path, struct bus_keys ret_pairs[BUS_KEY_PAIRS_MAX],
                       struct err *err)
{
    char content[FILE_MAX];
    struct bus_keys pairs[BUS_KEY_PAIRS_MAX];
    if (read_file(path, true, content, err) < 0) {
        return -1;
    }
    int count = take_pairs(content, path, pairs, err);
    if (count > 0) {
        memcpy(ret_pairs, pairs, (size_t)count * sizeof(*pairs));
    }
    explicit_bzero(content, sizeof(content));
    explicit_bzero(pairs, sizeof(pairs));
    return count;
}

int bus_keys_read(const char *path, struct bus_keys *ret_keys, struct err *err)
{
    struct bus_keys pairs[BUS_KEY_PAIRS_MAX];
    if (bus_key_pairs_read(path, pairs, err) < 0) {
        return -1;
    }
    *ret_keys = pairs[0];
    explicit_bzero(pairs, sizeof(pairs));
    return 0;
}

int bus_public_key_read(const char *path, char ret_key[BUS_KEY_TEXT_SIZE], struct err *err)
{
    char content[FILE_MAX];
    const char *rest = content;
    if (read_file(path, false, content, err) < 0) {
        return -1;
    }
    int rc = take_key(&rest, "public-key", path, ret_key, err);
    explicit_bzero(content, sizeof(content));
    return rc;
}

int bus_public_keys_read(const char *path, char ret_keys[BUS_SERVER_KEYS_MAX][BUS_KEY_TEXT_SIZE],
                         struct err *err)
{
    char content[FILE_MAX], key[BUS_KEY_TEXT_SIZE];
    uint8_t decoded[PRINCIPAL_KEY_LEN];
    int count = 0;
    if (read_file(path, false, content, err) < 0) {
        return -1;
    }
    const char *rest = find_value(content, "public-key", key);
    while (rest && count < BUS_SERVER_KEYS_MAX) {
        if (bus_key_decode(key, decoded, err) == 0) {
            memcpy(ret_keys[count++], key, sizeof(key));
        }
        rest = find_value(rest, "public-key", key);
    }
    explicit_bzero(content, sizeof(content));
    return count > 0 ? count
                     : err_set(err, "key_invalid",
                               "%s has no line \"public-key = \" with 40 characters", path);
}

/* ---- writing */

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        data += n;
        len -= (size_t)n;
    }
    return fsync(fd);
}

int bus_keys_write(const char *path, const struct bus_keys *keys, struct err *err)
{
    char content[FILE_MAX];
    (void)text_format(content, sizeof(content), "public-key = %s\nsecret-key = %s\n",
                      keys->public_key, keys->secret_key);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return err_set(err, "key_not_written", "%s: %s", path, strerror(errno));
    }
    int rc = write_all(fd, content, strlen(content));
    int saved_errno = errno;
    if (close(fd) < 0 && rc == 0) {
        rc = -1;
        saved_errno = errno;
    }
    explicit_bzero(content, sizeof(content));
    if (rc < 0) {
        (void)unlink(path);
        return err_set(err, "key_not_written", "%s: %s", path, strerror(saved_errno));
    }
    return 0;
}
