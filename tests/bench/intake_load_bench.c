/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intake_load_bench.c - a source that sends as fast as it gets receipts.
 *
 *   intake_load_bench ENDPOINT KEY_FILE SERVER_KEY_FILE KIND COUNT WINDOW FIRST KNOWN
 *
 * KIND is "profile", "contact" or "untold", a contact that does not say what it is about. The
 * records are about the customers FIRST, FIRST + 1, ...; with
 * KNOWN above 0 about the first KNOWN customers again and again. At most WINDOW records are without
 * receipt. All records are packed before the clock starts, and one more goes ahead, so that
 * connections are open. Prints one line of JSON; a latency is the time from handing a record to the
 * sender to its receipt.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/runtime/bus.h"
#include "common/runtime/message_check.h"
#include "common/runtime/record_sender.h"

#define RESEND_US   (5 * DURATION_S)
#define PATIENCE_US (60 * DURATION_S) /* without any receipt: something is wrong */

enum {
    KEY_SIZE = 40,
    ARENA_BYTES = 16 * 1024 * 1024,
    ARGUMENT_COUNT = 9
};

struct load {
    const char *endpoint, *key_file, *server_key_file;
    bool is_profile, is_untold;
    int64_t count, window, first, known;
    struct loop *loop;
    struct bus *bus;
    struct bus_socket *dealer;
    struct record_sender *sender;
    struct arena *arena;
    struct buffer *records; /* packed; the last one, number count, goes ahead */
    char (*keys)[KEY_SIZE];
    int64_t *sent_us;
    int64_t *latency_us;
    int64_t done;
    int64_t last_receipt_us;
};

/* ---- records */

/* As a UUIDv7, but its second half counts: each is unique and they ascend. */
static void make_key(int64_t number, char ret_key[KEY_SIZE])
{
    const uint64_t ms = (uint64_t)(instant_now_us() / DURATION_MS);

    (void)text_format(ret_key, KEY_SIZE, "%08" PRIx64 "-%04" PRIx64 "-7000-8000-%012" PRIx64,
                      ms >> 16, ms & 0xffff, (uint64_t)number);
}

static void pack_contact(Troth__V1__Record *record, char *customer, int64_t number, bool is_untold,
                         struct buffer *out)
{
    static const char *const branches[] = {"north", "south", "east", "west", "harbour", "airport"};
    static char body[] = "昨天在贵店更换刹车片之后，今天早上行驶时一直有异响，低速转弯时更明显，"
                         "请尽快安排技师检查并告知原因。"
                         "The noise comes from the front left wheel; I need the car on Friday.";
    Troth__V1__Contact contact = TROTH__V1__CONTACT__INIT;
    char branch[16];

    (void)text_copy(branch, sizeof(branch), branches[number % 6]);
    contact.customer_ref = customer;
    contact.has_kind = true;
    contact.kind = number % 2 == 0 ? TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT
                                   : TROTH__V1__CONTACT_KIND__CONTACT_KIND_REQUEST;
    contact.channel = (char[]){"phone"};
    contact.branch = branch;
    contact.category = is_untold ? NULL : (char[]){"brakes"};
    contact.product = (char[]){"brake pads"};
    contact.subject = (char[]){"刹车异响"};
    contact.body = body;
    record->body_case = TROTH__V1__RECORD__BODY_CONTACT;
    record->contact = &contact;
    message_pack(&record->base, out);
    record->contact = NULL;
}

static void pack_profile(Troth__V1__Record *record, char *customer, int64_t number,
                         struct buffer *out)
{
    Troth__V1__CustomerProfile profile = TROTH__V1__CUSTOMER_PROFILE__INIT;
    char phone[24];

    (void)text_format(phone, sizeof(phone), "+86138%08" PRId64, number % 100000000);
    profile.customer_ref = customer;
    profile.name = (char[]){"王小明"};
    profile.phone = phone;
    profile.language = (char[]){"zh-CN"};
    profile.time_zone = (char[]){"Asia/Shanghai"};
    record->body_case = TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE;
    record->customer_profile = &profile;
    message_pack(&record->base, out);
    record->customer_profile = NULL;
}

static void make_record(struct load *l, int64_t i)
{
    /* The one that goes ahead is about a customer of its own. */
    const int64_t number = l->known > 0 && i < l->count ? (l->first + i) % l->known : l->first + i;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    char customer[40];

    make_key(l->first + i, l->keys[i]);
    (void)text_format(customer, sizeof(customer), "%s-%" PRId64,
                      i < l->count ? "customer" : "ahead", number);
    record.key = l->keys[i];
    record.has_occurred_us = true;
    record.occurred_us = instant_now_us();
    if (l->is_profile) {
        pack_profile(&record, customer, l->first + i, &l->records[i]);
    } else {
        pack_contact(&record, customer, l->first + i, l->is_untold, &l->records[i]);
    }
}

/* ---- sending */

static void on_receipt(void *ctx, uint64_t tag, const Troth__V1__Receipt *receipt)
{
    struct load *l = ctx;

    if (receipt->status != TROTH__V1__RECEIPT_STATUS__RECEIPT_STATUS_ACCEPTED) {
        (void)fprintf(stderr, "record %s was not accepted: %s %s: %s\n", receipt->key,
                      receipt->code ? receipt->code : "", receipt->field ? receipt->field : "",
                      receipt->text ? receipt->text : "");
        exit(1);
    }
    l->last_receipt_us = instant_monotonic_us();
    l->latency_us[tag] = l->last_receipt_us - l->sent_us[tag];
    l->done++;
}

static void on_message(void *ctx, struct bus_socket *s, const struct bus_message *m)
{
    struct load *l = ctx;
    struct err err = ERR_NONE;
    const ProtobufCMessage *reply;

    (void)s;
    arena_reset(l->arena);
    reply = message_unpack(&troth__v1__intake_reply__descriptor, m->body, l->arena, &err);
    if (reply) {
        record_sender_on_reply(l->sender, (const Troth__V1__IntakeReply *)reply);
    }
}

static void add(struct load *l, int64_t i)
{
    l->sent_us[i] = instant_monotonic_us();
    if (!record_sender_add(l->sender,
                           (struct bytes){.data = l->records[i].data, .len = l->records[i].len},
                           l->keys[i], (uint64_t)i)) {
        BUG("a key was used twice");
    }
}

static void turn(struct load *l)
{
    loop_turn(l->loop, 100 * DURATION_MS);
    if (instant_monotonic_us() - l->last_receipt_us > PATIENCE_US) {
        (void)fprintf(stderr, "no receipt for too long; %" PRId64 " of %" PRId64 " are here\n",
                      l->done, l->count);
        exit(1);
    }
}

static void send_ahead(struct load *l)
{
    l->last_receipt_us = instant_monotonic_us();
    add(l, l->count);
    while (l->done == 0) {
        turn(l);
    }
    l->done = 0;
}

/* Returns how long it took. */
static int64_t send_all(struct load *l)
{
    const int64_t start_us = instant_monotonic_us();
    int64_t next = 0;

    while (l->done < l->count) {
        while (next < l->count && record_sender_has_room(l->sender)) {
            add(l, next++);
        }
        turn(l);
    }
    return instant_monotonic_us() - start_us;
}

/* ---- the program */

static void open_load(struct load *l)
{
    const size_t places = (size_t)l->count + 1;
    char server_key[BUS_KEY_TEXT_SIZE];
    struct bus_keys keys;
    struct err err = ERR_NONE;

    l->records = xcalloc(places, sizeof(*l->records));
    l->keys = xcalloc(places, sizeof(*l->keys));
    l->sent_us = xcalloc(places, sizeof(*l->sent_us));
    l->latency_us = xcalloc(places, sizeof(*l->latency_us));
    l->arena = arena_new(ARENA_BYTES);
    l->loop = loop_new();
    if (bus_keys_read(l->key_file, &keys, &err) < 0 ||
        bus_public_key_read(l->server_key_file, server_key, &err) < 0) {
        fatal("keys", &err);
    }
    l->bus = bus_new(l->loop, &keys, NULL, &err);
    l->dealer =
        l->bus ? bus_connect_dealer(l->bus, l->endpoint, server_key, on_message, l, &err) : NULL;
    if (!l->dealer) {
        fatal("connect", &err);
    }
    l->sender = record_sender_new(&(struct record_sender_options){.loop = l->loop,
                                                                  .window = (size_t)l->window,
                                                                  .resend_us = RESEND_US,
                                                                  .on_receipt = on_receipt,
                                                                  .ctx = l});
    record_sender_use(l->sender, l->dealer);
}

static void close_load(struct load *l)
{
    for (int64_t i = 0; i <= l->count; i++) {
        buffer_free(&l->records[i]);
    }
    free(l->records);
    free(l->keys);
    free(l->sent_us);
    free(l->latency_us);
    record_sender_free(l->sender);
    bus_close(l->dealer);
    bus_free(l->bus);
    loop_free(l->loop);
    arena_free(l->arena);
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void print(struct load *l, int64_t took_us)
{
    const size_t count = (size_t)l->count;

    qsort(l->latency_us, count, sizeof(l->latency_us[0]), by_size);
    printf("{\"records\": %" PRId64 ", \"seconds\": %.6f, \"p50_us\": %" PRId64
           ", \"p99_us\": %" PRId64 ", \"max_us\": %" PRId64 ", \"resent\": %" PRId64 "}\n",
           l->count, (double)took_us / 1e6, l->latency_us[count / 2],
           l->latency_us[count * 99 / 100], l->latency_us[count - 1],
           record_sender_resent(l->sender));
}

static int read_arguments(struct load *l, char **argv)
{
    l->endpoint = argv[1];
    l->key_file = argv[2];
    l->server_key_file = argv[3];
    l->is_profile = strcmp(argv[4], "profile") == 0;
    l->is_untold = strcmp(argv[4], "untold") == 0;
    return text_to_int64(argv[5], 1, 10000000, &l->count) == 0 &&
                   text_to_int64(argv[6], 1, 1000000, &l->window) == 0 &&
                   text_to_int64(argv[7], 0, INT64_MAX / 2, &l->first) == 0 &&
                   text_to_int64(argv[8], 0, INT64_MAX / 2, &l->known) == 0
               ? 0
               : -1;
}

int main(int argc, char **argv)
{
    struct load l = {0};

    if (argc != ARGUMENT_COUNT || read_arguments(&l, argv) < 0) {
        (void)fprintf(stderr,
                      "usage: %s ENDPOINT KEY_FILE SERVER_KEY_FILE KIND COUNT WINDOW FIRST KNOWN\n",
                      argv[0]);
        return 2;
    }
    open_load(&l);
    for (int64_t i = 0; i <= l.count; i++) {
        make_record(&l, i);
    }
    send_ahead(&l);
    print(&l, send_all(&l));
    close_load(&l);
    return 0;
}
