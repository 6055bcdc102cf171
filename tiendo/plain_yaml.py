"""YAML as people mean it: `on` and `no` are words, `17:00` is a time of day, and a code such as `01` keeps its zero.

YAML 1.1 reads these as true, false, 1020 and 1. Only true and false are truth values here, and only plain decimal numbers numbers.
"""

from __future__ import annotations

import re
from typing import Any

import yaml


class PlainLoader(yaml.SafeLoader):
    """SafeLoader with the guesses about words, times of day and leading zeros left out."""


def _moment(loader: PlainLoader, node: yaml.ScalarNode) -> Any:
    """A day or time; one that does not exist (2026-02-31) stays text, so that the model names it with its line."""
    try:
        return loader.construct_yaml_timestamp(node)
    except (ValueError, OverflowError):
        return node.value


PlainLoader.add_constructor("tag:yaml.org,2002:timestamp", _moment)
PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[1] not in ("bool", "int", "float")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]+$"), list("-+0123456789"))


def load(text: str) -> Any:
    """The document in `text`; raises yaml.YAMLError."""
    return yaml.load(text, Loader=PlainLoader)


def compose(text: str) -> yaml.Node | None:
    """The document's nodes, which know their lines; raises yaml.YAMLError."""
    return yaml.compose(text, Loader=PlainLoader)
