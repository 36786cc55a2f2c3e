/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libtroth_driver.c - a user of libtroth for test_libtroth.py, compiled there against the installed
 * library.
 *
 *   libtroth_driver ENDPOINTS SERVER_KEY OUR.key send|submit COUNT TIMEOUT_MS
 *
 * Sends COUNT contacts of COUNT / 10 customers, all at once or one by one in a loop of its own, and
 * prints what came of them in one line: accepted=N duplicate=N rejected=N retry=N twice=N
 * error=CODE.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <troth.h>

struct run {
    struct troth_client *client;
    size_t count;
    Troth__V1__Record *records;
    Troth__V1__Contact *contacts;
    char (*texts)[32];
    int *answers; /* receipts of each record */
    int statuses[5];
    int twice;
    struct troth_error error;
};

/* What a callback gets. */
struct one {
    struct run *run;
    size_t number;
};

static void *need(size_t count, size_t size)
{
    void *p = calloc(count, size);

    if (!p) {
        abort();
    }
    return p;
}

static void make_records(struct run *r)
{
    r->records = need(r->count, sizeof(*r->records));
    r->contacts = need(r->count, sizeof(*r->contacts));
    r->texts = need(r->count, sizeof(*r->texts));
    r->answers = need(r->count, sizeof(*r->answers));
    for (size_t i = 0; i < r->count; i++) {
        Troth__V1__Contact *contact = &r->contacts[i];
        Troth__V1__Record *record = &r->records[i];

        (void)snprintf(r->texts[i], sizeof(r->texts[i]), "customer-%zu", i / 10);
        *contact = (Troth__V1__Contact)TROTH__V1__CONTACT__INIT;
        contact->customer_ref = r->texts[i];
        contact->has_kind = 1;
        contact->kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_ENQUIRY;
        *record = (Troth__V1__Record)TROTH__V1__RECORD__INIT;
        record->has_occurred_us = 1;
        record->occurred_us = troth_now_us();
        record->body_case = TROTH__V1__RECORD__BODY_CONTACT;
        record->contact = contact;
    }
}

static void count_receipt(struct run *r, size_t number, const Troth__V1__Receipt *receipt)
{
    r->twice += ++r->answers[number] > 1;
    r->statuses[receipt->status]++;
    if (receipt->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED) {
        (void)fprintf(stderr, "rejected: %s %s\n", receipt->code, receipt->field);
    }
}

static void send_all(struct run *r, int timeout_ms)
{
    Troth__V1__Record **records = need(r->count, sizeof(Troth__V1__Record *));
    Troth__V1__Receipt **receipts = need(r->count, sizeof(Troth__V1__Receipt *));

    for (size_t i = 0; i < r->count; i++) {
        records[i] = &r->records[i];
    }
    (void)troth_send(r->client, records, r->count, timeout_ms, receipts, &r->error);
    for (size_t i = 0; i < r->count; i++) {
        count_receipt(r, i, receipts[i]);
        troth_receipt_free(receipts[i]);
    }
    free(receipts);
    free(records);
}

static void on_receipt(void *ctx, const Troth__V1__Receipt *receipt)
{
    const struct one *one = ctx;

    count_receipt(one->run, one->number, receipt);
}

static void submit_all(struct run *r, int timeout_ms)
{
    struct one *ones = need(r->count, sizeof(*ones));
    struct pollfd wait = {.fd = troth_client_fd(r->client, &r->error), .events = POLLIN};
    const int64_t deadline_us = troth_now_us() + (int64_t)timeout_ms * 1000;
    size_t submitted = 0;

    while (submitted < r->count || troth_client_waiting(r->client) > 0) {
        while (submitted < r->count) {
            ones[submitted] = (struct one){.run = r, .number = submitted};
            if (troth_submit(r->client, &r->records[submitted], on_receipt, &ones[submitted], NULL,
                             &r->error) < 0) {
                break; /* the window is full */
            }
            submitted++;
        }
        r->error = (struct troth_error){.code = ""};
        if (troth_client_run(r->client, 0, &r->error) < 0) {
            break;
        }
        (void)poll(&wait, 1, timeout_ms);
        if (troth_now_us() > deadline_us) {
            (void)troth_client_status(r->client, &r->error);
            break;
        }
    }
    r->statuses[TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_RETRY] +=
        (int)troth_client_waiting(r->client);
    troth_client_close(r->client);
    r->client = NULL;
    free(ones);
}

int main(int argc, char **argv)
{
    struct run run = {.count = argc == 7 ? strtoul(argv[5], NULL, 10) : 0};
    struct troth_options options;

    if (run.count == 0) {
        return 2;
    }
    troth_options_init(&options, sizeof(options));
    options.endpoints = argv[1];
    options.server_key = argv[2];
    options.key_file = argv[3];
    options.resend_ms = 1000;
    options.connect_ms = 300;
    options.answer_ms = 1500;
    run.client = troth_client_open(&options, &run.error);
    if (run.client) {
        const int timeout_ms = (int)strtol(argv[6], NULL, 10);

        make_records(&run);
        if (strcmp(argv[4], "send") == 0) {
            send_all(&run, timeout_ms);
        } else {
            submit_all(&run, timeout_ms);
        }
        troth_client_close(run.client);
        free(run.answers);
        free(run.texts);
        free(run.contacts);
        free(run.records);
    }
    (void)printf("accepted=%d duplicate=%d rejected=%d retry=%d twice=%d error=%s\n",
                 run.statuses[1], run.statuses[2], run.statuses[3], run.statuses[4], run.twice,
                 run.error.code);
    return 0;
}
