/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/worklist_screen.h"

#include <inttypes.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "services/cli/cli_table.h"
#include "services/cli/worklist_words.h"

enum {
    LABEL_COLUMNS = 18,
    STORY_COLUMNS = 6,
};

static const char *label(const struct worklist_screen *s, enum worklist_label which)
{
    return worklist_label(which, s->is_chinese);
}

/* Chinese words are two columns for each character. */
static void print_line(const struct worklist_screen *s, enum worklist_label which,
                       const char *value, FILE *out)
{
    size_t columns = text_columns(label(s, which));
    int padding = columns < LABEL_COLUMNS ? (int)(LABEL_COLUMNS - columns) : 1;
    (void)fprintf(out, "%s%*s%s\n", label(s, which), padding, "", value);
}

static void print_title(const struct worklist_screen *s, enum worklist_label which, FILE *out)
{
    (void)fprintf(out, "\n%s\n", label(s, which));
}

static void print_head(const struct worklist_screen *s, const Troth__V1__WorklistAgenda *a,
                       FILE *out)
{
    const Troth__V1__DialOrder *order = a->order;
    char text[256];
    int64_t left_us = a->lease_until_us - s->now_us;
    print_line(s, WORKLIST_LABEL_ORDER, cli_text(order->key), out);
    print_line(s, WORKLIST_LABEL_CUSTOMER, cli_text(a->customer_number), out);
    (void)text_format(text, sizeof(text), "%s%s%s %s",
                      order->phone ? order->phone : label(s, WORKLIST_LABEL_NO_PHONE),
                      order->language ? "   " : "",
                      order->language ? label(s, WORKLIST_LABEL_SPEAKS) : "",
                      order->language ? order->language : "");
    print_line(s, WORKLIST_LABEL_PHONE, text, out);
    if (a->no_call) {
        print_line(s, WORKLIST_LABEL_NO_CALL, worklist_word(a->no_call, s->is_chinese), out);
    }
    print_line(s, WORKLIST_LABEL_WHY,
               worklist_word(a->why_person ? a->why_person : "-", s->is_chinese), out);
    (void)text_format(text, sizeof(text), "%" PRId64 " %s", left_us > 0 ? left_us / DURATION_S : 0,
                      label(s, WORKLIST_LABEL_SECONDS));
    print_line(s, WORKLIST_LABEL_LEASE, text, out);
}

static void print_say(const struct worklist_screen *s, const Troth__V1__DialOrder *order, FILE *out)
{
    print_title(s, WORKLIST_LABEL_SAY, out);
    if (order->opening) {
        (void)fprintf(out, "  %s\n", order->opening);
    }
    for (size_t i = 0; i < order->n_agenda; i++) {
        const Troth__V1__DialReason *reason = order->agenda[i];
        (void)fprintf(out, "  - %s\n",
                      text_is_empty(reason->say) ? cli_text(reason->rule) : reason->say);
    }
}

static void print_item(const struct worklist_screen *s, size_t number, const Troth__V1__DialItem *i,
                       FILE *out)
{
    (void)fprintf(out, "  %zu. %s\n     %s=", number, cli_text(i->question), cli_text(i->code));
    if (i->has_low && i->has_high) {
        (void)fprintf(out, "%d..%d", i->low, i->high);
    } else {
        (void)fprintf(out, "...");
    }
    if (i->is_expectation) {
        (void)fprintf(out, "  (%s)", label(s, WORKLIST_LABEL_EXPECTED));
    }
    if (!text_is_empty(i->only_if)) {
        (void)fprintf(out, "  %s %s=%d..%d", label(s, WORKLIST_LABEL_ONLY_IF), i->only_if,
                      i->only_min, i->only_max);
    }
    (void)fputc('\n', out);
}

static void print_ask(const struct worklist_screen *s, const Troth__V1__DialOrder *order, FILE *out)
{
    if (order->n_items > 0) {
        print_title(s, WORKLIST_LABEL_ASK, out);
    }
    for (size_t i = 0; i < order->n_items; i++) {
        print_item(s, i + 1, order->items[i], out);
    }
    if (order->closing) {
        print_title(s, WORKLIST_LABEL_CLOSE, out);
        (void)fprintf(out, "  %s\n", order->closing);
    }
}

static void print_story(const struct worklist_screen *s, const Troth__V1__WorklistAgenda *a,
                        FILE *out)
{
    const char *titles[STORY_COLUMNS];
    for (int i = 0; i < STORY_COLUMNS; i++) {
        titles[i] = label(s, (enum worklist_label)(WORKLIST_LABEL_TIME + i));
    }
    struct cli_table table = {.titles = titles, .count = STORY_COLUMNS};
    print_title(s, WORKLIST_LABEL_STORY, out);
    for (size_t i = 0; i < a->n_story; i++) {
        const Troth__V1__StoryLine *line = a->story[i];
        char at[CLI_NAME_SIZE];
        char due[CLI_NAME_SIZE];
        cli_table_add(&table, "%s", cli_time_text(line->has_at_us, line->at_us, at));
        cli_table_add(&table, "%s", worklist_word(cli_text(line->kind), s->is_chinese));
        cli_table_add(&table, "%s", cli_text(line->number));
        cli_table_add(&table, "%s", worklist_word(cli_text(line->what), s->is_chinese));
        cli_table_add(&table, "%s", worklist_word(cli_text(line->state), s->is_chinese));
        cli_table_add(&table, "%s", cli_time_text(line->has_due_us, line->due_us, due));
    }
    if (a->n_story == 0) {
        (void)fprintf(out, "  %s\n", label(s, WORKLIST_LABEL_NO_STORY));
    }
    cli_table_print(&table, out);
}

void worklist_screen_print(const struct worklist_screen *s, const Troth__V1__WorklistAgenda *a,
                           FILE *out)
{
    if (!a->order) {
        (void)fprintf(out, "%s\n", label(s, WORKLIST_LABEL_NOTHING));
        return;
    }
    const char *key = cli_text(a->order->key);
    print_head(s, a, out);
    print_say(s, a->order, out);
    print_ask(s, a->order, out);
    print_story(s, a, out);
    print_title(s, WORKLIST_LABEL_NEXT, out);
    (void)fprintf(out,
                  "  troth worklist accept %s --staff %s\n"
                  "  troth worklist outcome %s answered --staff %s --answer CODE=VALUE\n"
                  "  troth worklist snooze %s TIME --staff %s\n"
                  "  troth worklist return %s --staff %s\n",
                  key, s->staff, key, s->staff, key, s->staff, key, s->staff);
}
