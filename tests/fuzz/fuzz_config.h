/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_config.h - for what is read from libconfig files. */
#ifndef TROTH_TESTS_FUZZ_FUZZ_CONFIG_H
#define TROTH_TESTS_FUZZ_FUZZ_CONFIG_H

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

/* libconfig 1.5 loses the text it was reading when a file ends inside of it: 64 bytes, once per
 * start of a process. Found by mapping_fuzz.c. */
// NOLINTNEXTLINE(bugprone-reserved-identifier, readability-identifier-naming): their name
const char *__lsan_default_suppressions(void);
// NOLINTNEXTLINE(bugprone-reserved-identifier, readability-identifier-naming): their name
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so";
}

/* The path of a file in memory with these bytes, for who reads files alone. The next call writes
 * over it. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
    static char path[64];
    static int fd = -1;

    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        (void)text_format(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    claim(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size,
          "the file in memory takes the input");
    return path;
}

/* libconfig files may include others: those of this machine say nothing about our code. */
static inline bool fuzz_includes_a_file(const uint8_t *data, size_t size)
{
    return memmem(data, size, "@include", strlen("@include")) != NULL;
}

#endif
