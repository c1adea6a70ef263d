"""What a new domain and its first entity are called, in every form in which the templates need it."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from django.apps import apps

from shared.domains.registry import SHARED_SCHEMA, domains
from shared.records.custom_fields.models import CustomFieldDefinition, FieldTerm, UniqueFieldValue
from shared.records.versions.models import is_version

_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 20
"""Names of roles, constraints and indexes are made of these words: PostgreSQL reads 63 letters, Django 30."""

_ROLES = {"owner", "operator", "history", "web", "worker", "migrator"}
_VARIABLES = {"bootstrap", "migration", "worker"}
"""Names whose role (`trellis_web`) or variable (`WORKER_DATABASE_URL`) means something else."""

_NOUNS_OF_THE_KIT = {
    "record",
    "tenant",
    "status",
    "title",
    "description",
    "changes",
    "values",
    "made",
    "models",
}


class RefusedNameError(ValueError):
    """A word cannot be used; the message says why, and what to do."""


@dataclass(frozen=True)
class Words:
    """The words that a domain is made of. ``plural`` is also the name of the table."""

    app: str
    schema: str
    title: str
    entity: str
    plural: str

    @classmethod
    def of(
        cls, app: str, *, schema: str = "", title: str = "", entity: str = "entry", plural: str = ""
    ) -> Words:
        """As asked for, the rest derived from it."""
        return cls(
            app=app,
            schema=schema or app,
            title=title or _spoken(app).capitalize(),
            entity=entity,
            plural=plural or plural_of(entity),
        )

    def forms(self) -> dict[str, str]:
        """Every form by its name in the templates."""
        word, words = _spoken(self.entity), _spoken(self.plural)
        a_word = f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
        return {
            "app": self.app,
            "App": _class_name(self.app),
            "schema": self.schema,
            "title": self.title,
            "entity": self.entity,
            "Entity": _class_name(self.entity),
            "plural": self.plural,
            "Entities": _class_name(self.plural),
            "path": self.plural.replace("_", "-"),
            "word": word,
            "words": words,
            "Words": words.capitalize(),
            "a_word": a_word,
            "A_word": a_word.capitalize(),
        }

    def check(self) -> None:
        """Raises RefusedNameError with one sentence for the first word that cannot be used here."""
        for fault in self._faults():
            raise RefusedNameError(fault)

    def _faults(self) -> Iterator[str]:
        for word, what in (
            (self.app, "the name of a domain"),
            (self.schema, "the name of a schema"),
            (self.entity, "the noun of an entity"),
            (self.plural, "its plural"),
        ):
            if not _IDENTIFIER.fullmatch(word) or len(word) > _LONGEST:
                yield (
                    f"{word!r} cannot be {what}: use at most {_LONGEST} small letters, digits and single "
                    "underscores, with a letter first."
                )
        yield from self._faults_of_app()
        yield from self._faults_of_schema()
        yield from self._faults_of_entity()
        if not re.fullmatch(r"\w[\w &.,'-]{0,39}", self.title):
            yield f"{self.title!r} cannot be a title: use at most 40 letters, digits, blanks and & . , ' -"

    def _faults_of_app(self) -> Iterator[str]:
        if self.app in {name for d in domains() for name in (d.name, d.app, *d.api)}:
            yield f"There is a domain {self.app!r} already (config/settings/domains.py): choose another name."
        if self.app in _ROLES | _VARIABLES:
            yield f"{self.app!r} means something else in roles and variables: choose another name."
        if keyword.iskeyword(self.app) or keyword.issoftkeyword(self.app):
            yield f"{self.app!r} is a word of Python: choose another name."
        if self.app in {config.label for config in apps.get_app_configs()} or find_spec(self.app) is not None:
            yield f"Python has a module or this checkout a folder {self.app!r}: choose another name."

    def _faults_of_schema(self) -> Iterator[str]:
        taken = {SHARED_SCHEMA, "public", "information_schema", *(domain.schema for domain in domains())}
        if self.schema in taken or self.schema.startswith(("pg_", "tenant_")):
            yield f"The schema {self.schema!r} belongs to somebody else: choose another one with --schema."

    def _faults_of_entity(self) -> Iterator[str]:
        for word in (self.entity, self.plural):
            if keyword.iskeyword(word) or keyword.issoftkeyword(word) or hasattr(builtins, word):
                yield f"{word!r} is a word of Python: choose another noun with --entity."
            if word in _NOUNS_OF_THE_KIT:
                yield f"{word!r} is a word of the kit: choose another noun with --entity."
        if self.entity == self.plural:
            yield f"The plural of {self.entity!r} must differ from it: give --plural."
        for model in apps.get_models():
            table = model._meta.db_table.rpartition(".")[2].strip('"')
            if model.__name__ == _class_name(self.entity) or table == self.plural:
                yield (
                    f"{_spoken(self.entity).capitalize()} is a word of {model._meta.app_label} already, and a word "
                    "has one meaning: choose another noun with --entity."
                )


def plural_of(word: str) -> str:
    """The regular English plural."""
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|z|ch|sh)$", word) else f"{word}s"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def installed_words(name: str) -> Words:
    """The words of a domain that ``startdomain`` made and that is still as it was made.

    Raises RefusedNameError if there is none, or it has grown since.
    """
    domain = next((d for d in domains() if d.name == name), None)
    if domain is None:
        raise RefusedNameError(
            f"There is no domain {name!r}: {', '.join(d.name for d in domains())} are declared."
        )
    definitions = (CustomFieldDefinition, FieldTerm, UniqueFieldValue)
    models = [
        model
        for model in apps.get_app_config(domain.app).get_models()
        if not issubclass(model, definitions) and not is_version(model)
    ]
    if domain.central or len(models) != 1:
        raise RefusedNameError(f"{name} is not as startdomain made it: take it back with git.")
    model = models[0]
    plural = model._meta.db_table.rpartition(".")[2].strip('"')
    entity = re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()
    return Words(app=domain.app, schema=domain.schema, title=domain.title, entity=entity, plural=plural)
