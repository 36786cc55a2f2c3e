/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/sip_wave.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

enum {
    HEADER = 44
};

static void put(uint8_t *at, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

/* A WAV file of count samples, all of them value; the caller frees it. */
static uint8_t *make_wave(uint32_t rate, size_t count, int16_t value, size_t *ret_len)
{
    size_t len = HEADER + 2 * count;
    uint8_t *file = test_calloc(len, 1);
    put(file, 0x46464952, 4);      /* "RIFF" */
    put(file + 8, 0x45564157, 4);  /* "WAVE" */
    put(file + 12, 0x20746d66, 4); /* "fmt " */
    put(file + 4, (uint32_t)len - 8, 4);
    put(file + 16, 16, 4);
    put(file + 20, 1, 2);
    put(file + 22, 1, 2);
    put(file + 24, rate, 4);
    put(file + 28, rate * 2, 4);
    put(file + 32, 2, 2);
    put(file + 34, 16, 2);
    put(file + 36, 0x61746164, 4); /* "data" */
    put(file + 40, (uint32_t)(2 * count), 4);
    for (size_t i = 0; i < count; i++) {
        put(file + HEADER + 2 * i, (uint16_t)value, 2);
    }
    *ret_len = len;
    return file;
}

static void any_rate_becomes_that_of_a_telephone(void **state)
{
    static const struct {
        uint32_t rate;
        size_t count, want;
    } cases[] = {
        {8000,  8000,  8000},
        {16000, 16000, 8000},
        {22050, 22050, 8000},
        {44100, 441,   80  },
        {48000, 6,     1   },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = 0, count = 0;
        int16_t *samples = NULL;
        struct err err = ERR_NONE;
        uint8_t *file = make_wave(cases[i].rate, cases[i].count, -1234, &len);
        assert_int_equal(
            sip_wave_read((struct bytes){.data = file, .len = len}, &samples, &count, &err), 0);
        assert_int_equal(count, cases[i].want);
        for (size_t k = 0; k < count; k++) {
            assert_int_equal(samples[k], -1234);
        }
        free(samples);
        test_free(file);
    }
}

/* One byte of a good file changed. */
static void what_is_no_such_sound_is_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } cases[] = {
        {0,  'X'}, /* no RIFF */
        {8,  'X'}, /* no WAVE */
        {12, 'X'}, /* no format */
        {20, 7  }, /* G.711 in the file */
        {22, 2  }, /* two channels */
        {25, 0  }, /* 64 samples a second */
        {34, 8  }, /* 8 bits */
        {36, 'X'}, /* no data */
        {40, 0  }, /* no samples; the chunk is said to be empty */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = 0, count = 7;
        int16_t *samples = NULL;
        struct err err = ERR_NONE;
        uint8_t *file = make_wave(8000, 100, 5, &len);
        file[cases[i].at] = cases[i].value;
        assert_int_equal(
            sip_wave_read((struct bytes){.data = file, .len = len}, &samples, &count, &err), -1);
        assert_string_equal(err.code, "sound_unusable");
        assert_int_equal(count, 7);
        test_free(file);
    }
}

static void a_data_chunk_without_an_end_ends_with_the_file(void **state)
{
    size_t len = 0, count = 0;
    int16_t *samples = NULL;
    struct err err = ERR_NONE;
    uint8_t *file = make_wave(8000, 100, 5, &len);
    put(file + 40, 0x7fffffff, 4);
    assert_int_equal(
        sip_wave_read((struct bytes){.data = file, .len = len - 1}, &samples, &count, &err), 0);
    assert_int_equal(count, 99);
    free(samples);
    for (size_t cut = 0; cut < HEADER + 2; cut++) {
        assert_int_equal(
            sip_wave_read((struct bytes){.data = file, .len = cut}, &samples, &count, &err), -1);
    }
    test_free(file);
}

/* Values of ITU-T G.711, tables 1 and 2. */
static void samples_are_coded_as_g711_says(void **state)
{
    static const struct {
        int16_t sample;
        uint8_t ulaw, alaw;
    } cases[] = {
        {0,      0xff, 0xd5},
        {1,      0xff, 0xd5},
        {100,    0xf2, 0xd3},
        {-100,   0x72, 0x53},
        {1000,   0xce, 0xfa},
        {-1000,  0x4e, 0x7a},
        {8031,   0xa0, 0x8a},
        {-8031,  0x20, 0x0a},
        {32767,  0x80, 0xaa},
        {-32768, 0x00, 0x2a},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(sip_wave_ulaw(cases[i].sample), cases[i].ulaw);
        assert_int_equal(sip_wave_alaw(cases[i].sample), cases[i].alaw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_rate_becomes_that_of_a_telephone),
        cmocka_unit_test(what_is_no_such_sound_is_refused),
        cmocka_unit_test(a_data_chunk_without_an_end_ends_with_the_file),
        cmocka_unit_test(samples_are_coded_as_g711_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
