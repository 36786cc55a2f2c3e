/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

PRINTF_LIKE(2, 0)
static void format(char ret[FINDING_TEXT_SIZE], const char *fmt, va_list args) PRINTF_LIKE(2, 0);

/* What does not fit is cut at the end of a character. */
PRINTF_LIKE(2, 0)
static void format(char ret[FINDING_TEXT_SIZE], const char *fmt, va_list args)
{
    int len = vsnprintf(ret, FINDING_TEXT_SIZE, fmt, args);
    if (len >= FINDING_TEXT_SIZE) {
        size_t end = FINDING_TEXT_SIZE - 1;
        while (end > 0 && ((unsigned char)ret[end - 1] & 0xc0) == 0x80) {
            end--;
        }
        ret[end > 0 && ((unsigned char)ret[end - 1] & 0x80) != 0 ? end - 1 : end] = '\0';
    }
    for (char *c = ret; *c; c++) {
        if ((unsigned char)*c < ' ') { /* one line, whatever somebody else said */
            *c = ' ';
        }
    }
}

void finding_add(struct finding_list *l, enum finding_state state, const char *part,
                 const char *fmt, ...)
{
    va_list args;
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 16;
        l->items = xreallocarray(l->items, l->capacity, sizeof(*l->items));
    }
    struct finding *f = &l->items[l->count++];
    *f = (struct finding){.state = state, .part = part};
    va_start(args, fmt);
    format(f->text, fmt, args);
    va_end(args);
}

void finding_mend(struct finding_list *l, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    format(l->items[l->count - 1].mend, fmt, args);
    va_end(args);
}

void finding_list_clear(struct finding_list *l)
{
    l->count = 0;
}

void finding_list_free(struct finding_list *l)
{
    free(l->items);
    *l = (struct finding_list){.items = NULL};
}

void finding_list_sort(struct finding_list *l)
{
    for (size_t i = 1; i < l->count; i++) { /* few, and stable */
        struct finding one = l->items[i];
        size_t at = i;
        for (; at > 0 && l->items[at - 1].state < one.state; at--) {
            l->items[at] = l->items[at - 1];
        }
        l->items[at] = one;
    }
}

enum finding_state finding_list_worst(const struct finding_list *l)
{
    enum finding_state worst = FINDING_OK;
    for (size_t i = 0; i < l->count; i++) {
        worst = l->items[i].state > worst ? l->items[i].state : worst;
    }
    return worst;
}

const char *finding_state_name(enum finding_state state)
{
    static const char *const names[] = {
        [FINDING_OK] = "ok", [FINDING_ATTENTION] = "attention", [FINDING_BROKEN] = "broken"};
    return names[state];
}

json_t *finding_list_json(const struct finding_list *l)
{
    json_t *list = json_array();
    for (size_t i = 0; i < l->count; i++) {
        const struct finding *f = &l->items[i];
        json_t *one = json_pack("{s:s, s:s, s:s, s:s}", "state", finding_state_name(f->state),
                                "part", f->part, "text", f->text, "mend", f->mend);
        json_array_append_new(list, one ? one : json_string(f->part)); /* not UTF-8 */
    }
    return list;
}

void finding_list_print(const struct finding_list *l, size_t most, FILE *out)
{
    for (size_t i = 0; i < l->count && i < most; i++) {
        const struct finding *f = &l->items[i];
        (void)fprintf(out, "%-9s  %s: %s\n", finding_state_name(f->state), f->part, f->text);
        if (f->mend[0]) {
            (void)fprintf(out, "           -> %s\n", f->mend);
        }
    }
    if (l->count > most) {
        (void)fprintf(out, "           and %zu more: --json lists all\n", l->count - most);
    }
}
