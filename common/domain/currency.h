/* SPDX-License-Identifier: Apache-2.0 */
/* currency.h - what a minor unit of a currency is. ISO 4217:2015, list one (minor units, as of
 * January 2024). */
#ifndef TROTH_COMMON_DOMAIN_CURRENCY_H
#define TROTH_COMMON_DOMAIN_CURRENCY_H

/* Digits behind the point of an amount in whole units: 2 of most, 0 of JPY, 3 of KWD, 4 of CLF.
 * Codes that are not in the list: 2. */
int currency_digits(const char *code);

#endif
