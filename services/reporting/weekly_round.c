/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_round.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/base/zone.h"
#include "common/runtime/mail_account.h"
#include "common/runtime/mail_text.h"
#include "services/reporting/report_day.h"
#include "services/reporting/report_frame.h"
#include "services/reporting/weekly_files.h"
#include "services/reporting/weekly_make.h"
#include "services/reporting/weekly_store.h"
#include "services/reporting/weekly_visit.h"

#define LOOK_US DURATION_S

enum {
    LANGUAGES_MAX = 2,
    RECEIVERS_MAX = 32,
    FIELD_SIZE = 320,
};

enum weekly_stage {
    WEEKLY_RESTING, /* until the timer; nothing is under way */
    WEEKLY_LOOKING,
    WEEKLY_MAKING,
    WEEKLY_MARKING, /* written */
    WEEKLY_MAILING,
    WEEKLY_SETTLING, /* the mail server's word is being remembered */
};

struct weekly_round {
    struct reporting *reporting;
    struct zone *zone;
    struct loop_timer *timer;
    bool languages[LANGUAGES_MAX]; /* is it Chinese; in the order of the setting */
    size_t language_count;
    char receivers[RECEIVERS_MAX][FIELD_SIZE];
    bool is_settled[RECEIVERS_MAX];
    bool is_tried[RECEIVERS_MAX]; /* since the last rest */
    size_t receiver_count;
    struct mail_account account;
    struct web_client *client; /* NULL: nobody gets mail */
    enum weekly_stage stage;
    int64_t week;      /* its Monday, of the one that is being made */
    int64_t done_week; /* nothing is left to do about it, as far as we know */
    char week_day[REPORT_DAY_SIZE];
    size_t language; /* that is being made */
    struct weekly_make *make;
    struct text title, html, plain; /* of the mail */
    bool is_made;    /* these: when some are told to come again, they get what the others got */
    size_t receiver; /* who gets it now */
    struct web_call *mail;
    struct weekly_visits *visits;
};

static void look(void *ctx, struct db *db);
static void mail_next(struct weekly_round *w);

static void rest(struct weekly_round *w, int64_t delay_us)
{
    w->stage = WEEKLY_RESTING;
    loop_timer_after(w->timer, delay_us);
}

static bool is_ours(const struct weekly_round *w)
{
    return lease_holds(w->reporting->lanes, 0) && !w->reporting->service->is_draining;
}

/* The newest week that ended long enough ago. */
static int64_t week_due(const struct weekly_round *w)
{
    const struct service *s = w->reporting->service;
    int64_t day =
        report_day_at(w->zone, service_now_us(s) - w->reporting->settings->weekly_after_us);

    return weekly_monday(day) - 7;
}

static void on_timer(void *ctx)
{
    struct weekly_round *w = ctx;

    if (!is_ours(w) || week_due(w) <= w->done_week) {
        rest(w, LOOK_US);
        return;
    }
    w->is_made = w->is_made && w->week == week_due(w);
    w->week = week_due(w);
    (void)report_day_format(w->week, w->week_day);
    w->stage = WEEKLY_LOOKING;
    db_pool_submit(w->reporting->service->db, look, w);
}

static bool is_answered(struct weekly_round *w, const struct db_reply *reply)
{
    if (reply->outcome == DB_OK) {
        return true;
    }
    log_warning("weekly_report_failed", LOG_TEXT("week", w->week_day), LOG_ERR(&reply->err));
    rest(w, w->reporting->settings->weekly_retry_us);
    return false;
}

/* ---- mail */

static void on_settled(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct weekly_round *w = ctx;

    if (is_answered(w, reply)) {
        w->is_settled[w->receiver] = true;
        mail_next(w);
    }
    db_release(db);
}

static void settle(void *ctx, struct db *db)
{
    struct weekly_round *w = ctx;
    char key[WEEKLY_ADDRESS_KEY_SIZE];

    weekly_store_put_settled(db, w->reporting->lanes, w->week_day,
                             weekly_address_key(w->receivers[w->receiver], key));
    db_run(db, on_settled, w);
}

static void on_mailed(void *ctx, const struct web_answer *answer)
{
    struct weekly_round *w = ctx;
    bool is_refused = answer->is_certain && answer->status >= 500;

    w->mail = NULL;
    if (answer->err.code[0]) {
        log_warning("weekly_mail_failed", LOG_TEXT("week", w->week_day),
                    LOG_INT("receiver", (int64_t)w->receiver), LOG_INT("status", answer->status),
                    LOG_ERR(&answer->err));
    }
    if (answer->err.code[0] && !is_refused) {
        w->is_tried[w->receiver] = true;
        mail_next(w);
        return;
    }
    w->stage = WEEKLY_SETTLING;
    db_pool_submit(w->reporting->service->db, settle, w);
}

static void send_mail(struct weekly_round *w)
{
    struct buffer content = {.data = NULL};
    char local[FIELD_SIZE], id[MAIL_MESSAGE_ID_SIZE], key[WEEKLY_ADDRESS_KEY_SIZE];

    (void)text_format(local, sizeof(local), "weekly.%s.%s", w->week_day,
                      weekly_address_key(w->receivers[w->receiver], key));
    const struct mail_text mail = {
        .from = w->account.settings.from,
        .from_name = w->account.settings.from_name,
        .to = w->receivers[w->receiver],
        .subject = text_or_empty(&w->title),
        .message_id = mail_account_message_id(&w->account, local, id),
        .language = w->languages[0] ? "zh-Hans" : "en",
        .plain = text_or_empty(&w->plain),
        .html = text_or_empty(&w->html),
        .at_us = instant_now_us(),
    };
    mail_text_write(&mail, &content);
    w->stage = WEEKLY_MAILING;
    w->mail = mail_account_send(&w->account, w->client, w->receivers[w->receiver],
                                (struct bytes){content.data, content.len}, on_mailed, w);
    buffer_free(&content);
}

static void mail_next(struct weekly_round *w)
{
    bool is_put_off = false; /* some were told to come again */

    for (size_t i = 0; w->client && i < w->receiver_count; i++) {
        if (!w->is_settled[i] && !w->is_tried[i]) {
            w->receiver = i;
            send_mail(w);
            return;
        }
        is_put_off = is_put_off || !w->is_settled[i];
    }
    if (!is_put_off) {
        w->done_week = w->week;
    }
    rest(w, is_put_off ? w->reporting->settings->weekly_retry_us : LOOK_US);
}

/* ---- the pages */

static void on_marked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct weekly_round *w = ctx;

    if (is_answered(w, reply)) {
        w->is_made = true;
        log_info("weekly_report_written", LOG_TEXT("week", w->week_day));
        mail_next(w);
    }
    db_release(db);
}

static void mark(void *ctx, struct db *db)
{
    struct weekly_round *w = ctx;

    weekly_store_put_written(db, w->reporting->lanes, w->week_day,
                             service_now_us(w->reporting->service));
    db_run(db, on_marked, w);
}

static void keep_for_mail(struct weekly_round *w, const struct weekly_page *page)
{
    text_clear(&w->title);
    text_clear(&w->html);
    text_clear(&w->plain);
    weekly_page_title(page, &w->title);
    weekly_page_append(page, &w->html);
    weekly_page_append_plain(page, &w->plain);
}

static void make_page(struct weekly_round *w);

static void on_made(void *ctx, const struct weekly_page *page, const struct err *why)
{
    struct weekly_round *w = ctx;
    struct err err = ERR_NONE;

    w->make = NULL;
    if (!page) {
        err = *why;
    }
    if (!page || weekly_files_write(w->reporting->settings->weekly_folder, page, &err) < 0) {
        log_warning("weekly_report_failed", LOG_TEXT("week", w->week_day), LOG_ERR(&err));
        rest(w, w->reporting->settings->weekly_retry_us);
        return;
    }
    if (w->language == 0) {
        keep_for_mail(w, page);
    }
    if (++w->language < w->language_count) {
        make_page(w);
    } else {
        w->stage = WEEKLY_MARKING;
        db_pool_submit(w->reporting->service->db, mark, w);
    }
}

static void make_page(struct weekly_round *w)
{
    w->stage = WEEKLY_MAKING;
    w->make = weekly_make_start(w->reporting, w->week, w->languages[w->language], on_made, w);
}

/* Each time: another process may have mailed meanwhile, or a COMMIT of which we did not hear. */
static void on_looked(void *ctx, struct db *db, const struct db_reply *reply)
{
    struct weekly_round *w = ctx;
    size_t left = 0;

    if (!is_answered(w, reply)) {
        db_release(db);
        return;
    }
    for (size_t i = 0; i < w->receiver_count; i++) {
        char key[WEEKLY_ADDRESS_KEY_SIZE];
        w->is_settled[i] =
            weekly_store_is_settled(reply->rows[0], weekly_address_key(w->receivers[i], key));
        w->is_tried[i] = false;
        left += !w->is_settled[i];
    }
    if (weekly_store_is_written(reply->rows[0]) && (left == 0 || !w->client)) {
        w->done_week = w->week;
        rest(w, LOOK_US);
    } else if (weekly_store_is_written(reply->rows[0]) && w->is_made) {
        mail_next(w);
    } else {
        w->language = 0;
        make_page(w);
    }
    db_release(db);
}

static void look(void *ctx, struct db *db)
{
    struct weekly_round *w = ctx;

    weekly_store_ask(db, w->week_day);
    db_run(db, on_looked, w);
}

/* ---- life */

static int read_languages(struct weekly_round *w, struct err *err)
{
    char *rest_of = NULL;
    char *list = xstrdup(w->reporting->settings->weekly_languages);
    int rc = 0;

    for (char *word = strtok_r(list, " ,", &rest_of); word && rc == 0;
         word = strtok_r(NULL, " ,", &rest_of)) {
        bool is_chinese = strcmp(word, "zh-Hans") == 0;
        if ((!is_chinese && strcmp(word, "en") != 0) || w->language_count == LANGUAGES_MAX) {
            rc = err_set_field(err, "setting_invalid", "weekly_languages",
                               "en, zh-Hans, or both, parted by a blank");
        } else {
            w->languages[w->language_count++] = is_chinese;
        }
    }
    free(list);
    if (rc == 0 && w->language_count == 0) {
        rc = err_set_field(err, "setting_invalid", "weekly_languages", "at least one is needed");
    }
    return rc;
}

static int read_receivers(struct weekly_round *w, struct err *err)
{
    char *rest_of = NULL;
    char *list = xstrdup(w->reporting->settings->weekly_to);
    int rc = 0;

    for (char *word = strtok_r(list, " ,", &rest_of); word && rc == 0;
         word = strtok_r(NULL, " ,", &rest_of)) {
        if (w->receiver_count == RECEIVERS_MAX || !web_address_is_valid(word)) {
            rc = err_set_field(err, "setting_invalid", "weekly_to",
                               "at most %d addresses, parted by blanks", (int)RECEIVERS_MAX);
        } else {
            (void)text_copy(w->receivers[w->receiver_count++], FIELD_SIZE, word);
        }
    }
    free(list);
    return rc;
}

static int open_mail(struct weekly_round *w, struct err *err)
{
    const struct reporting_settings *s = w->reporting->settings;
    const struct mail_account_settings account = {
        .server = s->mail_server,
        .needs_starttls = s->mail_starttls,
        .from = s->mail_from,
        .from_name = s->mail_from_name,
        .user = s->mail_user,
        .password_file = s->mail_password_file,
        .timeout_us = s->mail_timeout_us,
    };
    const struct web_client_options options = {.ca_file = s->ca_file};

    if (w->receiver_count == 0) {
        return 0;
    }
    if (mail_account_open(&w->account, &account, err) < 0) {
        return -1;
    }
    w->client = web_client_new(w->reporting->service->loop, &options, err);
    return w->client ? 0 : -1;
}

struct weekly_round *weekly_round_new(struct reporting *r, struct err *err)
{
    struct weekly_round *w = xcalloc(1, sizeof(*w));

    w->reporting = r;
    w->done_week = INT64_MIN;
    w->zone = zone_open(r->settings->time_zone, err);
    if (!w->zone || read_languages(w, err) < 0 || read_receivers(w, err) < 0 ||
        open_mail(w, err) < 0) {
        weekly_round_free(w);
        return NULL;
    }
    w->visits = r->door ? weekly_visits_new(r, r->door) : NULL;
    w->timer = loop_timer_new(r->service->loop, on_timer, w);
    if (!text_is_empty(r->settings->weekly_folder)) {
        rest(w, LOOK_US);
    }
    return w;
}

void weekly_round_free(struct weekly_round *w)
{
    if (!w) {
        return;
    }
    weekly_visits_free(w->visits);
    weekly_make_free(w->make);
    web_call_cancel(w->mail);
    web_client_free(w->client);
    mail_account_close(&w->account);
    loop_timer_free(w->timer);
    zone_free(w->zone);
    text_free(&w->title);
    text_free(&w->html);
    text_free(&w->plain);
    free(w);
}

bool weekly_round_is_idle(const struct weekly_round *w)
{
    return !w || (w->stage == WEEKLY_RESTING && weekly_visits_open_count(w->visits) == 0);
}
