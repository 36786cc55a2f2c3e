/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_form.h"

#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/questionnaire.h"
#include "services/reporting/form_field.h"
#include "services/reporting/progress_time.h"

/* Nobody expects it later than that. */
#define EXPECT_MAX_US (INT64_C(3) * 366 * DURATION_DAY)

static const char *const names[] = {
    [PROGRESS_EXPECT] = "expect",
    [PROGRESS_UNSOLVED] = "unsolved",
    [PROGRESS_CALL] = "call",
    [PROGRESS_SURVEY] = "survey",
};

const char *progress_form_name(enum progress_deed deed)
{
    return (size_t)deed < ARRAY_LEN(names) ? names[deed] : NULL;
}

int64_t progress_form_basis(const struct progress_case *c, enum progress_deed deed)
{
    return deed == PROGRESS_EXPECT ? c->expectation : c->reopened_count;
}

static bool read_number(struct bytes body, const char *name, int64_t *ret)
{
    struct text text = {0};
    bool is_there = form_field(body, name, &text) &&
                    text_to_int64(text_or_empty(&text), 0, INT64_MAX, ret) == 0;

    text_free(&text);
    return is_there;
}

static enum progress_deed read_deed(struct bytes body)
{
    struct text text = {0};
    enum progress_deed deed = (enum progress_deed)0;

    if (form_field(body, "do", &text)) {
        for (size_t i = PROGRESS_EXPECT; i < ARRAY_LEN(names); i++) {
            deed = strcmp(names[i], text_or_empty(&text)) == 0 ? (enum progress_deed)i : deed;
        }
    }
    text_free(&text);
    return deed;
}

static bool is_done(const struct progress_case *c)
{
    return c->state == TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED ||
           c->state == TROTH__V1__CASE_STATE__CASE_STATE_CLOSED;
}

/* Only a form of now: the basis is in the keys of the records, and of how things stand there is
 * one, whatever a client says. */
static bool is_current(const struct progress_case *c, const struct progress_post *post)
{
    return post->basis == progress_form_basis(c, post->deed);
}

/* A button sends the instant that was shown, the field a day. */
static enum progress_reading read_expect(struct bytes body, const struct progress_case *c,
                                         const struct zone *zone, struct progress_post *post)
{
    struct text date = {0};
    bool has_date = form_field(body, "date", &date) && date.len > 0;
    bool is_good = has_date ? progress_day_end(zone, text_or_empty(&date), &post->at_us)
                            : read_number(body, "at", &post->at_us);

    text_free(&date);
    if (!is_good) {
        return has_date ? PROGRESS_POST_WRONG : PROGRESS_POST_EMPTY;
    }
    if (!progress_case_is_open(c)) {
        return PROGRESS_POST_STALE;
    }
    if (c->is_expectation_confirmed && c->expected_us == post->at_us) {
        return PROGRESS_POST_KNOWN;
    }
    if (!is_current(c, post)) {
        return PROGRESS_POST_STALE;
    }
    bool is_likely = post->at_us > c->opened_us && post->at_us < c->now_us + EXPECT_MAX_US;
    return is_likely ? PROGRESS_POST_GOOD : PROGRESS_POST_WRONG;
}

static enum progress_reading read_unsolved(struct bytes body, const struct progress_case *c,
                                           struct progress_post *post)
{
    struct answer_link_item *item = &post->asked.items[0];

    post->asked.item_count = 1;
    *item = (struct answer_link_item){.low = 0, .high = 1, .service_case = c->number};
    (void)text_copy(item->code, sizeof(item->code), QUESTIONNAIRE_SOLVED);
    answer_form_read(body, &post->asked, &post->form);
    post->form.has_value[0] = true;
    post->form.value[0] = 0;
    if (!is_done(c)) {
        return post->basis < c->reopened_count ? PROGRESS_POST_KNOWN : PROGRESS_POST_STALE;
    }
    return is_current(c, post) ? PROGRESS_POST_GOOD : PROGRESS_POST_STALE;
}

static enum progress_reading read_call(struct bytes body, const struct progress_case *c,
                                       struct progress_post *post)
{
    bool is_open =
        progress_case_is_open(c) || c->state == TROTH__V1__CASE_STATE__CASE_STATE_RESOLVED;

    if (!read_number(body, "at", &post->at_us)) {
        return PROGRESS_POST_EMPTY;
    }
    if (progress_case_is_called(c)) {
        return PROGRESS_POST_KNOWN;
    }
    return is_open && c->has_phone ? PROGRESS_POST_GOOD : PROGRESS_POST_STALE;
}

static enum progress_reading read_survey(struct bytes body, const struct progress_case *c,
                                         const struct answer_link *survey,
                                         struct progress_post *post)
{
    post->asked = *survey;
    answer_form_read(body, &post->asked, &post->form);
    if (!is_done(c)) {
        return PROGRESS_POST_STALE;
    }
    if (survey->item_count == 0) {
        return PROGRESS_POST_KNOWN;
    }
    if (!is_current(c, post)) {
        return PROGRESS_POST_STALE;
    }
    return answer_form_is_empty(&post->form, &post->asked) ? PROGRESS_POST_EMPTY
                                                           : PROGRESS_POST_GOOD;
}

enum progress_reading progress_form_read(struct bytes body, const struct progress_case *c,
                                         const struct zone *zone, const struct answer_link *survey,
                                         struct progress_post *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->deed = read_deed(body);
    if (!ret->deed || !read_number(body, "v", &ret->basis)) {
        return PROGRESS_POST_WRONG;
    }
    switch (ret->deed) {
    case PROGRESS_EXPECT:
        return read_expect(body, c, zone, ret);
    case PROGRESS_UNSOLVED:
        return read_unsolved(body, c, ret);
    case PROGRESS_CALL:
        return read_call(body, c, ret);
    case PROGRESS_SURVEY:
        return read_survey(body, c, survey, ret);
    }
    return PROGRESS_POST_WRONG;
}
