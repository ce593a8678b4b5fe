#!/usr/bin/env python3
"""Compares token counting with tiktoken: the same ids, and the time of both, in turns on one core.

    python3 -m venv venv && venv/bin/pip install tiktoken
    swift build -c release --package-path Benchmarks --product token-run
    venv/bin/python Benchmarks/tokens/compare.py FOLDER… --vocabularies FOLDER [--megabytes 10] [--random 20000]

The text is mixed: files of the folders (drawn evenly, always the same), texts in scripts of many characters, emoji,
base64, figures, long runs of a letter or of blanks. Not timed but compared are all characters of Unicode, and random
texts of characters chosen to meet in every way the expressions tell apart. The folder of vocabularies holds
o200k_base.tiktoken and cl100k_base.tiktoken, as published or with .gz. Exits with 1 when an id differs, or when counting
is less than twice as fast.
"""
import argparse
import array
import base64
import gzip
import hashlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

import tiktoken
import tiktoken_ext.openai_public as public

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = os.path.join(HERE, "..", ".build", "release", "token-run")
ENCODINGS = ["o200k_base", "cl100k_base"]


def load(folder):
    """tiktoken's encodings with vocabularies from a folder instead of the network; it checks their hashes here too."""
    def ranks(url, expected_hash):
        path = os.path.join(folder, url.rsplit("/", 1)[-1])
        data = open(path, "rb").read() if os.path.exists(path) else gzip.open(path + ".gz").read()
        assert hashlib.sha256(data).hexdigest() == expected_hash, path
        return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, data.splitlines())}
    public.load_tiktoken_bpe = ranks
    return {name: tiktoken.Encoding(**getattr(public, name)()) for name in ENCODINGS}


def files(folders, size, generator):
    """Texts of whole files, up to a size together."""
    paths = []
    for folder in folders:
        for base, directories, names in os.walk(folder):
            directories[:] = sorted(d for d in directories if d not in {".git", "node_modules", ".build"})
            paths += [os.path.join(base, name) for name in sorted(names)]
    generator.shuffle(paths)
    for path in paths:
        if size <= 0:
            break
        if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > 200_000:
            continue
        try:
            text = open(path, encoding="utf-8", newline="").read()
        except UnicodeDecodeError:
            continue
        size -= len(text.encode())
        yield text


def written(first, last, size, generator, ends="。、，！\n"):
    """Text in a script: characters of a range, few of them often, in sentences."""
    characters, parts = range(first, last + 1), []
    while sum(map(len, parts)) < size:
        length = min(int(generator.expovariate(0.08)) + 1, 60)
        parts.append("".join(chr(characters[int(len(characters) * generator.random() ** 3)]) for _ in range(length)))
        parts.append(generator.choice(ends))
    return "".join(parts)


def mixed(folders, megabytes, generator):
    size = int(megabytes * 1e6)
    texts = list(files(folders, int(size * 0.75), generator))
    if sum(len(text.encode()) for text in texts) < size * 0.65:
        sys.exit("the folders hold too little text")
    for first, last, ends in [(0x4E00, 0x9FA5, "。、，！\n"), (0x3041, 0x3096, "。、 \n"), (0xAC00, 0xD7A3, " .\n"),
                              (0x430, 0x44F, " , "), (0x621, 0x64A, " ،\n"), (0x905, 0x939, " ।\n"),
                              (0x1F300, 0x1F64F, " \n")]:
        texts.append(written(first, last, size // 150, generator, ends))
    blob = base64.b64encode(generator.randbytes(size // 40)).decode()
    texts += [blob, "\n".join(blob[i:i + 76] for i in range(0, len(blob) // 2, 76)), blob[:size // 80].encode().hex()]
    texts += ["a" * 20_000, " " * 20_000, "-" * 20_000, "\n" * 20_000, "ab" * 10_000, "x " * 20_000, "日" * 10_000]
    texts.append(" ".join(str(generator.randrange(10 ** generator.randrange(1, 12))) for _ in range(size // 100)))
    return texts


def all_characters():
    """Every character, alone and after a letter and a blank, in texts of 256."""
    for start in range(0, 0x110000, 256):
        if not 0xD800 <= start < 0xE000:
            points = map(chr, range(start, start + 256))
            yield "".join(point + "x" + point + " " + point for point in points)


def adversarial(count, generator):
    """Short random texts of what the expressions tell apart."""
    alphabet = list("aAzZbB0 9  '''\n\r\t/.-_!\"stmdSTMDlrveLRVE") + [
        "ſ", "K", "İ", "ı", "ǅ", "ʰ", "ª", "日", "あ", "é", "É", "\u0301", "\u0903", "\u20dd", "½", "٣", "Ⅷ", "\u00a0",
        "\u2003", "\u3000", "\u2028", "\u0085", "\x0b", "\x1c", "\u200b", "\u200d", "🙂", "👩‍👩‍👧", "€", "\0", "\ufffd",
        "\U000e0100", "\U00010400", "\U00010428", "'s", "'LL", "'Re", "'ſ", "\r\n", "//", "    ", "<|endoftext|>"]
    for _ in range(count):
        some = generator.sample(alphabet, generator.randint(1, 12))
        yield "".join(generator.choices(some, k=generator.randint(1, 30)))


class Tool:
    """token-run, which is told what to do line by line."""
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        return [int(word) for word in answer]


def store(texts, path):
    """The texts, each after its length in bytes."""
    with open(path, "wb") as file:
        for text in texts:
            data = text.encode()
            file.write(len(data).to_bytes(8, "little") + data)


def compare(tool, encoder, name, texts, folder):
    """How many ids there are; exits at the first text whose ids differ."""
    source, target = os.path.join(folder, "texts"), os.path.join(folder, "ids")
    store(texts, source)
    tool.ask("encode", name, source, target)
    ids = array.array("i", open(target, "rb").read())
    counts = tool.ask("counts", name, source)
    place = 0
    for text, count in zip(texts, counts, strict=True):
        expected = encoder.encode_ordinary(text)
        found = ids[place + 1:place + 1 + ids[place]].tolist()
        if expected != found or len(expected) != count:
            sys.exit(f"{name} differs on {text[:200]!r}: {expected[:40]}, not {found[:40]}, counted {count}")
        place += 1 + len(found)
    assert place == len(ids)
    return place - len(texts)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--vocabularies", required=True)
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--random", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tool", default=TOOL)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    generator = random.Random(arguments.seed)
    encoders = load(arguments.vocabularies)
    texts = mixed(arguments.folders, arguments.megabytes, generator)
    size = sum(len(text.encode()) for text in texts)
    odd = list(all_characters()) + list(adversarial(arguments.random, generator))
    tool = Tool(arguments.tool)
    slow = False
    with tempfile.TemporaryDirectory() as folder:
        print(f"{len(texts)} texts, {size:,} bytes; besides {len(odd):,} odd ones")
        for name, encoder in encoders.items():
            count = compare(tool, encoder, name, texts, folder)
            compare(tool, encoder, name, odd, folder)
            print(f"{name}: the same {count:,} ids, and those of the odd texts")
            source = os.path.join(folder, "texts")
            store(texts, source)
            theirs, ours, encoding = [], [], []
            for _ in range(arguments.rounds):
                start = time.process_time()
                for text in texts:
                    encoder.encode_ordinary(text)
                theirs.append(time.process_time() - start)
                ours.append(tool.ask("time", name, source)[0] / 1e9)
                encoding.append(tool.ask("time-encode", name, source)[0] / 1e9)
            for what, times in [("tiktoken encode_ordinary", theirs), ("counting", ours), ("encoding", encoding)]:
                middle = statistics.median(times)
                print(f"  {what}: {middle * 1e3:.0f} ms ({min(times) * 1e3:.0f}–{max(times) * 1e3:.0f}), "
                      f"{size / middle / 1e6:.1f} MB/s, {statistics.median(theirs) / middle:.1f} times as fast")
            slow = slow or statistics.median(ours) * 2 > statistics.median(theirs)
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
