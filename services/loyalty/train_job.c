/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/train_job.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "services/loyalty/churn_training.h"
#include "services/loyalty/evidence_store.h"
#include "services/loyalty/fit_work.h"
#include "services/loyalty/loyalty_fit_store.h"

enum {
    SLICE_CUSTOMERS = 200
};

struct contact_list { /* of one bucket, by customer and time */
    struct {
        int64_t customer, at_us;
    } * list;
    size_t count, capacity;
    size_t next; /* of the customers that come */
};

struct school {
    struct fit_work work;
    struct fit_set fits;
    struct churn_dates dates;
    struct churn_observer observer;
    struct churn_training *training;
    struct contact_list contacts;
    struct evidence *rows; /* of one customer */
    size_t row_capacity;
    int64_t *contacts_us; /* of one customer */
    size_t contact_capacity;
};

/* ---- contacts */

struct contacts_question {
    int16_t bucket;
    int64_t after_us;
};

static void queue_contacts(struct db *db, const void *what)
{
    const struct contacts_question *q = what;
    fit_read_contacts(db, q->bucket, q->after_us, CHURN_STEP_DAYS);
}

static int read_contacts(struct school *s, int16_t bucket, struct err *err)
{
    const struct contacts_question q = {bucket, s->dates.after_us};
    const struct db_reply *reply = fit_work_run(&s->work, queue_contacts, &q, err);
    struct contact_list *l = &s->contacts;
    if (!reply) {
        return -1;
    }
    l->next = 0;
    l->count = db_row_count(reply->rows[0]);
    if (l->count > l->capacity) {
        l->capacity = l->count;
        l->list = xreallocarray(l->list, l->capacity, sizeof(*l->list));
    }
    for (size_t i = 0; i < l->count; i++) {
        l->list[i].customer = db_get_int(reply->rows[0], i, 0);
        l->list[i].at_us = db_get_time(reply->rows[0], i, 1);
    }
    return 0;
}

/* Customers come in the order of their numbers. */
static size_t contacts_of(struct school *s, int64_t customer)
{
    struct contact_list *l = &s->contacts;
    size_t count = 0;
    while (l->next < l->count && l->list[l->next].customer < customer) {
        l->next++;
    }
    for (; l->next < l->count && l->list[l->next].customer == customer; l->next++) {
        if (count == s->contact_capacity) {
            s->contact_capacity = 2 * count + CHURN_DATES_MAX;
            s->contacts_us = xreallocarray(s->contacts_us, s->contact_capacity, sizeof(int64_t));
        }
        s->contacts_us[count++] = l->list[l->next].at_us;
    }
    return count;
}

/* ---- customers */

static void observe(struct school *s, const struct churn_person *person)
{
    struct churn_observation seen[CHURN_DATES_MAX];
    size_t count = churn_observe(&s->observer, person, seen);
    for (size_t i = 0; i < count; i++) {
        churn_training_add(s->training, &seen[i]);
    }
}

/* The rows of one customer from there on. Returns where the next one begins. */
static size_t observe_customer(struct school *s, const struct db_rows *rows, size_t from)
{
    int64_t customer = db_get_int(rows, from, 0);
    size_t till = from + 1;
    while (till < db_row_count(rows) && db_get_int(rows, till, 0) == customer) {
        till++;
    }
    if (till - from > s->row_capacity) {
        s->row_capacity = till - from;
        s->rows = xreallocarray(s->rows, s->row_capacity, sizeof(*s->rows));
    }
    for (size_t i = from; i < till; i++) {
        s->rows[i - from] = evidence_store_take(rows, i, 0);
    }
    /* Before the list is looked at: it may move. */
    size_t contact_count = contacts_of(s, customer);
    const struct churn_person person = {
        .customer = customer,
        .rows = s->rows,
        .row_count = till - from,
        .contact_count = contact_count,
        .contacts_us = s->contacts_us,
    };
    observe(s, &person);
    return till;
}

static void queue_evidence(struct db *db, const void *what)
{
    fit_read_evidence(db, what);
}

static int observe_slice(struct school *s, const struct fit_slice *slice, struct err *err)
{
    const struct db_reply *reply = fit_work_run(&s->work, queue_evidence, slice, err);
    for (size_t i = 0; reply && i < db_row_count(reply->rows[0]);) {
        i = observe_customer(s, reply->rows[0], i);
    }
    return reply ? 0 : -1;
}

static int observe_bucket(struct school *s, int16_t bucket, struct err *err)
{
    struct fit_slice slice = {.bucket = bucket, .customers = SLICE_CUSTOMERS};
    bool is_end = false;
    churn_training_bucket(s->training);
    if (read_contacts(s, bucket, err) < 0) {
        return -1;
    }
    while (!s->work.service->is_draining) {
        if (fit_work_next_slice(&s->work, &slice, &is_end, err) < 0) {
            return -1;
        }
        if (is_end) {
            break;
        }
        if (observe_slice(s, &slice, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- the job */

static void queue_fits(struct db *db, const void *what)
{
    (void)what;
    loyalty_fit_store_ask(db);
}

/* Features are those of the models in force, but for the one that is to be learned. */
static int read_fits(struct school *s, struct err *err)
{
    const struct db_reply *reply = fit_work_run(&s->work, queue_fits, NULL, err);
    if (!reply) {
        return -1;
    }
    loyalty_fit_store_take(reply->rows[0], &s->fits);
    s->fits.has_churn = false;
    return 0;
}

static int teach(struct school *s, struct err *err)
{
    if (read_fits(s, err) < 0) {
        return -1;
    }
    for (int16_t bucket = 0; bucket < BUCKET_COUNT && !s->work.service->is_draining; bucket++) {
        if (observe_bucket(s, bucket, err) < 0) {
            return -1;
        }
    }
    if (s->work.service->is_draining) {
        return fit_work_stopped();
    }
    struct fit_row row = churn_training_finish(s->training, &s->fits, s->dates.at_us[0],
                                               s->dates.at_us[CHURN_DATES_MAX - 1]);
    return fit_work_store(&s->work, &row, 1, err);
}

int train_job_run(struct service *service, struct err *err)
{
    struct school s = {.fits = fit_set_none};
    int rc = fit_work_open(&s.work, service, err);
    if (rc == 0) {
        s.dates = churn_dates_of(s.work.began_us);
        s.training = churn_training_new();
        s.observer = (struct churn_observer){
            .builder = account_builder_new(),
            .policy = &s.work.policy,
            .fits = &s.fits,
            .dates = &s.dates,
        };
        rc = teach(&s, err);
    }
    account_builder_free(s.observer.builder);
    churn_training_free(s.training);
    free(s.contacts.list);
    free(s.contacts_us);
    free(s.rows);
    fit_work_close(&s.work);
    return rc;
}
