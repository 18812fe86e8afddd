"""Writes one file of generated data: the same values each time, so that it has to be made only once.

    python generate_data.py FOLDER NAME

The tables hold 20 normally distributed features and a label that a noisy linear rule gives; the texts
use words as often as a natural language does (the n-th most frequent one 1/n times as often as the first).
"""

import json
import os
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = 20
BLOCK_ROWS = 1_000_000
NOISE = 2.0

DOCUMENTS = 62_500  # 50 000 of them are the training rows
VOCABULARY = 50_000
WORDS = (20, 120)  # in a document
SENTENCE_WORDS = 14  # on average
TOPICS = ["culture", "economy", "sport"]
TOPIC_SHARE = 0.1  # of a document's words come from its topic's own order of the vocabulary


def table(block, classes):
    """A million rows; `block` chooses which."""
    rng = np.random.default_rng([block, 20])
    values = rng.standard_normal((BLOCK_ROWS, COLUMNS))
    weights = np.random.default_rng(1).standard_normal((COLUMNS, classes))
    if classes == 2:
        scores = values @ weights[:, 0]
        label = (scores + NOISE * rng.standard_normal(BLOCK_ROWS) > 0).astype(np.int64)
    else:
        noise = NOISE * rng.standard_normal((BLOCK_ROWS, classes))
        label = np.argmax(values @ weights + noise, axis=1)
    frame = pd.DataFrame(values, columns=[f"f{i}" for i in range(COLUMNS)])
    frame["label"] = label
    return frame


def write_parquet(path, blocks, classes=2):
    """A row group a block: never more than one is in memory."""
    writer = None
    for block in range(blocks):
        rows = pa.Table.from_pandas(table(block, classes), preserve_index=False)
        writer = writer or pq.ParquetWriter(path, rows.schema)
        writer.write_table(rows)
    writer.close()


def words(rng):
    """Distinct made-up words of two to five syllables."""
    consonants, vowels = list("bcdfghjklmnprstvwz"), list("aeiou")
    found = {}
    while len(found) < VOCABULARY:
        syllables = rng.integers(1, 5)
        found["".join(rng.choice(consonants) + rng.choice(vowels) for _ in range(syllables)) + rng.choice(consonants)] = None
    return np.array(list(found))


def texts():
    rng = np.random.default_rng(7)
    vocabulary = words(rng)
    cumulative = np.cumsum(1 / np.arange(1, VOCABULARY + 1))
    orders = [rng.permutation(VOCABULARY) for _ in TOPICS]
    topics = rng.integers(0, len(TOPICS), DOCUMENTS)
    records = []
    for topic in topics:
        count = rng.integers(WORDS[0], WORDS[1] + 1)
        ranks = np.searchsorted(cumulative, rng.random(count) * cumulative[-1])
        ranks = np.where(rng.random(count) < TOPIC_SHARE, orders[topic][ranks], ranks)
        starts = rng.random(count) < 1 / SENTENCE_WORDS
        starts[0] = True
        chosen = [word.capitalize() if start else word for word, start in zip(vocabulary[ranks], starts)]
        for i in range(1, count):
            if starts[i]:
                chosen[i - 1] += "."
        records.append({"text": " ".join(chosen) + ".", "label": TOPICS[topic]})
    return records


def write_texts(path):
    with open(path, "w") as file:
        json.dump(texts(), file)


MAKERS = {
    "rows-1m.csv": lambda path: table(0, 2).to_csv(path, index=False),
    "rows-1m.parquet": lambda path: write_parquet(path, 1),
    "rows-1m-3-classes.parquet": lambda path: write_parquet(path, 1, classes=3),
    "rows-10m.parquet": lambda path: write_parquet(path, 10),
    "texts.json": write_texts,
}


if __name__ == "__main__":
    folder, name = sys.argv[1:]
    target = os.path.join(folder, name)
    MAKERS[name](f"{target}.part")
    os.replace(f"{target}.part", target)
