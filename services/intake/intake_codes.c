/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_codes.h"

#include <string.h>

#include "common/base/compiler.h"

/* A code is never renamed: senders compare with it. Sentences do not stand well in columns. */
/* clang-format off */
static const struct intake_code codes[] = {
    /* the message as a whole: RequestError */
    {"malformed", "the bytes are not a message of this kind", "correct the sender"},
    {"too_deep", "messages are nested too deeply", "correct the sender"},
    {"too_many_records", "more than 256 records in one message", "split it"},
    {"not_permitted", "the key has no right to ask this", "ask the operator for the right"},
    /* the same at the HTTP door */
    {"token_invalid", "no Authorization: Bearer TOKEN, or of no known source",
     "use the token that the operator gave"},
    {"path_unknown", "there is nothing at this path", "post to /v1/records"},
    {"method_invalid", "this path has another method", "use POST"},
    {"length_missing", "neither Content-Length nor chunks", "send one of them"},
    {"content_type_invalid", "the body is not application/json, or compressed",
     "send JSON as it is"},
    {"request_too_large", "more than 1 MiB in one request", "split it"},
    /* one record: its JSON */
    {"json_invalid", "it is not JSON, or names something twice", "correct the sender"},
    {"field_unknown", "a field that this version does not know", "correct the name"},
    {"wrong_type", "the value is not of the field's type, or there twice",
     "correct the value"},
    /* one record: its bytes */
    {"not_utf8", "a text is not UTF-8 or holds a NUL", "correct the text"},
    {"enum_unknown", "a value that this version does not know, or none", "correct the value"},
    {"not_finite", "a number is not finite", "correct the number"},
    {"too_large", "the record unpacks to more than its share of memory", "make it smaller"},
    {"body_missing", "the record has no body, or one that this version does not know",
     "set one body"},
    {"kind_not_permitted", "the source may not send records of this kind",
     "ask the operator for the kind"},
    {"branch_not_permitted", "the source may not send records of this branch",
     "ask the operator for the branch"},
    /* its key */
    {"key_missing", "the record has no key", "make one: a UUIDv7"},
    {"key_too_long", "the key has more than 64 bytes", "use a shorter one"},
    {"key_too_old", "a UUIDv7 key made more than 30 days ago",
     "decide if it was sent before; a new key sends it anew"},
    {"key_reused", "the key was used for another body", "use a new key for what is new"},
    /* its fields */
    {"field_missing", "a field that is needed is not there or empty", "set it"},
    {"field_not_expected", "a field that does not belong to the action", "leave it out"},
    {"field_too_long", "a text is longer than its limit", "shorten it"},
    {"text_invalid", "a text does not have the form of its field", "correct it"},
    {"time_in_future", "it occurred later than now",
     "set the clock; send it again when it has occurred"},
    {"time_out_of_range", "it occurred before 1970 or after 9999",
     "microseconds since 1970 are expected"},
    {"value_out_of_range", "a number is outside of its range", "correct it"},
    {"currency_invalid", "no currency of ISO 4217", "correct it"},
    {"birthday_invalid", "no date like 1984-02-29 or --02-29", "correct it"},
    {"time_zone_invalid", "no IANA time zone", "correct it"},
    {"case_number_invalid", "no number of a case, or a typing error in it",
     "copy it from the receipt"},
    {"customer_number_invalid", "no number of a customer, or a typing error in it",
     "copy it from the receipt"},
    {"follow_up_number_invalid", "no number of a follow-up, or a typing error in it",
     "copy it from the order"},
    {"promise_number_invalid", "no number of a promise, or a typing error in it",
     "copy it from the receipt"},
    /* what they name */
    {"case_unknown", "no such case, or not this customer's",
     "send it again after its contact has a receipt"},
    {"customer_unknown", "no such customer",
     "send it again after the customer's first record has a receipt"},
    {"customer_erased", "the customer was erased: nothing new is stored about them",
     "stop sending about them; a reference of their own begins a new customer"},
    {"same_customer", "both names are of one customer", "nothing: they are one already"},
    {"customer_merged_already", "one of the two follows a customer already",
     "merge into the one that it follows, or unmerge them first"},
    {"customer_has_followers", "others follow the one that is to follow",
     "merge the other way round, or unmerge them first"},
    {"customer_not_merged", "neither of the two follows the other", "look at the customer"},
    {"case_reference_taken", "the case reference names another case already",
     "use another reference"},
    {"transition_invalid", "this cannot be done to a case in its state", "look at the case"},
    {"promise_unknown", "no such promise, or not of this case or customer",
     "send it again after the promise has a receipt"},
    {"redemption_reference_taken",
     "the redemption reference names another redemption of the customer already",
     "use another reference"},
    {"promise_reference_taken", "the promise reference names another promise of the case already",
     "use another reference"},
    {"promise_settled", "this cannot be done to a promise in its state", "look at the case"},
    {"promise_open", "the promise was neither kept nor broken yet", "send it again when it was"},
    {"renegotiation_not_permitted", "the standard names other teams that may agree on another date",
     "ask one of them; staff profiles say who is in which team"},
    {"case_void", "what opened the case was taken back", "name another case, or none"},
    {"same_case", "both names are of one case", "name the other case"},
    {"case_not_open", "the case that should go on is resolved, closed or merged itself",
     "name one that is open, or reopen it first"},
    {"record_unknown", "no record of this source with that key is remembered",
     "send it again after that record has a receipt"},
    {"record_voided_already", "the record was taken back before", "nothing: it is"},
    {"not_voidable", "records of this kind are not taken back", "do what the text says"},
    {"data_refused", "the database refuses this record", "tell the operator; the log names it"},
    /* not now: status retry */
    {"busy", "too many records wait", "send the same key again after retry_after_us"},
    {"rate_limited", "more records than the source's rate allows",
     "send the same key again after retry_after_us"},
    {"disk_low", "the database has little room left",
     "send the same key again after retry_after_us; the operator makes room"},
    {"stopping", "this process ends", "send the same key again; another one may answer"},
    {"unavailable", "it could not be stored now", "send the same key again after retry_after_us"},
    /* disclosure */
    {"unknown", "nothing is stored that could be disclosed", "do without"},
    {"damaged", "something is stored that cannot be opened",
     "tell the operator; the log names its number"},
};
/* clang-format on */

const struct intake_code *intake_codes(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(codes);
    return codes;
}

const struct intake_code *intake_code_find(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (strcmp(codes[i].code, code) == 0) {
            return &codes[i];
        }
    }
    return NULL;
}
