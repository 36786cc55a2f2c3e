/* SPDX-License-Identifier: Apache-2.0 */
/* import_tally.h - what has become of the rows and records of an import, and how it is told. */
#ifndef TROTH_SERVICES_CLI_IMPORT_TALLY_H
#define TROTH_SERVICES_CLI_IMPORT_TALLY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "intake.pb-c.h"

struct import_reason;

/* accepted + duplicate + rejected = records, once all have their receipts. */
struct import_tally {
    const char *id; /* of the import, to take it back by; NULL: it was not remembered. Borrowed */
    int64_t rows;
    int64_t rows_unmapped; /* the mapping could not make records of them: rejected as rows */
    int64_t rows_empty;    /* no condition of the mapping held: no record to make */
    int64_t records;
    int64_t accepted, duplicate, rejected;
    int64_t resent;                /* sent again because a receipt stayed away or asked for it */
    struct import_reason *reasons; /* private: one for each code and field */
    size_t reason_count;
};

void import_tally_free(struct import_tally *t);

/* A record's final receipt. */
void import_tally_receipt(struct import_tally *t, const Troth__V1__Receipt *r);
/* A record or a row that was refused on this side. */
void import_tally_refuse_record(struct import_tally *t, const char *code, const char *field);
void import_tally_refuse_row(struct import_tally *t, const char *code, const char *field);

/* For people: why what was refused was refused; nothing when nothing was. */
void import_tally_print_reasons(struct import_tally *t, FILE *out);
/* The same, and then the line "import: rows=N ... rate=N". */
void import_tally_print(struct import_tally *t, int64_t elapsed_us, FILE *out);
/* For scripts. rejected_path NULL: no file was written. */
void import_tally_print_json(struct import_tally *t, int64_t elapsed_us, const char *rejected_path,
                             FILE *out);

#endif
