"""Writes the sample that shows training and program to read the same words: write_stems.py > .../Embeddings/stems.tsv"""

from pathlib import Path

from words import stems

ODD = [
    "Can't, won't, shan't; doesn't! It's what we've said: I'm late, they're not, he'd go, you'll see",
    "It’s the customer’s café; Zoë's façade, Łódź, Straße, ﬁne, ＡＢＣ, n't, x't, O'Brien's six o'clock",
    "see https://example.com/a/b?c=d, <http://example.org>more, www.example.com and mailto:kim@example.com",
    "B2B 2nd 10am A-17 re\u00adfund par\u200bcel cafe\u0301 yyy syzygy eed ies ying",
    "x" * 70 + " end",
]

if __name__ == "__main__":
    mails = (Path(__file__).parent / "tuning" / "mails.tsv").read_text("utf-8").splitlines()
    for line in ODD + [line.replace("\t", " ") for line in mails if not line.startswith("#")]:
        print(line, " ".join(stems(line)), sep="\t")
