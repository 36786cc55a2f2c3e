/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/ami_md5.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/compiler.h"

/* The test suite of RFC 1321, appendix A.5. */
static void the_suite_of_the_rfc_holds(void **state)
{
    static const struct {
        const char *in, *want;
    } cases[] = {
        {"",                                                                                 "d41d8cd98f00b204e9800998ecf8427e"},
        {"a",                                                                                "0cc175b9c0f1b6a831c399e269772661"},
        {"abc",                                                                              "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest",                                                                   "f96b697d7cb7938d525a2f31aaf161d0"},
        {"abcdefghijklmnopqrstuvwxyz",                                                       "c3fcd3d76192e4007dfb496cca67e13b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"                                                                                    },
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"                                                                                    },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char got[AMI_MD5_TEXT_SIZE];
        ami_md5(bytes_of_text(cases[i].in), got);
        assert_string_equal(got, cases[i].want);
    }
}

/* Of so many times 'x', as md5sum prints it: where padding takes one block or two. */
static void lengths_around_a_block_are_padded_right(void **state)
{
    static const struct {
        size_t len;
        const char *want;
    } cases[] = {
        {55,  "04364420e25c512fd958a70738aa8f72"},
        {56,  "668a72d5ba17f08e62dabcafad6db14b"},
        {63,  "7dc2ca208106a2f703567bdff99d8981"},
        {64,  "c1bb4f81d892b2d57947682aeb252456"},
        {65,  "1bc932052302d074bdec39795fe00cf6"},
        {119, "ab347a5f68c8a443cfcddc633f12c24f"},
        {120, "fb98667f98096de92620b64f46e1c5b5"},
        {128, "d69cb61a6ee87200676eb0d4b90edbcb"},
    };
    static char text[256];
    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char got[AMI_MD5_TEXT_SIZE];
        ami_md5((struct bytes){.data = (const uint8_t *)text, .len = cases[i].len}, got);
        assert_string_equal(got, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_suite_of_the_rfc_holds),
        cmocka_unit_test(lengths_around_a_block_are_padded_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
