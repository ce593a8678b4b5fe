#!/usr/bin/env python3
"""Packs the byte-pair vocabularies and the classes of characters into Sources/CEmbeddedData/data/vocabularies.bin.

    python3 -m venv venv && venv/bin/pip install tiktoken==0.14.0
    venv/bin/python scripts/pack-vocabularies.py FOLDER [--check]

FOLDER holds o200k_base.tiktoken and cl100k_base.tiktoken as they are published, or with .gz. With --check the file is
compared with what would be written instead.

What is packed is not the tokens but how they are merged. Whenever two neighbours become a token, what stands between
its ends has been merged as if it stood alone; so each token is made of one pair only, the last that is left when its
bytes are encoded (that all tokens can be reached so is checked here). A pair is a key of 36 bits and the token one of 18,
together a word. A perfect hash places the words: a pilot for each bucket of keys decides where they go, so that a look
at one slot tells whether a pair is one.

The layout, little-endian, sections at multiples of 64 bytes:
  header    8 bytes "BYTEPAIR", u32 version, u32 encodings, u32 offset of the class index, u32 offset of the class blocks
  encoding  u32 tokens, u32 slots, u32 pilots, then u32 offsets of slots, pilots and the tokens of the 256 bytes; unused
            u32 × 2 (one for each encoding, from byte 32: o200k_base, cl100k_base)
  slots     u64: left << 36 | right << 18 | token; all bits set where none is
  pilots    u16 a bucket
  bytes     u32 × 256
  classes   u8 × 4,352: which block the 256 characters of a number belong to; then the blocks, u8 × 256 each
"""
import argparse
import base64
import gzip
import hashlib
import os
import struct
import sys

import tiktoken

TARGET = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Sources/CEmbeddedData/data/vocabularies.bin")
VOCABULARIES = [
    ("o200k_base", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
    ("cl100k_base", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
]
# How full the table is, and how many keys share a pilot.
LOAD, BUCKET = 0.97, 4.0
MASK = (1 << 64) - 1

# As in BytePairs.h.
CLASSES = [(r"[\p{Lu}\p{Lt}]", 1), (r"\p{Ll}", 2), (r"[\p{Lm}\p{Lo}]", 4), (r"\p{M}", 8), (r"\p{N}", 16),
           (r"[^\S\r\n]", 32), (r"[\r\n]", 64)]
OTHER = 128


def read(folder, name, digest):
    path = os.path.join(folder, name + ".tiktoken")
    data = open(path, "rb").read() if os.path.exists(path) else gzip.open(path + ".gz").read()
    if hashlib.sha256(data).hexdigest() != digest:
        sys.exit(f"{path} is not the published vocabulary")
    ranks = {}
    for line in data.splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    if sorted(ranks.values()) != list(range(len(ranks))) or len(ranks) >= 1 << 18:
        sys.exit(f"{path}: ranks are not consecutive or too many")
    return ranks


def pairs(ranks):
    """The pair that each token is made of."""
    result = {}
    for token, rank in ranks.items():
        if len(token) == 1:
            continue
        parts = [bytes([byte]) for byte in token]
        while len(parts) > 2:
            best, place = min((ranks.get(parts[i] + parts[i + 1], MASK), i) for i in range(len(parts) - 1))
            if best >= rank:
                sys.exit(f"token {rank} cannot be reached by merging")
            parts[place:place + 2] = [parts[place] + parts[place + 1]]
        result[ranks[parts[0]] << 18 | ranks[parts[1]]] = rank
    if len(result) != len(ranks) - 256:
        sys.exit("two tokens are made of one pair")
    return result


def mixed(key):
    """As `mixed` in BytePairs.c."""
    value = key * 0x9E3779B97F4A7C15 & MASK
    value ^= value >> 29
    return value * 0xBF58476D1CE4E5B9 & MASK


def place(low, pilot, slots):
    value = (low ^ pilot * 0x9E3779B1 & 0xFFFFFFFF) * 0x85EBCA6B & 0xFFFFFFFF
    return value * slots >> 32


def table(merges):
    slots, pilots = int(len(merges) / LOAD), int(len(merges) / BUCKET)
    buckets = [[] for _ in range(pilots)]
    for key in merges:
        value = mixed(key)
        buckets[(value >> 32) * pilots >> 32].append((value & 0xFFFFFFFF, key))
    words, chosen = [MASK] * slots, [0] * pilots
    for number in sorted(range(pilots), key=lambda number: -len(buckets[number])):
        bucket = buckets[number]
        for pilot in range(1 << 16):
            places = [place(low, pilot, slots) for low, _ in bucket]
            if all(words[p] == MASK for p in places) and len(set(places)) == len(places):
                break
        else:
            sys.exit("a bucket of keys cannot be placed: change LOAD or BUCKET")
        chosen[number] = pilot
        for p, (_, key) in zip(places, bucket):
            words[p] = key << 18 | merges[key]
    return words, chosen


def classes():
    """The class of each character, by the regular expressions' own tables: what an expression does not match, the
    encoder leaves out."""
    result = bytearray([OTHER]) * 0x110000
    points = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    text = "".join(map(chr, points))
    for expression, value in CLASSES:
        encoder = tiktoken.Encoding("class", pat_str=expression, mergeable_ranks={bytes([b]): b for b in range(256)},
                                    special_tokens={})
        for character in bytes(encoder.encode_ordinary(text)).decode():
            if result[ord(character)] != OTHER:
                sys.exit(f"U+{ord(character):04X} is of two classes")
            result[ord(character)] = value
    index, blocks = bytearray(), {}
    for start in range(0, 0x110000, 256):
        index.append(blocks.setdefault(bytes(result[start:start + 256]), len(blocks)))
    return bytes(index), b"".join(blocks)


def packed(folder):
    data = bytearray(256)

    def section(content):
        data.extend(bytes(-len(data) % 64))
        data.extend(content)
        return len(data) - len(content)

    headers = []
    for name, digest in VOCABULARIES:
        ranks = read(folder, name, digest)
        words, pilots = table(pairs(ranks))
        headers.append(struct.pack(
            "<8I", len(ranks), len(words), len(pilots), section(struct.pack(f"<{len(words)}Q", *words)),
            section(struct.pack(f"<{len(pilots)}H", *pilots)),
            section(struct.pack("<256I", *(ranks[bytes([byte])] for byte in range(256)))), 0, 0))
    index, blocks = classes()
    data[:24] = struct.pack("<8s4I", b"BYTEPAIR", 1, len(headers), section(index), section(blocks))
    data[32:32 + 32 * len(headers)] = b"".join(headers)
    data.extend(bytes(-len(data) % 64))
    return bytes(data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    data = packed(arguments.folder)
    if arguments.check:
        sys.exit(0 if open(TARGET, "rb").read() == data else "the file differs")
    with open(TARGET, "wb") as file:
        file.write(data)
    print(f"{len(data):,} bytes")


if __name__ == "__main__":
    main()
