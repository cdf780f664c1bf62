"""Time in the service of each page, next to the operations of the API whose answers it shows, in the same run.

    guildmap demo                                                   # in another terminal
    python -m tests.bench.pages_http [--address http://127.0.0.1:8410] [--person ines-carvalho] [--requests 50]

Page and operations are asked for in turn, one client, one connection; of a page that shows several operations their
times are summed. Printed are medians and 95th percentiles in milliseconds, the ratio of the latter, and the size.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx

Asked = tuple[str, str, Any]

QUESTION = "How do we measure what icing on the blades costs us in production over a winter?"
COMMUNITY = "production-forecasting"


def pages(person: str) -> dict[str, Sequence[Asked]]:
    """Address to the operations beneath."""
    base = f"/v1/communities/{COMMUNITY}"
    joins = ("POST", "/v1/recommendations/communities", {"person_id": person, "limit": 6, "what_if": True})
    asked = {"text": QUESTION}
    return {
        "/": [("GET", "/v1/search?limit=12", None)],
        "/?text=cables": [("GET", "/v1/search?text=cables&limit=12", None)],
        "/find": [joins],
        f"/ask?text={QUESTION}": [
            ("POST", "/v1/recommendations/answers", asked),
            ("POST", "/v1/recommendations/helpers", asked),
            ("POST", "/v1/recommendations/outside-experts", asked),
        ],
        "/requests": [("GET", f"/v1/requests?person_id={person}", None), ("GET", "/v1/requests/due", None)],
        f"/communities/{COMMUNITY}": [
            ("GET", base, None), ("GET", f"{base}/charter", None), ("GET", f"{base}/meetings", None),
            ("GET", f"{base}/artifacts", None), ("GET", f"{base}/neighbours", None),
        ],
        f"/communities/{COMMUNITY}/people": [
            ("GET", base, None), ("GET", f"{base}/members?limit=120", None), ("GET", f"{base}/sponsorship", None),
        ],
        f"/communities/{COMMUNITY}/vitality": [("GET", base, None), ("GET", f"{base}/vitality", None)],
        "/me": [("GET", f"/v1/people/{person}", None), ("GET", f"/v1/people/{person}/data", None)],
        "/audit": [("GET", "/v1/audit/findings?limit=50", None)],
        "/proposals": [("GET", "/v1/formation/queue", None)],
    }  # fmt: skip


def timed(ask: Callable[[], httpx.Response]) -> tuple[float, int]:
    began = time.perf_counter()
    answer = ask()
    took = time.perf_counter() - began
    answer.raise_for_status()
    return took * 1000, len(answer.content)


def p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[18]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", default="http://127.0.0.1:8410")
    parser.add_argument("--person", default="ines-carvalho")
    parser.add_argument("--requests", type=int, default=50)
    asked = parser.parse_args()
    print(f"{'page':44}{'p50':>8}{'p95':>8}{'API p50':>9}{'API p95':>9}{'ratio':>7}{'bytes':>9}")
    with httpx.Client(base_url=asked.address, headers={"Guildmap-Person": asked.person}, timeout=30) as client:
        for path, beneath in pages(asked.person).items():
            shown: list[float] = []
            answered: list[float] = []
            size = 0
            for number in range(asked.requests + 3):
                one, size = timed(lambda path=path: client.get(path))
                rest = sum(timed(lambda one=one: client.request(one[0], one[1], json=one[2]))[0] for one in beneath)
                if number >= 3:  # templates are compiled by then, and both ways have been gone
                    shown.append(one)
                    answered.append(rest)
            ratio = p95(shown) / p95(answered)
            print(
                f"{path[:42]:44}{statistics.median(shown):>8.1f}{p95(shown):>8.1f}"
                f"{statistics.median(answered):>9.1f}{p95(answered):>9.1f}{ratio:>7.2f}{size:>9,}"
            )


if __name__ == "__main__":
    main()
