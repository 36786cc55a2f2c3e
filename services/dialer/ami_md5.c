/* SPDX-License-Identifier: Apache-2.0 */
#include "services/dialer/ami_md5.h"

#include <math.h>
#include <string.h>

enum {
    BLOCK = 64,
    DIGEST = 16,
    LENGTH_AT = 56
};

static uint32_t turn(uint32_t x, unsigned bits)
{
    return x << bits | x >> (32 - bits);
}

/* Step i of the 64 of section 3.4: the function of its round, and which word it takes. */
static uint32_t mix(unsigned i, const uint32_t s[4], unsigned *ret_word)
{
    switch (i / 16) {
    case 0:
        *ret_word = i;
        return (s[1] & s[2]) | (~s[1] & s[3]);
    case 1:
        *ret_word = (5 * i + 1) % 16;
        return (s[1] & s[3]) | (s[2] & ~s[3]);
    case 2:
        *ret_word = (3 * i + 5) % 16;
        return s[1] ^ s[2] ^ s[3];
    default:
        *ret_word = (7 * i) % 16;
        return s[2] ^ (s[1] | ~s[3]);
    }
}

static void add_block(uint32_t state[4], const uint8_t *block)
{
    static const uint8_t turns[4][4] = {
        {7, 12, 17, 22},
        {5, 9,  14, 20},
        {4, 11, 16, 23},
        {6, 10, 15, 21}
    };
    uint32_t words[16], s[4];
    memcpy(s, state, sizeof(s));
    for (size_t i = 0; i < 16; i++) {
        words[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
                   (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
    }
    for (unsigned i = 0; i < 64; i++) {
        unsigned word = 0;
        uint32_t mixed = mix(i, s, &word);
        /* T[i] of the RFC: 4294967296 * |sin(i + 1)|, radians. */
        uint32_t constant = (uint32_t)(4294967296.0 * fabs(sin((double)i + 1.0)));
        uint32_t sum = s[0] + mixed + constant + words[word];
        s[0] = s[3];
        s[3] = s[2];
        s[2] = s[1];
        s[1] += turn(sum, turns[i / 16][i % 4]);
    }
    for (size_t i = 0; i < 4; i++) {
        state[i] += s[i];
    }
}

void ami_md5(struct bytes in, char ret_text[AMI_MD5_TEXT_SIZE])
{
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    uint8_t last[2 * BLOCK] = {0}, digest[DIGEST];
    size_t whole = in.len / BLOCK * BLOCK, left = in.len - whole;
    size_t end = left < LENGTH_AT ? BLOCK : 2 * BLOCK;
    uint64_t bits = (uint64_t)in.len * 8;
    for (size_t i = 0; i < whole; i += BLOCK) {
        add_block(state, in.data + i);
    }
    if (left > 0) {
        memcpy(last, in.data + whole, left);
    }
    last[left] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        last[end - 8 + i] = (uint8_t)(bits >> (8 * i));
    }
    for (size_t i = 0; i < end; i += BLOCK) {
        add_block(state, last + i);
    }
    for (size_t i = 0; i < DIGEST; i++) {
        digest[i] = (uint8_t)(state[i / 4] >> (8 * (i % 4)));
    }
    bytes_to_hex((struct bytes){.data = digest, .len = DIGEST}, ret_text);
    explicit_bzero(last, sizeof(last));
}
