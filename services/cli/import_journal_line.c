/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/import_journal_line.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/bytes.h"

#define SUM_SIZE (IMPORT_LINE_SUM_LEN + 1)

/* Goes over one more line, whether it has a sum or not: so a change in what an older program wrote
 * is noticed, too. */
static void advance(struct import_chain *chain, const char *text, char ret_sum[SUM_SIZE])
{
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, NULL, 0, sizeof(chain->digest));
    (void)crypto_generichash_update(&state, chain->digest, sizeof(chain->digest));
    (void)crypto_generichash_update(&state, (const uint8_t *)text, strlen(text));
    (void)crypto_generichash_final(&state, chain->digest, sizeof(chain->digest));
    bytes_to_hex((struct bytes){.data = chain->digest, .len = IMPORT_LINE_SUM_LEN / 2}, ret_sum);
}

void import_line_write(struct import_chain *chain, const char *text, struct text *out)
{
    char sum[SUM_SIZE];

    advance(chain, text, sum);
    chain->has_sums = true;
    text_appendf(out, "%s\t%s\n", text, sum);
}

/* Where the tab before the sum is; NULL: there is none. */
static char *find_sum(char *line)
{
    char *tab = strrchr(line, '\t');
    const bool is_sum = tab && strlen(tab + 1) == IMPORT_LINE_SUM_LEN &&
                        strspn(tab + 1, "0123456789abcdef") == IMPORT_LINE_SUM_LEN;

    return is_sum ? tab : NULL;
}

int import_line_read(struct import_chain *chain, char *line)
{
    char *tab = find_sum(line);
    char sum[SUM_SIZE];

    if (!tab) {
        advance(chain, line, sum);
        return chain->has_sums ? -1 : 0;
    }
    *tab = '\0';
    chain->has_sums = true;
    advance(chain, line, sum);
    return strcmp(sum, tab + 1) == 0 ? 0 : -1;
}

/* ---- all of them */

/* keys, when not NULL, gets NULL for what is not ours. */
static void take_line(struct import_summary *s, char *line, char **keys)
{
    int64_t number;

    if (line[0] == '+') {
        if (keys) {
            keys[s->count] = line + 1;
        }
        s->count++;
        s->is_undone = false;
        s->is_ended = false;
    } else if (line[0] == '-') {
        if (keys && text_to_int64(line + 1, 0, s->count - 1, &number) == 0) {
            keys[number] = NULL;
        }
    } else if (strncmp(line, "undo ", 5) == 0 && s->undo_us == 0) {
        if (text_to_int64(line + 5, 1, INT64_MAX, &s->undo_us) < 0) {
            s->undo_us = 0; /* cut short by an older program: this undo sent nothing yet */
        }
    } else if (strcmp(line, "undone") == 0) {
        s->is_undone = true;
    } else if (strcmp(line, "end") == 0) {
        s->is_ended = true;
    }
}

struct import_summary import_lines_read(char *content, size_t len, char **keys)
{
    struct import_summary s = {.is_ended = false};
    int64_t number = 1;

    for (char *end; (end = memchr(content + s.whole_len, '\n', len - s.whole_len)); number++) {
        char *line = content + s.whole_len;
        const bool has_nul = memchr(line, '\0', (size_t)(end - line)) != NULL;

        *end = '\0';
        if ((import_line_read(&s.chain, line) < 0 || has_nul) && s.damaged_line == 0) {
            s.damaged_line = number;
        }
        take_line(&s, line, keys);
        s.whole_len = (size_t)(end - content) + 1;
    }
    return s;
}

int import_lines_check(const struct import_summary *s, size_t len, int fd, const char *path,
                       struct err *err)
{
    if (s->damaged_line > 0) {
        return err_set(err, "import_damaged",
                       "%s, line %" PRId64 ": it is not as we wrote it; this file cannot tell any "
                       "more what the import has sent",
                       path, s->damaged_line);
    }
    if (s->whole_len < len && ftruncate(fd, (off_t)s->whole_len) < 0) {
        return err_set(err, "file_unwritable", "%s: %s", path, strerror(errno));
    }
    return 0;
}
