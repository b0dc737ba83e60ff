"""The index of docs/rulesets/lint, out of the table of codes."""  # noqa: INP001

from pathlib import Path

from rules.lint.codes import CODES, Severity

PAGE = Path(__file__).parent / "rulesets" / "lint" / "README.md"
HEAD = """\
# 规则集检查的编码

*由 `rules/lint/codes.py` 经 `python -m docs.generate` 生成，请勿手改。*

`linli rules lint` 给出的每个问题都有一个编码，这里一个编码一页：为什么要紧，错误的写法，正确的写法。
`linli rules codes 编码` 打印同样的内容。例子里没有写的部分见 [base.yaml](base.yaml)；测试会真的检查每个例子。

错误不改完，版本不能生效；提醒会显示，不影响生效。

"""


def page() -> str:
    """docs/rulesets/lint/README.md as it ought to be."""
    rows = ["| 编码 | 名称 | | 为什么 |", "| --- | --- | --- | --- |"]
    for code in CODES.values():
        grave = "提醒" if code.severity is Severity.WARNING else "错误"
        rows.append(f"| [{code.code}]({code.code}.md) | {code.title} | {grave} | {code.why} |")
    return HEAD + "\n".join(rows) + "\n"
