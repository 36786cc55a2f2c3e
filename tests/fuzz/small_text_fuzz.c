/* SPDX-License-Identifier: Apache-2.0 */
/* small_text_fuzz.c - the small things that people and other systems write: durations, instants,
 * numbers with a check digit, numbers. */
#include <math.h>
#include <stdlib.h>

#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/domain/identifier.h"
#include "tests/fuzz/fuzz.h"

static void fuzz_duration(const char *text)
{
    char printed[DURATION_TEXT_SIZE];
    int64_t us, again;

    if (duration_parse(text, &us) < 0) {
        return;
    }
    claim(us >= 0, "a duration has no sign");
    claim(duration_parse(duration_format(us, printed), &again) == 0 && again == us,
          "a duration is read as it was printed");
    (void)duration_for_people(us, printed);
}

static void fuzz_instant(const char *text)
{
    char printed[INSTANT_TEXT_SIZE];
    int64_t us, again;

    if (instant_parse(text, &us) < 0) {
        return;
    }
    claim(instant_parse(instant_format(us, printed), &again) == 0, "an instant is read as printed");
    claim(us - again >= 0 && us - again < DURATION_MS, "printing cuts less than a millisecond");
}

static void fuzz_identifier(enum identifier_kind kind, const char *text)
{
    char printed[IDENTIFIER_TEXT_SIZE];
    struct err err = ERR_NONE;
    int64_t number, again;

    if (identifier_parse(kind, text, &number, &err) < 0) {
        claim(err.code[0] != '\0', "a refusal has a code");
        return;
    }
    claim(number >= 0, "our numbers are never negative");
    claim(identifier_parse(kind, identifier_format(kind, number, printed), &again, &err) == 0 &&
              again == number,
          "a number is read as it was printed");
}

static void fuzz_numbers(const char *text)
{
    int64_t whole;
    double real;

    if (text_to_int64(text, -1000, 1000, &whole) == 0) {
        claim(whole >= -1000 && whole <= 1000, "a number is in its range");
        claim(text_to_double(text, &real) == 0 && real == (double)whole,
              "a whole number is a real one");
    }
    if (text_to_double(text, &real) == 0) {
        claim(isfinite(real), "a real number is finite");
    }
}

static void fuzz_utf8(const char *text, size_t size)
{
    char cut[16];

    if (!text_is_utf8((struct bytes){.data = (const uint8_t *)text, .len = size})) {
        return;
    }
    claim(text_code_points(text) <= size, "a code point has at least one byte");
    claim(text_columns(text) <= 2 * text_code_points(text), "a code point has at most two columns");
    (void)text_copy(cut, sizeof(cut), text);
    claim(text_is_utf8(bytes_of_text(cut)), "a text is cut between code points");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum identifier_kind kinds[] = {IDENTIFIER_CASE, IDENTIFIER_CUSTOMER,
                                                 IDENTIFIER_PROMISE, IDENTIFIER_FOLLOW_UP};
    char *text = fuzz_text(data, size);

    fuzz_duration(text);
    fuzz_instant(text);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        fuzz_identifier(kinds[i], text);
    }
    fuzz_numbers(text);
    fuzz_utf8(text, size);
    free(text);
    return 0;
}
