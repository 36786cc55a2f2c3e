/* SPDX-License-Identifier: Apache-2.0 */
/* sip_keys.h - keys of a telephone: from RTP to digits (RFC 4733), from digits to a number. Pure.
 */
#ifndef TROTH_SERVICES_DIALER_SIP_KEYS_H
#define TROTH_SERVICES_DIALER_SIP_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIP_KEY_STAR = 10,
    SIP_KEY_POUND = 11,
    SIP_KEY_NONE = -1,
};

/* What of a caller's key events was seen; {0} at first. A key is sent as a row of packets with one
 * RTP timestamp, the last of them three times, and any of them may get lost: the first packet with
 * a newer timestamp is the key, all others are the same one. Timestamps are counted by each source
 * for itself; some telephones begin a new one for each key. */
struct sip_keys {
    struct {
        bool has_seen;
        uint32_t source, timestamp;
    } sources[4];
    size_t next; /* which one to forget */
};

/* source and timestamp: of the header of one RTP packet of telephone events, which has payload.
 * Returns 0 to 9, SIP_KEY_STAR, SIP_KEY_POUND, or
 * SIP_KEY_NONE when it is no new key. */
int sip_keys_take(struct sip_keys *keys, uint32_t source, uint32_t timestamp,
                  const uint8_t *payload, size_t len);

/* A number that is being typed; {0} at first. */
struct sip_entry {
    int32_t value;
    bool has_digits;
};

enum sip_entry_state {
    SIP_ENTRY_DONE = 1, /* value is in range */
    SIP_ENTRY_MORE,     /* another digit may follow */
    SIP_ENTRY_WRONG,    /* no value of the range begins so; the entry is empty again */
};

/* low to high: 0 <= low <= high <= 999. A value is taken as soon as no longer one can begin with
 * its digits: on a scale of 1 to 5 at once, of 0 to 10 after a '1' only when no '0' follows. '*'
 * alone is 10 where 10 is in range, '#' ends the number. */
enum sip_entry_state sip_entry_push(struct sip_entry *entry, int key, int32_t low, int32_t high);
/* Nothing more came: as '#', but an empty entry stays SIP_ENTRY_MORE. */
enum sip_entry_state sip_entry_end(struct sip_entry *entry, int32_t low, int32_t high);

#endif
