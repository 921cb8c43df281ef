"""How often a query finds its mail by the vectors alone: evaluate.py TABLE [-v]. The set is tuning/mails.tsv."""

import struct
import sys
from pathlib import Path

import numpy as np

from subwords import BUCKETS, buckets
from words import stems


class Model:
    """The table as BuiltInEmbedding.cs uses it."""

    def __init__(self, path):
        data = Path(path).read_bytes()
        self.dimensions, count, pieces, slots, letters = struct.unpack_from("<5I", data, 16)
        at = 40 + 2 * slots
        ends = np.frombuffer(data, "<u4", count, at)
        at += 4 * count
        text = data[at:at + letters].decode("ascii")
        self.number = {text[start:end]: word for word, (start, end) in enumerate(zip([0, *ends[:-1]], ends))}
        at += (letters + 3) // 4 * 4
        scales = np.frombuffer(data, "<f4", count + pieces, at)
        at += 4 * (count + pieces)
        rows = np.frombuffer(data, np.int8, (count + pieces) * self.dimensions, at).reshape(count + pieces, -1)
        self.rows, self.pieces = np.split(rows * scales[:, None], [count])
        assert pieces == BUCKETS

    def meant(self, word):
        """SlipOfTheKeyboard.cs: two letters swapped, one too many, one of a pair left out."""
        if len(word) < 5:
            return None
        inner = range(1, len(word))
        tries = [word[:at] + word[at + 1] + word[at] + word[at + 2:] for at in inner[:-1]]
        tries += [word[:at] + word[at + 1:] for at in inner]
        tries += [word[:at] + word[at] + word[at:] for at in inner]
        return next((self.number[other] for other in tries if other in self.number), None)

    def embed(self, text):
        total = np.zeros(self.dimensions, np.float32)
        for word in stems(text):
            if word in self.number:
                total += self.rows[self.number[word]]
            elif (meant := self.meant(word)) is not None:
                total += self.rows[meant]
            elif len(word) >= 4:
                total += self.pieces[buckets(word)].mean(axis=0)
        length = np.linalg.norm(total)
        return np.round(127 * total / length) if length else total


def ranks(model, pairs):
    mails = np.stack([model.embed(mail) for _, mail in pairs])
    found = []
    for at, (query, _) in enumerate(pairs):
        scores = mails @ model.embed(query)
        found.append((int((scores > scores[at]).sum()) + 1, query, int(scores.argmax())))
    return found


def read_pairs(path):
    lines = path.read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]


def main(table, *flags):
    model = Model(table)
    for path in sorted((Path(__file__).parent / "tuning").glob("*.tsv")):
        pairs = read_pairs(path)
        found = ranks(model, pairs)
        numbers = np.array([rank for rank, _, _ in found])
        print(f"{path.stem}: {len(pairs)} queries  hit@1 {(numbers == 1).mean():.3f}  hit@5 {(numbers <= 5).mean():.3f}"
              f"  mean reciprocal rank {(1 / numbers).mean():.3f}")
        if "-v" in flags:
            for rank, query, best in found:
                if rank > 1:
                    print(f"  {rank:3}  {query}  ->  {pairs[best][1][:70]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
