"""The process apart: one question a line on stdin, one answer a line on stdout; it has no database and no secrets."""

import json
import resource
import sys

from web.workbench import tasks

MOST_MEMORY = 2 * 1024**3  # bytes


def serve() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever prints does not spoil an answer
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        question = json.loads(line)
        answer = getattr(tasks, question["task"])(**question["given"])
        answers.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
