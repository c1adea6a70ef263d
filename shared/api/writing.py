"""One write: claim the idempotency key, run the service, read back, keep the answer; slow work only afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.response import Response

from shared.api.idempotency.store import Answer, Claim, claim_or_find, keep, read_claim, wait_for_final
from shared.api.units import carry_out

if TYPE_CHECKING:
    from shared.api.views import ApiView

log = logging.getLogger("trellis.api")


@dataclass
class Written:
    """What a write answers."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    record: Any = None


def answer_write(view: ApiView, request: Request, work: Callable[[], Written]) -> Response:
    """Run ``work`` in one unit, together with the idempotency key of a POST, and answer.

    Whatever ``work`` raises rolls all of it back, so a refusal releases the key.
    """
    claim = read_claim(request, view.caller)
    complete = getattr(view, "complete_answer", None) if request.method == "POST" else None

    def effect() -> Written | Answer:
        if claim is not None:
            kept = claim_or_find(claim)
            if kept is not None:
                return kept
        written = work()
        if claim is not None:
            final = complete is None or written.record is None
            keep(claim, Answer(written.status, written.body, written.headers, final=final))
        return written

    result = carry_out(view.unit, effect)
    if isinstance(result, Answer):
        assert claim is not None
        return _replay(view, claim, result)
    if complete is not None and result.record is not None:
        result.body = _completed(view, claim, complete, result)
    return Response(result.body, status=result.status, headers=result.headers)


def _completed(view: ApiView, claim: Claim | None, complete: Callable[..., Any], written: Written) -> Any:
    try:
        body = complete(written.record, written.body)
    except Exception:  # the effect is committed: the caller must learn of it, whatever happens here
        log.exception("The answer could not be completed; it is given as it was composed")
        body = written.body
    if claim is not None:
        with view.unit():
            keep(claim, Answer(written.status, body, written.headers))
    return body


def _replay(view: ApiView, claim: Claim, answer: Answer) -> Response:
    if not answer.final:
        answer = wait_for_final(claim, view.unit, answer)
    headers = {**answer.headers, "Idempotency-Replayed": "true"}
    return Response(answer.body, status=answer.status, headers=headers)
