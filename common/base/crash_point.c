/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/crash_point.h"

#ifdef TROTH_CRASH_POINTS

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/base/text.h"

/* A point is passed a few thousand times a second at most: the environment is read each time, and
 * only the count is kept. It is the process that dies, so it is the process that counts. */
static int64_t passed_count;

static bool is_wanted(const char *name, int64_t *ret_number)
{
    const char *wanted = getenv("TROTH_CRASH_POINT");
    size_t len = strlen(name);
    return wanted && strncmp(wanted, name, len) == 0 && wanted[len] == ':' &&
           text_to_int64(wanted + len + 1, 1, INT32_MAX, ret_number) == 0;
}

void crash_point_pass(const char *name)
{
    int64_t number = 0;
    if (is_wanted(name, &number) && ++passed_count == number) {
        (void)kill(getpid(), SIGKILL);
    }
}

bool crash_point_control(const char *name)
{
    const char *wanted = getenv("TROTH_CRASH_CONTROL");
    return wanted && strcmp(wanted, name) == 0;
}

/* Read each time: the test writes the file when it likes. */
int64_t crash_point_clock_jump_us(void)
{
    char text[32] = "";
    int64_t seconds = 0;
    const char *path = getenv("TROTH_CLOCK_JUMP");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        if (read(fd, text, sizeof(text) - 1) > 0 &&
            text_to_int64(text, -INT32_MAX, INT32_MAX, &seconds) < 0) {
            seconds = 0;
        }
        (void)close(fd);
    }
    return seconds * DURATION_S;
}

#endif
