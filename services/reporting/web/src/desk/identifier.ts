// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them out: "C-1234-5", the last digit a check by Damm's quasigroup
// (common/domain/identifier.c). Needed where the service sends a bare number.

const table = [
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
];

export function identifier(letter: "C" | "F" | "K" | "P", number: number): string {
    let interim = 0;
    for (const digit of String(number)) interim = Number(table[interim]?.[Number(digit)]);
    return `${letter}-${number}-${interim}`;
}
