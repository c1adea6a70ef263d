"""Who may call a hand-written SQL function: said where it is created, compared by ``check_domains``."""

from __future__ import annotations

from collections.abc import Iterator

from shared.domains.access import TENANT_ROWS
from shared.domains.registry import OPERATOR_ROLE, domains
from shared.domains.roles import logins


def callers(function: str, *, lookup: bool, private: bool = False) -> set[str]:
    """Roles that may call a function: whoever writes its schema, or, for a look-up, the bare logins alone; nobody but other
    functions of the owner's when it is ``private``.

    A look-up sees every tenant. Once a session has taken on a role, who is asking is known, and no code that acts for
    a domain needs it.
    """
    if private:
        return set()
    if lookup:
        return {login.name for login in logins()}
    schema, _, _ = function.partition(".")
    return {role for role, verbs in TENANT_ROWS.grants(schema).items() if "INSERT" in verbs}


def function_access_sql(function: str, *, lookup: bool, private: bool = False) -> Iterator[str]:
    """Statements that open a function to its callers and to nobody else, whatever was granted before."""
    may_call = callers(function, lookup=lookup, private=private)
    known = {*(d.role for d in domains()), OPERATOR_ROLE, *(login.name for login in logins())}
    yield f"REVOKE ALL ON FUNCTION {function} FROM {', '.join(['PUBLIC', *sorted(known - may_call)])}"
    if may_call:
        yield f"GRANT EXECUTE ON FUNCTION {function} TO {', '.join(sorted(may_call))}"
