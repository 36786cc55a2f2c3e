/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/intake_forms.h"

#include <string.h>

#include "common/base/text.h"

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return is_lower(c) || is_upper(c);
}

bool intake_form_is_channel(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (!is_lower(*p) && !is_digit(*p) && !strchr("_-.", *p)) {
            return false;
        }
    }
    return true;
}

/* BCP 47 in outline: parts of 1 to 8 letters and digits, the first of 2 or more letters. */
bool intake_form_is_language(const char *text)
{
    size_t part = 0;
    bool is_first = true;
    for (const char *p = text; *p; p++) {
        if (*p == '-') {
            if (part == 0 || (is_first && part < 2)) {
                return false;
            }
            is_first = false;
            part = 0;
        } else if (is_letter(*p) || (!is_first && is_digit(*p))) {
            part++;
        } else {
            return false;
        }
        if (part > 8) {
            return false;
        }
    }
    return part >= (is_first ? 2U : 1U);
}

static int two_digits(const char *p)
{
    return is_digit(p[0]) && is_digit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

void intake_form_birthday(const char *text, int *ret_month, int *ret_day)
{
    const char *month = text + (text[0] == '-' ? 2 : 5);
    *ret_month = two_digits(month);
    *ret_day = two_digits(month + 3);
}

/* Year, or 2000 without one: a leap year, in which February has 29 days. -1: it has not the form.
 */
static int birthday_year(const char *text)
{
    size_t len = strlen(text);
    if (len == 7 && text[0] == '-' && text[1] == '-') {
        return text[4] == '-' ? 2000 : -1;
    }
    if (len != 10 || text[4] != '-' || text[7] != '-') {
        return -1;
    }
    int century = two_digits(text);
    int rest = two_digits(text + 2);
    return century < 18 || rest < 0 ? -1 : century * 100 + rest;
}

bool intake_form_is_birthday(const char *text)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = birthday_year(text);
    int month, day;
    if (year < 0) {
        return false;
    }
    intake_form_birthday(text, &month, &day);
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
           (month != 2 || day < 29 || is_leap);
}

bool intake_form_is_lunar_birthday(const char *text)
{
    int month, day;
    if (birthday_year(text) < 0) {
        return false;
    }
    intake_form_birthday(text, &month, &day);
    return month >= 1 && month <= 12 && day >= 1 && day <= 30;
}

bool intake_form_is_currency(const char *text)
{
    /* ISO 4217, without metals, funds and test codes. */
    static const char codes[] =
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN "
        "BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD "
        "FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY "
        "KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP "
        "MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR "
        "RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT "
        "TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR "
        "ZMW ZWG";
    if (strlen(text) != 3) {
        return false;
    }
    for (const char *p = codes; *p; p += p[3] ? 4 : 3) {
        if (memcmp(p, text, 3) == 0) {
            return true;
        }
    }
    return false;
}

bool intake_form_is_given_promise(const char *text)
{
    static const char *const kinds[] = {"callback", "next_update", "custom"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(text, kinds[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int hex_digit(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int intake_form_uuid7_time(const char *text, int64_t *ret_us)
{
    static const char shape[] = "xxxxxxxx-xxxx-7xxx-yxxx-xxxxxxxxxxxx";
    int64_t ms = 0;
    size_t digits = 0;
    if (strlen(text) != sizeof(shape) - 1) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(shape) - 1; i++) {
        int digit = hex_digit(text[i]);
        bool is_well_formed = shape[i] == 'x'   ? digit >= 0
                              : shape[i] == 'y' ? digit >= 8 && digit <= 11
                                                : text[i] == shape[i];
        if (!is_well_formed) {
            return -1;
        }
        if (digit >= 0 && digits < 12) { /* the first 48 bits: milliseconds since 1970 */
            ms = ms * 16 + digit;
            digits++;
        }
    }
    *ret_us = ms * 1000;
    return 0;
}
