/* SPDX-License-Identifier: Apache-2.0 */
/* audit_proof_fuzz.c - a proof from a stranger: whatever it says, it proves nothing under our key.
 */
#include "common/audit/audit_proof.h"

#include "tests/fuzz/fuzz.h"

/* A point of the curve that is nobody's key: no input has a head that it signed. */
#define TRUST                                                                                      \
    "installation garage\n"                                                                        \
    "verify 5866666666666666666666666666666666666666666666666666666666666666\n"

static void claim_entries(const struct audit_proof *p)
{
    for (size_t i = 0; i < p->entry_count; i++) {
        const struct audit_entry *e = &p->entries[i];
        claim(audit_event_is_valid(&e->event), "words are short");
        claim(e->path.count <= MERKLE_PATH_MAX, "a path is short");
        claim(e->event.place.bucket >= 0 && e->event.place.bucket < 256, "a bucket is one");
        const struct merkle_hash leaf = audit_leaf(&e->event, e->nonce);
        /* Made for this one leaf, a root holds; with another leaf it does not. */
        const struct merkle_root alone = {1, leaf};
        struct merkle_path nothing = {.count = 0};
        claim(merkle_includes(&alone, 0, &leaf, &nothing), "a tree of one leaf is that leaf");
        (void)merkle_includes(&p->head.root, e->position, &leaf, &e->path);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct audit_proof p = {.case_number = 0};
    struct audit_trust trust;
    struct err err = ERR_NONE;
    claim(audit_trust_parse(TRUST, &trust, &err) == 0, "the key is one");
    if (audit_proof_read((const char *)data, size, &p, &err) == 0) {
        claim_entries(&p);
        claim(audit_proof_check(&p, &trust, &err) < 0, "nobody signed it");
        claim(strcmp(err.code, "head_invalid") == 0, "which is seen first");
        (void)merkle_is_consistent(&p.since.root, &p.head.root, &p.consistency);
        claim(audit_proof_check_head(&p, &p.head, &trust, &err) < 0, "nor any head");
    } else {
        claim(err.code[0] != '\0', "a refusal has a code");
    }
    audit_proof_clear(&p);
    return 0;
}
