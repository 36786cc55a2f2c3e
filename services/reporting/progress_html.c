/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_html.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/runtime/mail_text.h"
#include "services/reporting/page_frame.h"
#include "services/reporting/progress_history.h"
#include "services/reporting/progress_text.h"
#include "services/reporting/progress_time.h"
#include "services/reporting/progress_turn.h"

/* A date that is further off than that is told without the time of the day. */
#define SOON_US (48 * DURATION_H)

static void say(const struct progress_view *v, enum progress_word word, struct text *out)
{
    progress_words_append(v->language, word, NULL, 0, out);
}

static void say_one(const struct progress_view *v, enum progress_word word, const char *argument,
                    struct text *out)
{
    progress_words_append(v->language, word, &argument, 1, out);
}

static void say_time(const struct progress_view *v, enum progress_word word, int64_t us,
                     struct text *out)
{
    char time[PROGRESS_TIME_SIZE];

    say_one(v, word, progress_time(v->language, v->zone, us, time), out);
}

static void begin_section(const struct progress_view *v, const char *id, enum progress_word title,
                          struct text *out)
{
    text_appendf(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", id, id);
    say(v, title, out);
    text_append(out, "</h2>\n");
}

static void end_section(struct text *out)
{
    text_append(out, "</section>\n");
}

/* ---- what was asked, and whose turn it is */

static void append_head(const struct progress_view *v, struct text *out)
{
    const struct progress_case *c = v->c;
    bool is_known = c->kind >= TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY &&
                    c->kind <= TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE;
    char time[PROGRESS_TIME_SIZE], offset[PROGRESS_TIME_SIZE];
    const char *const zone[] = {v->zone ? zone_name(v->zone) : "UTC",
                                progress_offset(v->zone, c->now_us, offset)};

    text_append(out, "<h1>");
    say(v, is_known ? (enum progress_word)(WORD_HEADING_1 + (int)c->kind - 1) : WORD_TITLE, out);
    if (v->about) {
        text_append(out, v->language == PROGRESS_CHINESE ? "：" : ": ");
        html_append_text(v->about, out);
    }
    text_append(out, "</h1>\n<p>");
    if (c->product[0]) {
        html_append_text(c->product, out);
        text_append(out, v->language == PROGRESS_CHINESE ? "，" : ", ");
    }
    say_one(v, WORD_OPENED_ON, progress_time(v->language, v->zone, c->opened_us, time), out);
    text_append(out, "</p>\n<p class=\"soft\">");
    progress_words_append(v->language, WORD_ZONE, zone, ARRAY_LEN(zone), out);
    text_append(out, "</p>\n");
    if (c->is_joined) {
        text_append(out, "<p>");
        say(v, WORD_JOINED, out);
        text_append(out, "</p>\n");
    }
}

static void append_turn(const struct progress_view *v, struct text *out)
{
    struct progress_turn_why t = progress_turn_of(v->c);

    text_append(out, "<section class=\"turn\" aria-labelledby=\"turn\">\n<h2 id=\"turn\">");
    say(v, WORD_TURN, out);
    text_append(out, "</h2>\n<p class=\"big\">");
    say(v, t.title, out);
    text_append(out, "</p>\n<p>");
    say(v, t.why, out);
    text_append(out, "</p>\n");
    if (t.is_late) {
        text_append(out, "<p class=\"bad\">");
        say(v, WORD_LATE, out);
        text_append(out, "</p>\n");
    }
    end_section(out);
}

/* ---- when it will be done */

static void append_date(const struct progress_view *v, enum progress_word word, int64_t us,
                        struct text *out)
{
    char text[PROGRESS_TIME_SIZE];

    text_append(out, "<li>");
    say_one(v, word,
            us - v->c->now_us < SOON_US ? progress_time(v->language, v->zone, us, text)
                                        : progress_day(v->language, v->zone, us, text),
            out);
    text_append(out, "</li>\n");
}

static void append_record(const struct progress_view *v, struct text *out)
{
    const struct progress_record *r = &v->record;
    char count[24], half[24], most[24];
    const char *const arguments[] = {count, half, most};

    if (r->count < PROGRESS_RECORD_MIN) {
        return;
    }
    (void)text_format(count, sizeof(count), "%" PRId64, r->count);
    (void)text_format(half, sizeof(half), "%.0f", 100.0 * (double)r->half_done / (double)r->count);
    (void)text_format(most, sizeof(most), "%.0f", 100.0 * (double)r->most_done / (double)r->count);
    text_append(out, "<p class=\"soft\">");
    progress_words_append(v->language, WORD_FINISH_RIGHT, arguments, ARRAY_LEN(arguments), out);
    text_append(out, "</p>\n");
}

static void append_finish(const struct progress_view *v, struct text *out)
{
    char count[24];

    if (!progress_case_is_open(v->c) || !progress_case_resolution(v->c)) {
        return;
    }
    begin_section(v, "finish", WORD_FINISH, out);
    if (!v->finish) {
        text_append(out, "<p>");
        say(v, WORD_FINISH_UNKNOWN, out);
        text_append(out, "</p>\n");
    } else {
        text_append(out, "<ul>\n");
        append_date(v, WORD_FINISH_HALF, v->finish->half_us, out);
        append_date(v, WORD_FINISH_MOST, v->finish->most_us, out);
        text_append(out, "</ul>\n");
        if (v->c->state == TROTH__V1__CASE_STATE__CASE_STATE_WAITING_CUSTOMER) {
            text_append(out, "<p>");
            say(v, WORD_FINISH_PAUSED, out);
            text_append(out, "</p>\n");
        }
        (void)text_format(count, sizeof(count), "%" PRId64, v->finish->past_cases);
        text_append(out, "<p class=\"soft\">");
        say_one(v, WORD_FINISH_FROM, count, out);
        text_append(out, "</p>\n");
        append_record(v, out);
    }
    end_section(out);
}

/* ---- promises */

static enum progress_word compensation_word(int kind)
{
    static const enum progress_word words[] = {
        WORD_KIND_CUSTOM, WORD_COST_APOLOGY, WORD_COST_REFUND, WORD_COST_VOUCHER, WORD_COST_EXTRA};
    return words[kind > 0 && kind < (int)ARRAY_LEN(words) ? kind : 0];
}

static enum progress_word kind_word(const struct progress_promise *p)
{
    static const struct {
        const char *kind;
        enum progress_word word;
    } kinds[] = {
        {"first_response", WORD_KIND_FIRST_RESPONSE},
        {"next_update",    WORD_KIND_NEXT_UPDATE   },
        {"resolution",     WORD_KIND_RESOLUTION    },
        {"callback",       WORD_KIND_CALLBACK      },
    };

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i].kind, p->kind) == 0) {
            return kinds[i].word;
        }
    }
    return compensation_word(p->compensation);
}

static const struct {
    enum progress_word word;
    const char *class;
} states[] = {
    {WORD_STATE_OPEN,              "soft"},
    {WORD_STATE_OPEN,              "soft"},
    {WORD_STATE_AT_RISK,           ""    },
    {WORD_STATE_KEPT,              "good"},
    {WORD_STATE_KEPT_LATE,         "bad" },
    {WORD_STATE_BROKEN,            "bad" },
    {WORD_STATE_WITHDRAWN,         "soft"},
    {WORD_STATE_WAIVED,            "soft"},
    {WORD_STATE_RENEGOTIATED,      "soft"},
    {WORD_STATE_RENEGOTIATED_LATE, "bad" },
};

static void append_state(const struct progress_view *v, const struct progress_promise *p,
                         struct text *out)
{
    size_t state = p->state > 0 && (size_t)p->state < ARRAY_LEN(states) ? (size_t)p->state : 0;

    text_appendf(out, "<p class=\"%s\">", p->customer_word == 2 ? "bad" : states[state].class);
    say_time(v, states[state].word, p->done_us == PROGRESS_NO_TIME ? v->c->now_us : p->done_us,
             out);
    if (p->customer_word) {
        text_append(out, " ");
        say(v, p->customer_word == 1 ? WORD_WORD_KEPT : WORD_WORD_NOT_KEPT, out);
    }
    text_append(out, "</p>\n");
}

static void append_promise(const struct progress_view *v, const struct progress_promise *p,
                           struct text *out)
{
    text_append(out, "<li>\n<p><strong>");
    say(v, kind_word(p), out);
    text_append(out, "</strong>");
    if (p->amount_minor > 0) {
        text_append(out, " ");
        progress_text_money(p->amount_minor, p->currency, out);
    }
    if (p->due_us != PROGRESS_NO_TIME || p->is_stopped) {
        text_append(out, v->language == PROGRESS_CHINESE ? "，" : ", ");
    }
    if (p->due_us != PROGRESS_NO_TIME) {
        say_time(v, WORD_BY, p->due_us, out);
    } else if (p->is_stopped) {
        say(v, WORD_BY_STOPPED, out);
    }
    text_append(out, "</p>\n");
    if (p->words) {
        text_append(out, "<p><q>");
        html_append_text(p->words, out);
        text_append(out, "</q></p>\n");
    }
    append_state(v, p, out);
    if (p->replaces) {
        text_append(out, "<p class=\"soft\">");
        say(v, WORD_IN_PLACE, out);
        text_append(out, "</p>\n");
    }
    text_append(out, "</li>\n");
}

static void append_promises(const struct progress_view *v, struct text *out)
{
    begin_section(v, "promises", WORD_PROMISES, out);
    if (v->c->promise_count == 0) {
        text_append(out, "<p>");
        say(v, WORD_NO_PROMISES, out);
        text_append(out, "</p>\n");
    } else {
        text_append(out, "<ul>\n");
        for (size_t i = v->c->promise_count; i-- > 0;) {
            append_promise(v, &v->c->promises[i], out);
        }
        text_append(out, "</ul>\n");
    }
    end_section(out);
}

/* ---- what happened, and money */

static void append_history(const struct progress_view *v, struct text *out)
{
    char time[PROGRESS_TIME_SIZE];

    begin_section(v, "history", WORD_HISTORY, out);
    text_append(out, "<ol>\n");
    for (size_t i = v->c->event_count; i-- > 0;) {
        const struct progress_event *e = &v->c->events[i];
        text_appendf(out, "<li><span class=\"soft\">%s</span><br>",
                     progress_time(v->language, v->zone, e->at_us, time));
        say(v, progress_history_word(e->what), out);
        text_append(out, "</li>\n");
    }
    text_append(out, "</ol>\n");
    end_section(out);
}

static bool is_money(const struct progress_promise *p)
{
    return p->compensation && p->amount_minor > 0 &&
           p->state != (int)TROTH__V1__PROMISE_STATE__PROMISE_STATE_WITHDRAWN &&
           p->state != (int)TROTH__V1__PROMISE_STATE__PROMISE_STATE_WAIVED;
}

static void append_amount(const struct progress_view *v, enum progress_word word, int64_t minor,
                          const char *currency, struct text *out)
{
    text_append(out, "<li>");
    say(v, word, out);
    text_append(out, v->language == PROGRESS_CHINESE ? "：" : ": ");
    progress_text_money(minor, currency, out);
    text_append(out, "</li>\n");
}

/* Only what we owe or gave back is known here; there is no section without it. */
static void append_money(const struct progress_view *v, struct text *out)
{
    const struct progress_case *c = v->c;
    size_t count = c->refund_count;

    for (size_t i = 0; i < c->promise_count; i++) {
        count += is_money(&c->promises[i]);
    }
    if (count == 0) {
        return;
    }
    begin_section(v, "money", WORD_COSTS, out);
    text_append(out, "<ul>\n");
    for (size_t i = 0; i < c->promise_count; i++) {
        const struct progress_promise *p = &c->promises[i];
        if (is_money(p)) {
            append_amount(v, compensation_word(p->compensation), p->amount_minor, p->currency, out);
        }
    }
    for (size_t i = 0; i < c->refund_count; i++) {
        append_amount(v, WORD_COST_REFUNDED, c->refunds[i].amount_minor, c->refunds[i].currency,
                      out);
    }
    text_append(out, "</ul>\n<p class=\"soft\">");
    say(v, WORD_COST_NOTHING, out);
    text_append(out, "</p>\n");
    end_section(out);
}

/* ---- pages */

static void begin_page(enum progress_language language, struct text *out)
{
    page_frame_begin(progress_language_tag(language), progress_words(language, WORD_TITLE), out);
}

void progress_html_page(const struct progress_view *v, struct text *out)
{
    begin_page(v->language, out);
    append_head(v, out);
    append_turn(v, out);
    append_finish(v, out);
    append_promises(v, out);
    append_money(v, out);
    progress_html_forms(v, out);
    append_history(v, out);
    page_frame_end(out);
}

/* An empty address is that of this very page, which is nowhere in it. */
static void append_back(enum progress_language language, struct text *out)
{
    text_append(out, "<p><a href=\"\">");
    progress_words_append(language, WORD_BACK, NULL, 0, out);
    text_append(out, "</a></p>\n");
}

void progress_html_message(enum progress_language language, enum progress_word title,
                           enum progress_word message, bool has_back, struct text *out)
{
    begin_page(language, out);
    text_append(out, "<h1>");
    progress_words_append(language, title, NULL, 0, out);
    text_append(out, "</h1>\n<p role=\"status\">");
    progress_words_append(language, message, NULL, 0, out);
    text_append(out, "</p>\n");
    if (has_back) {
        append_back(language, out);
    }
    page_frame_end(out);
}

void progress_html_saved(const struct progress_view *v, const struct progress_post *post,
                         struct text *out)
{
    static const enum progress_word words[] = {
        [PROGRESS_EXPECT] = WORD_SAVED_EXPECT,
        [PROGRESS_UNSOLVED] = WORD_SAVED_UNSOLVED,
        [PROGRESS_CALL] = WORD_SAVED_CALL,
        [PROGRESS_SURVEY] = WORD_SAVED_SURVEY,
    };
    char begin[PROGRESS_TIME_SIZE], end[PROGRESS_TIME_SIZE];
    const char *const times[] = {progress_time(v->language, v->zone, post->at_us, begin),
                                 progress_clock(v->zone, post->at_us + PROGRESS_SLOT_US, end)};

    begin_page(v->language, out);
    text_append(out, "<h1>");
    say(v, WORD_SAVED_TITLE, out);
    text_append(out, "</h1>\n<p role=\"status\">");
    progress_words_append(v->language, words[post->deed], times, ARRAY_LEN(times), out);
    text_append(out, "</p>\n");
    append_back(v->language, out);
    page_frame_end(out);
}

void progress_html_refusal(enum progress_word message, struct text *out)
{
    begin_page(PROGRESS_ENGLISH, out);
    text_appendf(out, "<h1>%s</h1>\n<p lang=\"zh-Hans\">%s</p>\n",
                 progress_words(PROGRESS_ENGLISH, message),
                 progress_words(PROGRESS_CHINESE, message));
    page_frame_end(out);
}
