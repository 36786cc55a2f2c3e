/* SPDX-License-Identifier: Apache-2.0 */
#include "common/domain/currency.h"

#include <stddef.h>
#include <string.h>

#include "common/base/compiler.h"

/* Those that do not have two digits. */
static const struct {
    char code[4];
    int digits;
} others[] = {
    {"BIF", 0},
    {"CLP", 0},
    {"DJF", 0},
    {"GNF", 0},
    {"ISK", 0},
    {"JPY", 0},
    {"KMF", 0},
    {"KRW", 0},
    {"PYG", 0},
    {"RWF", 0},
    {"UGX", 0},
    {"UYI", 0},
    {"VND", 0},
    {"VUV", 0},
    {"XAF", 0},
    {"XOF", 0},
    {"XPF", 0},
    {"BHD", 3},
    {"IQD", 3},
    {"JOD", 3},
    {"KWD", 3},
    {"LYD", 3},
    {"OMR", 3},
    {"TND", 3},
    {"CLF", 4},
    {"UYW", 4},
};

int currency_digits(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (strcmp(others[i].code, code) == 0) {
            return others[i].digits;
        }
    }
    return 2;
}
