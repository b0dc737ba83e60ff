"""The index of docs/rulesets/words, out of the pages' own headings."""  # noqa: INP001

import re
from pathlib import Path

PAGES = Path(__file__).parent / "rulesets" / "words"
PAGE = PAGES / "README.md"
WORD = re.compile(r"`([a-z_]+)[^`]*`")
HEAD = """\
# 规则语言的词

*由各页的标题经 `python -m docs.generate` 生成，请勿手改。*

每个词一页或几个相关的词一页：是什么意思，一个错误的写法，一个正确的写法。例子里没有写的部分见
[base.yaml](../lint/base.yaml)；测试会真的检查每个例子。从头学起见 [第一个规则集](../tutorial.zh.md)。

| 词 | 页 |
| --- | --- |
"""


def headings() -> dict[Path, str]:
    """Each page with its heading."""
    found = {path: path.read_text(encoding="utf-8").partition("\n")[0] for path in sorted(PAGES.glob("*.md"))}
    return {path: heading.removeprefix("# ") for path, heading in found.items() if path != PAGE}


def words() -> dict[str, Path]:
    """Every word of the language with the page that teaches it."""
    return {word: path for path, heading in headings().items() for word in WORD.findall(heading)}


def page() -> str:
    """docs/rulesets/words/README.md as it ought to be."""
    told = headings()
    rows = (f"| `{word}` | [{told[path]}]({path.name}) |\n" for word, path in sorted(words().items()))
    return HEAD + "".join(rows)
