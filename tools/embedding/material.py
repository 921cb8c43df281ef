"""Reads English text out of the documentation and dictionaries that fetch.sh has unpacked."""

import gzip
import html
import re
from pathlib import Path

from words import stems

# Where each package keeps its English, and how many pages of it are read at most: no single manual may rule the words.
PAGES = [
    ("usr/share/doc/anarchism/html", "*.html", 80),
    ("usr/share/doc/debian/FAQ", "*.en.html", 60),
    ("usr/share/doc/debian-handbook/html/en-US", "*.html", 200),
    ("usr/share/developers-reference", "*.html", 30),
    ("usr/share/help/C", "**/*.page", 1200),
    ("usr/share/help/C", "**/*.docbook", 60),
    ("usr/share/help/C", "**/*.xml", 120),
    ("usr/share/doc/homebank-data/help", "*.html", 80),
    ("usr/share/doc/rt5-doc-html", "**/*.html", 120),
    ("usr/share/libreoffice/help/en-US/text", "**/*.html", 1200),
]

_BLOCK = re.compile(r"<(h[1-6]|title|p|para|dd)\b[^>]*>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_LONGEST_PAGE = 600_000


def sections(root):
    """Yields (heading, paragraphs) in words, section by section, of all pages."""
    for folder, pattern, most in PAGES:
        pages = sorted(path for path in (Path(root) / folder).glob(pattern) if path.is_file())
        for path in pages[:: max(1, len(pages) // most)]:
            yield from _page_sections(path.read_text("utf-8", "replace")[:_LONGEST_PAGE])


def _page_sections(page):
    heading, paragraphs = [], []
    for kind, body in _BLOCK.findall(page):
        text = html.unescape(_TAG.sub(" ", body))
        if kind.lower() in ("p", "para", "dd"):
            sentences = [found for found in map(stems, _SENTENCE_END.split(text)) if found]
            if sentences:
                paragraphs.append(sentences)
            continue
        if paragraphs:
            yield heading, paragraphs
        heading, paragraphs = stems(text), []
    if paragraphs:
        yield heading, paragraphs


def wordnet(root):
    """Yields (words of a synset, definition, examples)."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in (Path(root) / "usr/share/wordnet" / f"data.{part}").open(encoding="latin-1"):
            if line.startswith("  "):
                continue
            fields, gloss = line.split(" | ", 1)
            fields = fields.split(" ")
            names = [fields[4 + 2 * at].replace("_", " ") for at in range(int(fields[3], 16))]
            examples = re.findall(r'"([^"]+)"', gloss)
            definition = stems(gloss.split('"')[0])
            yield [stems(re.sub(r"\(.*?\)", "", name)) for name in names], definition, [stems(example) for example in examples]


def thesaurus(root):
    """Yields (word, words of like meaning)."""
    lines = (Path(root) / "usr/share/mythes/th_en_US_v2.dat").open(encoding="utf-8", errors="replace")
    next(lines)
    for line in lines:
        entry, _, count = line.rstrip("\n").partition("|")
        for _ in range(int(count)):
            meaning = next(lines).rstrip("\n").split("|")[1:]
            like = [stems(word) for word in meaning if "(antonym)" not in word]
            yield stems(entry), [word for word in (like[:12]) if word]


def dictionary(root, name):
    """Yields (headword, definition) of a dictionary in dictd's form: a line at the margin, then lines set in."""
    with gzip.open(Path(root) / "usr/share/dictd" / f"{name}.dict.dz", "rt", encoding="utf-8", errors="replace") as lines:
        head, body = None, []
        for line in lines:
            if line[:1].strip():
                if head and body:
                    yield head, stems(_plain("".join(body)))
                head, body = stems(_plain(line.split("\\")[0])), []
            elif head:
                body.append(line)
        if head and body:
            yield head, stems(_plain("".join(body)))


def _plain(text):
    return re.sub(r"\[[^\]]*\]|<[^>]*>|[{}]", " ", text)
