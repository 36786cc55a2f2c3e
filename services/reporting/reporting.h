/* SPDX-License-Identifier: Apache-2.0 */
/* reporting.h - the state of a running reporting process, and its parts. */
#ifndef TROTH_REPORTING_REPORTING_H
#define TROTH_REPORTING_REPORTING_H

#include "common/base/arena.h"
#include "common/base/zone.h"
#include "common/runtime/event_log.h"
#include "common/runtime/inquiry.h"
#include "common/runtime/lease.h"
#include "common/runtime/service.h"

struct reporting_settings {
    char *time_zone;
    char *intake_events;
    char *intake_key_file;
    char *followup_events;
    char *followup_key_file;
    char *loyalty_events;
    char *loyalty_key_file;
    int64_t batch_events;
    char *intake;
    char *followup;
    char *loyalty;
    char *answer_secret_file;
    char *webhook_secret_file;
    char *dialers;
    char *progress_url;
    char *job_from;
    char *job_to;
    char *web_root;
    bool behind_tls;
    bool cookie_insecure;
    int64_t session_idle_us;
    int64_t session_max_us;
    int64_t web_rate;
    int64_t web_wait_us; /* for a connection to the database */
    char *proxy_header;
    char *proxy_addresses;
    char *weekly_folder;
    char *weekly_languages;
    char *weekly_to;
    int64_t weekly_after_us;
    int64_t weekly_retry_us;
    char *dashboard_url;
    char *mail_server;
    bool mail_starttls;
    char *mail_from;
    char *mail_from_name;
    char *mail_user;
    char *mail_password_file;
    int64_t mail_timeout_us;
    char *ca_file;
    int64_t return_window_us;
    int64_t report_least;
    int64_t warning_least, warning_days;
    int64_t warning_quiet_us;
    char *factors;
    char *servqual_weights;
};
extern const struct setting reporting_settings[];

#define REPORTING_DOORBELLS 3

struct reporting {
    struct service *service;
    const struct reporting_settings *settings;
    struct lease_set *lanes; /* whose customers are ours to fold */
    struct event_consumer *consumer;
    struct bus_socket
        *doorbells[REPORTING_DOORBELLS]; /* NULL where the database alone is looked at */
    /* Of the batch that is being applied. */
    struct event_consumption *consumption;
    struct zone *zone; /* of the figures */
    struct figure_fold *fold;
    /* Report requests. */
    struct inquiry_desk *desk;
    struct question_shelf *questions; /* the questionnaire in force */
    struct report_desk *reports;      /* what reports go by */
    struct arena *arena;              /* of the request being read */
    int64_t *applied_count, *request_count, *refused_count;
    /* What the world outside sees; NULL where it is not set up. */
    struct answer_page *answers;
    struct progress_page *progress;
    struct progress_links *links; /* to its pages */
    struct dialer_callback *callbacks;
    /* What is done when a day has ended. */
    struct night_round *night;
    struct improvement_desk *improvements; /* NULL without HTTP */
    struct web_door *door;
    struct weekly_round *weekly;
    struct desk *people; /* what they work with at the dashboard */
};

/* reporting_consume.c: events become figures. Returns 0, or -1 with err. */
MUST_CHECK int reporting_consume_start(struct reporting *r, struct err *err);
void reporting_consume_stop(struct reporting *r);

/* reporting_request.c: ctx is the struct reporting. */
void reporting_on_request(void *ctx, struct bus_socket *socket, const struct bus_message *message);

#endif
