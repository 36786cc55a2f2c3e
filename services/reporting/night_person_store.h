/* SPDX-License-Identifier: Apache-2.0 */
/*
 * night_person_store.h - what statements of the nightly tasks need to count a person once: a
 * customer and those who were merged into it, whatever buckets those are in.
 *
 * A person is in the bucket of the survivor: $1 are buckets of persons. What each of its numbers
 * has is looked up by its keys, in a LATERAL with OFFSET 0: those of other buckets could be found
 * in no other way, and for all of them it is one way.
 */
#ifndef TROTH_REPORTING_NIGHT_PERSON_STORE_H
#define TROTH_REPORTING_NIGHT_PERSON_STORE_H

/* The first common table expression. home: the bucket of the person. */
#define NIGHT_NUMBERS                                                                              \
    "WITH numbers (bucket, number, home, person) AS MATERIALIZED ("                                \
    "SELECT k.bucket, k.number, k.bucket, k.number FROM intake.customer_public AS k"               \
    " WHERE k.bucket = ANY ($1::int2[]) AND k.merged_into IS NULL"                                 \
    " UNION ALL SELECT k.bucket, k.number, (k.merged_into & 255)::int2, k.merged_into"             \
    " FROM intake.customer_public AS k WHERE k.merged_into IS NOT NULL"                            \
    " AND (k.merged_into & 255)::int2 = ANY ($1::int2[])),"

#endif
