"""Fetches the code on which the chunker is compared with tree-sitter.

    python3 Benchmarks/chunking/corpus.py FOLDER --mirror DEBIAN --index PYTHON [--part tuning] [--language swift]

`corpus.tsv` names each archive with its SHA-256: part, languages, package, the folders of the archive that count, path,
hash. Paths are those of Debian's archive, which DEBIAN is the address of a mirror of, or `python:NAME/FILE`, found in the
package index PYTHON (its "simple" address). What is not given is left out. The parts share no project with each other in a language. Code of the part `tuning` may be looked
at when the scanner is changed; `heldout` is for the figures that are published. Files go to FOLDER/PART/LANGUAGE/PACKAGE.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import random
import re
import tarfile
import urllib.request
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_FILES, MAX_BYTES = 150, 400_000
ENDINGS = {
    "swift": r"\.swift", "python": r"\.py", "javascript": r"\.(js|mjs|cjs)", "typescript": r"\.ts",
    "typescriptreact": r"\.tsx", "go": r"\.go", "rust": r"\.rs", "java": r"\.java", "kotlin": r"\.kts?",
    "scala": r"\.(scala|sc)", "c": r"\.(c|h)", "cpp": r"\.(cc|cpp|hpp|cxx|hh|h)", "csharp": r"\.cs",
    "objective-c": r"\.(m|h)", "ruby": r"\.rb", "php": r"\.php", "lua": r"\.lua", "shellscript": r"\.(sh|bash)",
    "elixir": r"\.exs?", "haskell": r"\.hs", "julia": r"\.jl", "ocaml": r"\.mli?", "zig": r"\.zig",
    "erlang": r"\.[eh]rl", "perl": r"\.(pl|pm|t)", "r": r"\.[Rr]", "dart": r"\.dart", "sql": r"\.sql",
    "vim": r"\.vim", "css": r"\.css", "scss": r"\.scss", "less": r"\.less", "dockerfile": r"(^|/)Dockerfile[^/]*",
    "makefile": r"((^|/)(GNU)?[Mm]akefile|\.mk)", "cmake": r"((^|/)CMakeLists\.txt|\.cmake)", "terraform": r"\.tf",
    "proto": r"\.proto", "graphql": r"\.(graphql|gql)",
}
# What was made by a program, or squeezed by one, is nobody's code.
LEFT_OUT = re.compile(r"(\.min\.|\.bundle\.|/node_modules/|/dist/|/vendor/.*\.js$|_pb2\.py$|\.pb\.go$)")


def rows():
    with open(os.path.join(HERE, "corpus.tsv"), encoding="utf-8") as file:
        for line in file:
            part, languages, package, under, path, digest = line.rstrip("\n").split("\t")
            yield part, languages.split(","), package, under.split(",") if under != "-" else [""], path, digest


def address_of(path, mirror, index):
    """Where the archive is, or None if nobody said."""
    if not path.startswith("python:"):
        return f"{mirror.rstrip('/')}/{path}" if mirror else None
    if not index:
        return None
    name, file = path[len("python:"):].split("/")
    request = urllib.request.Request(
        f"{index.rstrip('/')}/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return next((entry["url"] for entry in json.load(reply)["files"] if entry["filename"] == file), None)


def fetch(folder, path, digest, mirror, index):
    """The archive's file, or None if it cannot be had as it was."""
    target = os.path.join(folder, digest[:12] + "-" + os.path.basename(path))
    if os.path.exists(target):
        return target
    try:
        address = address_of(path, mirror, index)
        if address is None:
            print(f"{path}: left out")
            return None
        with urllib.request.urlopen(address, timeout=300) as reply:
            data = reply.read()
    except OSError as error:
        print(f"{path}: {error}")
        return None
    if hashlib.sha256(data).hexdigest() != digest:
        print(f"{path}: is not what it was")
        return None
    with open(target + ".part", "wb") as file:
        file.write(data)
    os.rename(target + ".part", target)
    return target


def entries(path):
    """Name, size and a function for the bytes of every file in an archive."""
    if path.endswith((".whl", ".zip")):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                yield entry.filename, entry.file_size, lambda entry=entry: archive.read(entry)
        return
    with tarfile.open(path) as archive:
        for entry in archive:
            if entry.isfile():
                yield entry.name, entry.size, lambda entry=entry: archive.extractfile(entry).read()


def extract(folder, row, path, wanted):
    part, languages, package, under, _, _ = row
    chosen = wanted if languages == ["*"] else [l for l in languages if l in wanted]
    patterns = {language: re.compile(ENDINGS[language] + "$") for language in chosen}
    found = collections.defaultdict(list)
    for name, size, _ in entries(path):
        inner = name.split("/", 1)[-1]
        if size >= MAX_BYTES or size == 0 or LEFT_OUT.search(name) or not inner.startswith(tuple(under)):
            continue
        home = next(u for u in under if inner.startswith(u))
        for language, pattern in patterns.items():
            if pattern.search(name):
                found[(language, home)].append(name)
    names = collections.defaultdict(set)
    for (language, _), files in found.items():
        files.sort()
        random.Random(7).shuffle(files)
        for name in files[:MAX_FILES]:
            names[name].add(language)
    for name, _, read in entries(path):
        for language in names.get(name, ()):
            target = os.path.join(folder, part, language, package, name.replace("..", "_").lstrip("/"))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(read())


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder")
    arguments.add_argument("--mirror")
    arguments.add_argument("--index")
    arguments.add_argument("--part", action="append")
    arguments.add_argument("--language", action="append")
    options = arguments.parse_args()
    wanted = options.language or list(ENDINGS)
    chosen = [r for r in rows() if (not options.part or r[0] in options.part)
              and (r[1] == ["*"] or set(r[1]) & set(wanted))]
    archives = os.path.join(options.folder, "archives")
    os.makedirs(archives, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        pairs = {(r[4], r[5]) for r in chosen}
        paths = dict(zip(pairs, pool.map(lambda pair: fetch(archives, *pair, options.mirror, options.index), pairs)))
    for row in chosen:
        path = paths[(row[4], row[5])]
        if path:
            extract(options.folder, row, path, wanted)


if __name__ == "__main__":
    main()
