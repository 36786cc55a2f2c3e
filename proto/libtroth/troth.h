/* SPDX-License-Identifier: Apache-2.0 */
/*
 * troth.h - hands records to Troth's intake and brings back a receipt for each.
 *
 * The library hides sockets, keys, retries and reconnects. It sends a record, and sends it again
 * under the same key, until intake has said accepted, duplicate or rejected; a `retry` is honoured
 * with its retry_after_us. Repeating is harmless: the same key with the same body has no second
 * effect. Until that receipt is there, the record is yours to keep.
 *
 *     struct troth_options options;
 *     struct troth_error error;
 *     troth_options_init(&options, sizeof(options));
 *     options.endpoints = "tcp://intake-1:5510 tcp://intake-2:5510";
 *     options.server_key_file = "intake.pub";
 *     options.key_file = "garage.key";
 *     struct troth_client *client = troth_client_open(&options, &error);
 *     ...
 *     troth_send(client, records, count, 10000, receipts, &error);
 *     troth_client_close(client);
 *
 * Records and receipts are the messages of intake.proto as protobuf-c makes them (intake.pb-c.h);
 * proto/README.md says what they mean and lists the codes.
 *
 * Several endpoints: the client talks to one of them, chosen by chance so that many clients spread,
 * and stays while it answers; only so the records of a customer take effect in the order in which
 * they were sent. When it stays silent the next one gets everything that has no receipt.
 *
 * Threads: a client belongs to one thread at a time; different clients may be used in different
 * threads at once. ZeroMQ's own threads run in the background. After fork() a child opens clients
 * of its own and does not touch those of its parent.
 *
 * Memory: what waits for receipts is bounded by the window. The library copies what it is given and
 * never changes it. It writes to no file and no terminal, and ends the process in one case only:
 * when there is no memory.
 *
 * Errors: functions that can fail return -1 (or NULL) and fill *error; error may be NULL. Codes are
 * stable; texts are for people. Output parameters keep their value on failure unless said
 * otherwise.
 */
#ifndef TROTH_H
#define TROTH_H

#include <stddef.h>
#include <stdint.h>

#include <intake.pb-c.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TROTH_API __attribute__((visibility("default")))

struct troth_error {
    char code[40];  /* lower_snake_case, e.g. "key_refused" */
    char field[96]; /* of the options or the record, when one is at fault; may be "" */
    char text[256]; /* what is wrong and what to do about it */
};

/* Texts are borrowed for the call of troth_client_open() alone. */
struct troth_options {
    size_t size;                 /* of this struct; set by troth_options_init() */
    const char *endpoints;       /* 1 to 16 of intake's, separated by blanks */
    const char *server_key;      /* intake's public key in Z85, 40 characters; or: */
    const char *server_key_file; /* a file that holds it, as `troth key new` makes (.pub); read
                                    again when intake turns out to have another one, and each of its
                                    lines tried */
    const char *key_file;        /* our own key pair, as `troth key new` makes; mode 0600 */
    size_t window_records;       /* without receipt at most; 2,048 */
    size_t window_bytes;         /* of them, packed, at most; 16 MiB */
    int resend_ms;               /* no receipt for so long: send again; 5,000 */
    int connect_ms;              /* no connection for so long: try the next endpoint; 1,000 */
    int answer_ms;               /* no answer for so long: try the next endpoint; 5,000 */
};

/* Fills in the defaults. size is sizeof(struct troth_options): programs that were compiled with an
 * older header go on working. */
TROTH_API void troth_options_init(struct troth_options *options, size_t size);

struct troth_client;

/* Reads the keys and begins to connect; returns before it is connected, and goes on trying for as
 * long as the client lives. Nobody there, a wrong server_key and a key that is not registered show
 * later, in troth_send() and troth_client_status(). NULL with error when the options or the files
 * are wrong: option_missing, option_invalid, key_unreadable, key_not_private, key_invalid,
 * connect_failed (no such form of endpoint), bus_failed. */
TROTH_API struct troth_client *troth_client_open(const struct troth_options *options,
                                                 struct troth_error *error);

/* Forgets what has no receipt: intake may have it or not; to know, send it again under the same
 * key. Not from within a callback. NULL is fine. */
TROTH_API void troth_client_close(struct troth_client *client);

/* Sends the records in this order and waits until each has its final receipt, at most timeout_ms
 * (-1: for ever). Any count is fine: the window is filled again and again.
 *
 * A record without a key gets a new UUIDv7. Who must be able to repeat a record after a crash of
 * his own sets the key himself (troth_key_new()) and stores it with the record before sending.
 *
 * receipts has count places, in the order of the records; all are set also on failure, and each is
 * the caller's to free with troth_receipt_free(). `rejected` is a receipt like the others and no
 * failure. A record without a final receipt has one with its key, the status RETRY and the code of
 * error: nobody knows whether it was stored, so send it again under that key.
 *
 * Returns 0, or -1 with error: no_answer, not_connected, key_refused (our key is not registered),
 * handshake_failed (server_key is not that of the endpoint), busy (called from a callback), or what
 * intake says to the request as a whole, such as not_permitted. */
TROTH_API int troth_send(struct troth_client *client, Troth__V1__Record *const *records,
                         size_t count, int timeout_ms, Troth__V1__Receipt **receipts,
                         struct troth_error *error);

/* NULL is fine. */
TROTH_API void troth_receipt_free(Troth__V1__Receipt *receipt);

/* ---- without waiting */

/* A final receipt: accepted, duplicate or rejected. receipt is borrowed for the call. The callback
 * may submit further records; it must not call troth_send(), troth_client_run() or
 * troth_client_close(). */
typedef void troth_receipt_fn(void *ctx, const Troth__V1__Receipt *receipt);

/* Takes over one record and returns at once; it leaves in troth_client_run(), and there on_receipt
 * (which may be NULL) is called once with ctx. ret_key, when not NULL, gets the key, made here if
 * the record has none. Records leave in the order in which they were submitted.
 *
 * Returns 0, or -1 with error: window_full (run the client, then submit again), key_too_long,
 * key_twice (a record with this key waits already), too_large (more than 60 KiB packed). */
#define TROTH_KEY_SIZE 65
TROTH_API int troth_submit(struct troth_client *client, const Troth__V1__Record *record,
                           troth_receipt_fn *on_receipt, void *ctx, char ret_key[TROTH_KEY_SIZE],
                           struct troth_error *error);

/* Sends, takes receipts and calls back; waits at most timeout_ms for something to do (0: not at
 * all, -1: as long as it takes) and may return earlier. Call it again and again while records wait.
 * Returns 0, or -1 with error when intake refused a request as a whole; the records of it still
 * wait and are sent again, so that is no end unless you make it one. */
TROTH_API int troth_client_run(struct troth_client *client, int timeout_ms,
                               struct troth_error *error);

/* A descriptor for poll(), select() or an event loop of your own: when it is readable, call
 * troth_client_run(client, 0, ...). Call that once after troth_submit() too. It belongs to the
 * client, stays the same for the client's life, and is only to be waited for. -1 with error:
 * no_descriptor. */
TROTH_API int troth_client_fd(struct troth_client *client, struct troth_error *error);

/* How many records have no receipt yet. */
TROTH_API size_t troth_client_waiting(const struct troth_client *client);

/* 0 when connected; -1 with error, why not, as the last attempt ended: not_connected, key_refused,
 * handshake_failed. */
TROTH_API int troth_client_status(const struct troth_client *client, struct troth_error *error);

/* ---- helpers */

/* A new UUIDv7 as 36 characters: a good key for a record. */
TROTH_API void troth_key_new(char ret_key[TROTH_KEY_SIZE]);

/* Now, in microseconds since 1970 in UTC: what Record.occurred_us holds. */
TROTH_API int64_t troth_now_us(void);

/* The version of the library that runs, such as "0.1.0". */
TROTH_API const char *troth_version(void);

#ifdef __cplusplus
}
#endif

#endif
