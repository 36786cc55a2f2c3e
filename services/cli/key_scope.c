/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/key_scope.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/token_bucket.h"
#include "common/base/xalloc.h"
#include "common/runtime/principal.h"

static uint64_t any_word(const char *word)
{
    return *word != '\0' && !strchr(word, '\n');
}

/* is_known returns 0 for what is none. */
static int check_words(const char *option, const char *list, uint64_t (*is_known)(const char *word),
                       struct err *err)
{
    if (!list) {
        return 0;
    }
    char *copy = xstrdup(list);
    char *rest = copy;
    char *word;
    int rc = 0;
    while (rc == 0 && (word = strsep(&rest, ",")) != NULL) {
        if (!is_known(word)) {
            rc = err_set(err, "usage", "--%s does not know \"%.60s\"; words are parted by commas",
                         option, word);
        }
    }
    free(copy);
    return rc;
}

int key_scope_check(const struct key_scope *s, struct err *err)
{
    if (s->rate > TOKEN_RATE_MAX || s->burst > TOKEN_RATE_MAX) {
        return err_set(err, "usage", "--rate and --burst are at most %d", TOKEN_RATE_MAX);
    }
    if (s->burst > 0 && s->rate == 0) {
        return err_set(err, "usage", "--burst says how many may come at once and needs --rate");
    }
    if (check_words("kinds", s->kinds, record_kind_parse, err) < 0 ||
        check_words("branches", s->branches, any_word, err) < 0) {
        return -1;
    }
    return check_words("disclose", s->disclose, disclosure_kind_parse, err);
}

static void append_list(struct text *out, size_t begin, const char *title, const char *list)
{
    if (list) {
        text_appendf(out, "%s%s%s", out->len > begin ? "; " : "", title, *list ? list : "none");
    }
}

void key_scope_describe(const struct key_scope *s, struct text *out)
{
    const size_t begin = out->len;
    append_list(out, begin, "kinds ", s->kinds);
    append_list(out, begin, "branches ", s->branches);
    append_list(out, begin, "discloses ", s->disclose);
    if (s->rate > 0) {
        text_appendf(out, "%s%" PRId64 "/s, %" PRId64 " at once", out->len > begin ? "; " : "",
                     s->rate, s->burst > 0 ? s->burst : s->rate);
    }
    if (out->len == begin) {
        text_append(out, "everything");
    }
}
