/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_keys.h"

#include "common/base/compiler.h"

enum {
    EVENT_SIZE = 4
}; /* event, end and volume, duration */

int sip_keys_take(struct sip_keys *keys, uint32_t source, uint32_t timestamp,
                  const uint8_t *payload, size_t len)
{
    if (len < EVENT_SIZE || payload[0] > SIP_KEY_POUND) {
        return SIP_KEY_NONE;
    }
    size_t i = 0;
    while (i < ARRAY_LEN(keys->sources) &&
           !(keys->sources[i].has_seen && keys->sources[i].source == source)) {
        i++;
    }
    if (i == ARRAY_LEN(keys->sources)) {
        i = keys->next;
        keys->next = (keys->next + 1) % ARRAY_LEN(keys->sources);
    } else if ((int32_t)(timestamp - keys->sources[i].timestamp) <= 0) {
        /* Timestamps wrap around. */
        return SIP_KEY_NONE;
    }
    keys->sources[i].has_seen = true;
    keys->sources[i].source = source;
    keys->sources[i].timestamp = timestamp;
    return payload[0];
}

static enum sip_entry_state finish(struct sip_entry *entry, int32_t low, int32_t high)
{
    if (entry->has_digits && entry->value >= low && entry->value <= high) {
        return SIP_ENTRY_DONE;
    }
    *entry = (struct sip_entry){.value = 0};
    return SIP_ENTRY_WRONG;
}

enum sip_entry_state sip_entry_push(struct sip_entry *entry, int key, int32_t low, int32_t high)
{
    if (key == SIP_KEY_POUND) {
        return finish(entry, low, high);
    }
    if (key == SIP_KEY_STAR) {
        entry->value = entry->has_digits ? -1 : 10;
        entry->has_digits = true;
        return finish(entry, low, high);
    }
    entry->value = entry->value * 10 + key;
    entry->has_digits = true;
    /* The smallest number that goes on with a further digit; a leading zero has none. */
    if (entry->value > 0 && entry->value * 10 <= high) {
        return SIP_ENTRY_MORE;
    }
    return finish(entry, low, high);
}

enum sip_entry_state sip_entry_end(struct sip_entry *entry, int32_t low, int32_t high)
{
    return entry->has_digits ? finish(entry, low, high) : SIP_ENTRY_MORE;
}
