/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress_html_forms.c - what the customer can say on the page. A form without an address goes to
 * this very page, whose address is the link.
 */
#include <inttypes.h>
#include <string.h>

#include "services/reporting/answer_html.h"
#include "services/reporting/progress_html.h"
#include "services/reporting/progress_time.h"

static void say(const struct progress_view *v, enum progress_word word, struct text *out)
{
    progress_words_append(v->language, word, NULL, 0, out);
}

static void begin_section(const struct progress_view *v, enum progress_deed deed,
                          enum progress_word title, struct text *out)
{
    const char *name = progress_form_name(deed);

    text_appendf(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", name, name);
    say(v, title, out);
    text_append(out, "</h2>\n");
}

static void begin_form(const struct progress_view *v, enum progress_deed deed, struct text *out)
{
    text_appendf(out,
                 "<form method=\"post\">\n<input type=\"hidden\" name=\"do\" value=\"%s\">\n"
                 "<input type=\"hidden\" name=\"v\" value=\"%" PRId64 "\">\n",
                 progress_form_name(deed), progress_form_basis(v->c, deed));
}

static void end_form(const struct progress_view *v, enum progress_word send, struct text *out)
{
    text_append(out, "<button type=\"submit\">");
    say(v, send, out);
    text_append(out, "</button>\n</form>\n");
}

/* ---- by when it is expected */

/* What to ask about: the date that the customer named, else the one that we promised. */
static void append_expected(const struct progress_view *v, int64_t at_us, struct text *out)
{
    const struct progress_case *c = v->c;
    bool is_said = c->expected_us != PROGRESS_NO_TIME;
    char time[PROGRESS_TIME_SIZE];
    const char *argument = progress_time(v->language, v->zone, at_us, time);

    text_append(out, "<p>");
    progress_words_append(v->language, is_said ? WORD_EXPECT_STANDS : WORD_EXPECT_ASK, &argument, 1,
                          out);
    text_append(out, "</p>\n");
    if (!is_said || !c->is_expectation_confirmed) {
        begin_form(v, PROGRESS_EXPECT, out);
        text_appendf(out, "<input type=\"hidden\" name=\"at\" value=\"%" PRId64 "\">\n", at_us);
        end_form(v, WORD_EXPECT_YES, out);
    }
}

static void append_expectation(const struct progress_view *v, struct text *out)
{
    const struct progress_case *c = v->c;
    const struct progress_promise *p = progress_case_resolution(c);
    bool is_promised = p && progress_promise_is_open(p);
    int64_t at_us = c->expected_us != PROGRESS_NO_TIME ? c->expected_us
                    : is_promised                      ? p->due_us
                                                       : PROGRESS_NO_TIME;
    char today[PROGRESS_TIME_SIZE];

    if (!progress_case_is_open(c)) {
        return;
    }
    begin_section(v, PROGRESS_EXPECT, WORD_EXPECT, out);
    if (at_us != PROGRESS_NO_TIME) {
        append_expected(v, at_us, out);
    }
    begin_form(v, PROGRESS_EXPECT, out);
    text_append(out, "<label for=\"date\">");
    say(v, WORD_EXPECT_DATE, out);
    text_appendf(out,
                 "</label>\n<input type=\"date\" id=\"date\" name=\"date\" min=\"%s\" "
                 "required>\n",
                 progress_date(v->zone, c->now_us, today));
    end_form(v, WORD_EXPECT_SEND, out);
    text_append(out, "</section>\n");
}

/* ---- not solved */

static void append_unsolved(const struct progress_view *v, struct text *out)
{
    const struct progress_case *c = v->c;

    if (c->state != TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED &&
        c->state != TROTH__V1__CASE_STATE__CASE_STATE_CLOSED) {
        return;
    }
    begin_section(v, PROGRESS_UNSOLVED, WORD_UNSOLVED, out);
    begin_form(v, PROGRESS_UNSOLVED, out);
    text_append(out, "<label for=\"wrong\">");
    say(v, WORD_UNSOLVED_WHAT, out);
    text_append(out, "</label>\n<textarea id=\"wrong\" name=\"comment\" rows=\"3\" "
                     "maxlength=\"600\"></textarea>\n");
    end_form(v, WORD_UNSOLVED_SEND, out);
    text_append(out, "</section>\n");
}

/* ---- a call */

/* Each with its day: a list that is closed shows nothing but what is chosen. */
static void append_slots(const struct progress_view *v, struct text *out)
{
    char begin[PROGRESS_TIME_SIZE], end[PROGRESS_TIME_SIZE];

    for (size_t i = 0; i < v->slot_count; i++) {
        text_appendf(out, "<option value=\"%" PRId64 "\">%s–%s</option>\n", v->slots[i],
                     progress_time(v->language, v->zone, v->slots[i], begin),
                     progress_clock(v->zone, v->slots[i] + PROGRESS_SLOT_US, end));
    }
}

static void append_call(const struct progress_view *v, struct text *out)
{
    const struct progress_case *c = v->c;
    bool is_open =
        progress_case_is_open(c) || c->state == TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED;

    if (!is_open || !c->has_phone || v->slot_count == 0 || progress_case_is_called(c)) {
        return;
    }
    begin_section(v, PROGRESS_CALL, WORD_CALL, out);
    begin_form(v, PROGRESS_CALL, out);
    text_append(out, "<label for=\"at\">");
    say(v, WORD_CALL_WHEN, out);
    text_append(out, "</label>\n<select id=\"at\" name=\"at\">\n");
    append_slots(v, out);
    text_append(out, "</select>\n<p class=\"soft\">");
    say(v, WORD_CALL_NUMBER, out);
    text_append(out, "</p>\n");
    end_form(v, WORD_CALL_SEND, out);
    text_append(out, "</section>\n");
}

/* ---- the survey */

static void append_survey(const struct progress_view *v, struct text *out)
{
    if (v->survey->item_count == 0) {
        return;
    }
    begin_section(v, PROGRESS_SURVEY, WORD_SURVEY, out);
    begin_form(v, PROGRESS_SURVEY, out);
    for (size_t i = 0; i < v->survey->item_count; i++) {
        answer_html_item(&v->survey->items[i], v->survey->language, out);
    }
    text_append(out, "<label for=\"more\">");
    say(v, WORD_SURVEY_COMMENT, out);
    text_append(out, "</label>\n<textarea id=\"more\" name=\"comment\" rows=\"3\" "
                     "maxlength=\"600\"></textarea>\n");
    end_form(v, WORD_SURVEY_SEND, out);
    text_append(out, "</section>\n");
}

void progress_html_forms(const struct progress_view *v, struct text *out)
{
    append_unsolved(v, out);
    append_survey(v, out);
    append_expectation(v, out);
    append_call(v, out);
}
