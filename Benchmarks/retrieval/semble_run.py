#!/usr/bin/env python3
"""The benchmark's questions through semble 0.7, in the form that evaluate.py reads.

PYTHON semble_run.py CACHE QUERIES OUT, where PYTHON is an environment with semble installed.

Its embedding model comes from the network at run time; without it there is its BM25 with all of its ranking for code
(alpha = 0). So this is what semble finds where nothing may be fetched.
"""
import json
import sys
from pathlib import Path

import numpy as np
import semble.index.create as create
from semble.search import search
from semble.types import ContentType


class Model:
    dim = 256

    def encode(self, texts):
        return np.ones((len(texts), self.dim), dtype=np.float32)


def main():
    cache, queries, out = map(Path, sys.argv[1:4])
    create.embed_chunks = lambda model, chunks: np.ones((len(chunks), model.dim), dtype=np.float32)
    questions = [json.loads(line) for line in queries.read_text(encoding="utf-8").splitlines()]
    with open(out, "w", encoding="utf-8") as file:
        for corpus in sorted({question["corpus"] for question in questions}):
            root = (cache / corpus).resolve()
            bm25, dense, chunks, _ = create.create_index_from_path(
                root, Model(), content=tuple(ContentType), display_root=root)
            for question in (question for question in questions if question["corpus"] == corpus):
                results = search(question["query"], Model(), dense, bm25, chunks, 50, alpha=0.0)
                file.write(json.dumps({"id": question["id"], "results": [
                    {"path": str(r.chunk.file_path), "start": r.chunk.start_line, "end": r.chunk.end_line,
                     "score": float(r.score)} for r in results]}) + "\n")


if __name__ == "__main__":
    main()
