/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/key_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

bool key_name_is_valid(const char *name)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    const size_t len = strlen(name);

    return len >= 1 && len < PRINCIPAL_NAME_SIZE && strchr(first, name[0]) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") == len;
}

void key_files_public_path(const char *pair_path, struct text *out)
{
    const size_t len = strlen(pair_path);
    const bool has_ending = len > 4 && strcmp(pair_path + len - 4, ".key") == 0;

    text_append_len(out, pair_path, has_ending ? len - 4 : len);
    text_append(out, ".pub");
}

static int write_public(const char *path, const struct bus_keys *keys, struct err *err)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    bool is_written;

    if (!out) {
        return err_set(err, "file_unwritable", "%s: %s", path, strerror(errno));
    }
    is_written = fprintf(out, "public-key = %s\n", keys->public_key) > 0;
    if (fclose(out) != 0 || !is_written) {
        return err_set(err, "file_unwritable", "%s: %s", path, strerror(errno));
    }
    return 0;
}

int key_files_make(const char *pair_path, const char *public_path, struct bus_keys *ret_keys,
                   struct err *err)
{
    struct bus_keys keys;

    if (bus_keys_new(&keys, err) < 0 || bus_keys_write(pair_path, &keys, err) < 0) {
        return -1;
    }
    if (write_public(public_path, &keys, err) < 0) {
        (void)unlink(pair_path); /* just made: nobody has it yet */
        return -1;
    }
    *ret_keys = keys;
    return 0;
}

/* sodium_bin2base64() writes 43 characters and the end for 32 bytes. */
void key_token_make(char ret_token[KEY_TOKEN_SIZE])
{
    static const char prefix[] = "troth_";
    uint8_t secret[32];
    randombytes_buf(secret, sizeof(secret));
    (void)text_copy(ret_token, KEY_TOKEN_SIZE, prefix);
    (void)sodium_bin2base64(ret_token + strlen(prefix), KEY_TOKEN_SIZE - strlen(prefix), secret,
                            sizeof(secret), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    explicit_bzero(secret, sizeof(secret));
}

void key_text(const uint8_t key[PRINCIPAL_KEY_LEN], char ret_text[BUS_KEY_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 ".-:+=^!/*?&<>()[]{}@%$#";
    char *c = ret_text;

    for (size_t i = 0; i < PRINCIPAL_KEY_LEN; i += 4) {
        const uint32_t value = (uint32_t)key[i] << 24 | (uint32_t)key[i + 1] << 16 |
                               (uint32_t)key[i + 2] << 8 | key[i + 3];

        for (uint32_t weight = 85 * 85 * 85 * 85; weight > 0; weight /= 85) {
            *c++ = digits[value / weight % 85];
        }
    }
    *c = '\0';
}
