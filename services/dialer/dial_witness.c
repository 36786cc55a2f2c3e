/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/dial_witness.h"

#ifdef TROTH_CRASH_POINTS

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/text.h"

/* Opened anew each time: several dialers share the file, and one write is one line. */
void dial_witness_note(const char *key)
{
    const char *path = getenv("TROTH_DIAL_LOG");
    struct text line = {.data = NULL};
    if (!path) {
        return;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_DSYNC | O_CLOEXEC, 0600);
    text_appendf(&line, "%s\n", key);
    size_t len = strlen(line.data);
    if (fd < 0 || write(fd, line.data, len) != (ssize_t)len) {
        BUG("the log of dials cannot be written");
    }
    (void)close(fd);
    text_free(&line);
}

#endif
