/* SPDX-License-Identifier: Apache-2.0 */
/* journal_fuzz.c - lines of the journals of dialers and imports: what is read is written as the
 * same bytes, so no other bytes mean it. */
#include "services/dialer/dialer_journal_line.h"

#include <stdlib.h>

#include "services/cli/import_journal_line.h"
#include "tests/fuzz/fuzz.h"

static void fuzz_dialer(const uint8_t *data, size_t size)
{
    struct dialer_line line = {.at_us = 0};
    struct buffer again = {0};

    if (dialer_journal_line_read((struct bytes){.data = data, .len = size}, &line) < 0) {
        return;
    }
    claim(line.verb >= DIALER_LINE_HEADER && line.verb <= DIALER_LINE_TAKEN, "a verb");
    dialer_journal_line_write(&line, &again);
    claim(again.len > 0 && again.data[again.len - 1] == '\n', "a line has its end");
    /* A header of version 1 is written as version 2. */
    claim(line.verb == DIALER_LINE_HEADER ||
              (again.len == size + 1 && memcmp(again.data, data, size) == 0),
          "a line is written as it was read");
    buffer_free(&again);
}

static void fuzz_import(const uint8_t *data, size_t size)
{
    char *content = fuzz_text(data, size);
    char **keys = xcalloc(size + 1, sizeof(*keys));
    const struct import_summary s = import_lines_read(content, size, keys);

    claim(s.whole_len <= size, "lines are part of the file");
    claim(s.whole_len == 0 || data[s.whole_len - 1] == '\n', "the last line has its end");
    claim(s.count >= 0 && (size_t)s.count <= size / 2, "each record has a line");
    for (int64_t i = 0; i < s.count; i++) {
        claim(!keys[i] || keys[i][-1] == '+', "a key is that of a record");
    }
    free(keys);
    free(content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_dialer(data, size);
    fuzz_import(data, size);
    return 0;
}
