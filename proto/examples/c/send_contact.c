/* SPDX-License-Identifier: Apache-2.0 */
/*
 * send_contact.c - sends one contact with libtroth and prints its case and promises.
 *
 *   send_contact ENDPOINTS INTAKE.pub OUR.key CUSTOMER TEXT [KEY]
 *
 * KEY names the record. Whoever repeats a call whose end he does not know gives the same one: the
 * contact is stored once, whatever happened the first time.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <troth.h>

static void print_receipt(const Troth__V1__Receipt *r)
{
    (void)printf("%s key=%s case=%s\n",
                 r->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_DUPLICATE ? "duplicate"
                                                                                  : "accepted",
                 r->key, r->case_number ? r->case_number : "none");
    for (size_t i = 0; i < r->n_promises; i++) {
        const time_t due = (time_t)(r->promises[i]->due_us / 1000000);
        struct tm tm;
        char text[32];

        (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&due, &tm));
        (void)printf("promise %s due %s\n", r->promises[i]->kind, text);
    }
}

int main(int argc, char **argv)
{
    Troth__V1__Contact contact = TROTH__V1__CONTACT__INIT;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    Troth__V1__Record *records[] = {&record};
    Troth__V1__Receipt *receipt;
    struct troth_options options;
    struct troth_client *client;
    struct troth_error error;
    char key[TROTH_KEY_SIZE];
    int code = 0;

    if (argc < 6) {
        (void)fprintf(stderr,
                      "usage: send_contact ENDPOINTS INTAKE.pub OUR.key CUSTOMER TEXT [KEY]\n");
        return 2;
    }
    troth_options_init(&options, sizeof(options));
    options.endpoints = argv[1];
    options.server_key_file = argv[2];
    options.key_file = argv[3];
    client = troth_client_open(&options, &error);
    if (!client) {
        (void)fprintf(stderr, "%s: %s\n", error.code, error.text);
        return 2;
    }

    troth_key_new(key);
    contact.customer_ref = argv[4];
    contact.body = argv[5];
    contact.channel = "phone";
    contact.has_kind = 1;
    contact.kind = TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT;
    record.key = argc > 6 ? argv[6] : key;
    record.has_occurred_us = 1;
    record.occurred_us = troth_now_us();
    record.body_case = TROTH__V1__RECORD__BODY_CONTACT;
    record.contact = &contact;

    /* Sends again by itself, always under this key, for half a minute. */
    if (troth_send(client, records, 1, 30000, &receipt, &error) < 0) {
        (void)fprintf(stderr, "%s: %s\nno receipt: try again later with the key %s\n", error.code,
                      error.text, receipt->key);
        code = 3;
    } else if (receipt->status == TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_REJECTED) {
        (void)fprintf(stderr, "rejected: %s %s: %s\n", receipt->code, receipt->field,
                      receipt->text);
        code = 1;
    } else {
        print_receipt(receipt);
    }
    troth_receipt_free(receipt);
    troth_client_close(client);
    return code;
}
