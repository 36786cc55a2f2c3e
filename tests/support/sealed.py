# SPDX-License-Identifier: Apache-2.0
"""Opens what intake has sealed, with the keys that every test system has.

    for fact in sealed.texts(system): fact.number, fact.customer, fact.case, fact.texts["body"]
    sealed.persons(system)[customer]["phone"]

A second reader of services/intake/{keyring,sealing}.h: what is stored can be read by whoever has
the keys and knows the form.
"""

import ctypes
import ctypes.util
import functools
import struct
from collections import namedtuple

import sealed_pb2

from tests.support.system import MASTER_KEYS

NONCE, TAG = 24, 16
PERSON, TEXTS = 1, 2  # kinds of label
FIELDS = {1: "name", 2: "phone", 3: "email", 4: "birthday", 5: "address", 6: "language", 7: "time_zone"}

Fact = namedtuple("Fact", "number customer case texts")


@functools.cache
def sodium_library():
    return ctypes.CDLL(ctypes.util.find_library("sodium"))


def open_sealed(key, sealed, label):
    """The plain bytes, or None when it does not open."""
    sodium = sodium_library()
    plain = ctypes.create_string_buffer(len(sealed))
    length = ctypes.c_ulonglong()
    body = sealed[NONCE:]
    failed = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain, ctypes.byref(length), None, body, ctypes.c_ulonglong(len(body)),
        label, ctypes.c_ulonglong(len(label)), sealed[:NONCE], key)
    return None if failed else plain.raw[:length.value]


def masters():
    lines = (line.split() for line in MASTER_KEYS.splitlines())
    return {int(words[1]): bytes.fromhex(words[2]) for words in lines if words[0] == "master"}


def customer_keys(system):
    keys = {}
    rows = system.psql("SELECT number, key_generation, encode(wrapped_key, 'hex')"
                       " FROM intake.customer WHERE wrapped_key IS NOT NULL")
    for row in rows.split("\n") if rows else []:
        number, generation, wrapped = row.split("|")
        label = struct.pack("<qq", int(number), int(generation))
        keys[int(number)] = open_sealed(masters()[int(generation)], bytes.fromhex(wrapped), label)
        assert keys[int(number)], f"the key of customer {number} does not open"
    return keys


def rows_of(system, sql, kind):
    keys = customer_keys(system)
    rows = system.psql(sql)
    for row in rows.split("\n") if rows else []:
        number, customer, case, sealed = row.split("|")
        label = struct.pack("<Bqq", kind, int(number), int(customer))
        plain = open_sealed(keys[int(customer)], bytes.fromhex(sealed), label)
        assert plain is not None, f"row {number} of customer {customer} does not open"
        yield int(number), int(customer), int(case or 0), plain


def texts(system, where="true"):
    """Every fact that has texts."""
    found = []
    for number, customer, case, plain in rows_of(
            system, "SELECT number, customer_number, case_number, encode(sealed, 'hex')"
                    f" FROM intake.contact_text WHERE {where} ORDER BY number", TEXTS):
        message = sealed_pb2.FactTexts.FromString(plain)
        found.append(Fact(number, customer, case, {t.field: t.text for t in message.texts}))
    return found


def persons(system):
    """{customer: {field: text}}"""
    found = {}
    for _, customer, _, plain in rows_of(
            system, "SELECT customer_number, customer_number, NULL, encode(sealed, 'hex')"
                    " FROM intake.person", PERSON):
        message = sealed_pb2.Person.FromString(plain)
        found[customer] = {FIELDS[t.field]: t.text for t in message.texts}
    return found


def seal_to(public_key, plain):
    """As a process seals what it writes down for itself. public_key: 32 bytes."""
    sodium = sodium_library()
    box = ctypes.create_string_buffer(len(plain) + sodium.crypto_box_sealbytes())
    sodium.crypto_box_seal(box, plain, ctypes.c_ulonglong(len(plain)), public_key)
    return box.raw
