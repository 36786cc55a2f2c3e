/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/master_key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/bytes.h"
#include "common/base/text.h"
#include "services/cli/replaced_file.h"

enum {
    KEY_LEN = 32,
    FILE_BYTES_MAX = 16 * 1024, /* what intake reads at most */
    LINE_BYTES_MAX = 128,       /* of a key with its name */
    MODE = 0600,
};

#define TITLE                                                                                      \
    "# Seals the personal data that troth-intake stores. Keep a copy apart from the backups of "   \
    "the\n# database: without it they cannot be read. A new generation: troth key master FILE "    \
    "--rotate\n"

static void add_key(struct text *t, const char *name)
{
    uint8_t key[KEY_LEN];
    char hex[2 * KEY_LEN + 1];
    randombytes_buf(key, sizeof(key));
    bytes_to_hex((struct bytes){key, sizeof(key)}, hex);
    text_appendf(t, "%s %s\n", name, hex);
    sodium_memzero(key, sizeof(key));
    sodium_memzero(hex, sizeof(hex));
}

int master_key_file_make(const char *path, struct err *err)
{
    struct text content = {0};
    text_append(&content, TITLE);
    add_key(&content, "lookup");
    add_key(&content, "master 1");
    int rc = replaced_file_make(path, MODE, &content, err);
    sodium_memzero(content.data, content.len);
    text_free(&content);
    return rc;
}

static int read_old(const char *path, char content[FILE_BYTES_MAX], struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0 && len < FILE_BYTES_MAX - 1) {
        n = read(fd, content + len, FILE_BYTES_MAX - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    int rc = n < 0 ? err_set(err, "file_unreadable", "%s: %s", path, strerror(errno)) : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    content[len] = '\0';
    return rc;
}

/* The newest generation in it; 0: none. */
static long newest(const char *content)
{
    static const char word[] = "master";
    long found = 0;
    for (const char *line = content; *line; line += strspn(line, "\r\n")) {
        const char *p = line + strspn(line, " \t");
        if (strncmp(p, word, sizeof(word) - 1) == 0) {
            long n = strtol(p + sizeof(word) - 1, NULL, 10);
            found = n > found ? n : found;
        }
        line += strcspn(line, "\r\n");
    }
    return found;
}

int master_key_file_rotate(const char *path, int *ret_generation, struct err *err)
{
    char old[FILE_BYTES_MAX];
    char name[32];
    struct text content = {0};
    if (read_old(path, old, err) < 0) {
        return -1;
    }
    long last = newest(old);
    /* A file that is nearly full may have been cut when it was read. */
    if (last < 1 || last >= INT16_MAX || strlen(old) + LINE_BYTES_MAX >= sizeof(old)) {
        sodium_memzero(old, sizeof(old));
        return err_set(err, "file_invalid",
                       "%s is not what `troth key master` makes, or has too many generations",
                       path);
    }
    text_append(&content, old);
    if (content.data[content.len - 1] != '\n') {
        text_append(&content, "\n");
    }
    (void)text_format(name, sizeof(name), "master %ld", last + 1);
    add_key(&content, name);
    int rc = replaced_file_write(path, MODE, &content, err);
    sodium_memzero(old, sizeof(old));
    sodium_memzero(content.data, content.len);
    text_free(&content);
    if (rc == 0) {
        *ret_generation = (int)last + 1;
    }
    return rc;
}
